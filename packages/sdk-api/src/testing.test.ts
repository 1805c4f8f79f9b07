import { createRemoteJWKSet, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { createTestIssuer } from './testing.ts';
import { createVerifier } from './verifier.ts';

test('a consumer tests its API with a verifier and no server', async () => {
  const issuer = await createTestIssuer();
  const verifier = createVerifier({ ...issuer.verifierOptions, mode: 'auto' });
  const token = await issuer.mintAccessToken({ subject: 'ada', roles: ['editor'] });
  expect(await verifier.verify(token)).toMatchObject({ subject: 'ada', roles: ['editor'] });
});

test('with a port, an independent client finds metadata and keys over HTTP', async () => {
  const issuer = await createTestIssuer({ port: 0 });
  const metadata = await (await fetch(`${issuer.issuer}/.well-known/openid-configuration`)).json();
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const { payload } = await jwtVerify(await issuer.mintAccessToken({ subject: 'ada' }), keys, {
    issuer: issuer.issuer,
    audience: issuer.projectId,
    typ: 'JWT',
  });
  await issuer.close();
  expect(payload.sub).toBe('ada');
});

test('RFC 7662 §2.1: introspection needs the credentials and a token', async () => {
  const issuer = await createTestIssuer();
  const introspect = (init: RequestInit) =>
    issuer.fetch(`${issuer.issuer}/oauth/v2/introspect`, { method: 'POST', ...init });
  const refused = await introspect({ body: new URLSearchParams({ token: 't' }) });
  expect([refused.status, await refused.json()]).toMatchObject([401, { error: 'invalid_client' }]);
  const authorization = `Basic ${btoa(`${issuer.clientId}:${issuer.clientSecret}`)}`;
  expect((await introspect({ headers: { authorization } })).status).toBe(400);
  const unknown = await introspect({ headers: { authorization }, body: new URLSearchParams({ token: 't' }) });
  expect(await unknown.json()).toEqual({ active: false });
});

test('a key of another application authenticates nobody', async () => {
  const [issuer, other] = [await createTestIssuer(), await createTestIssuer()];
  const { clientId: _, clientSecret: __, ...options } = issuer.verifierOptions;
  const verifier = createVerifier({
    ...options,
    mode: 'introspect',
    keyFile: other.createKeyFile(),
    log: () => {},
  });
  expect((await verifier.verify('t')).kind).toBe('verifier-misconfigured');
});

test('requests for other origins reject, so a test never leaves the machine by mistake', async () => {
  const issuer = await createTestIssuer();
  await expect(issuer.fetch('https://example.com/', {})).rejects.toThrow('not the test issuer');
});
