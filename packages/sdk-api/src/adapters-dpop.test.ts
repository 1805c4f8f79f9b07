import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frameworks } from './test-support/frameworks.ts';
import type { RunningApp } from './test-support/running-app.ts';
import { createTestIssuer, type TestIssuer } from './testing.ts';
import { createVerifier } from './verifier.ts';

describe.each(frameworks)('DPoP behind %s', (_name, start) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  let issuer: TestIssuer;
  let app: RunningApp;
  let token: string;

  beforeAll(async () => {
    issuer = await createTestIssuer();
    app = await start(createVerifier({ ...issuer.verifierOptions, mode: 'jwt', log: () => undefined }));
    const jkt = await calculateJwkThumbprint({ ...jwk, kty: 'EC' });
    token = await issuer.mintAccessToken({ subject: 'ada', claims: { cnf: { jkt } } });
  });
  afterAll(() => app?.close());

  function proofFor(htu: string): Promise<string> {
    const ath = createHash('sha256').update(token).digest('base64url');
    return new SignJWT({ htm: 'GET', htu, ath, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: { ...jwk, kty: 'EC' } })
      .setIssuedAt()
      .sign(privateKey);
  }

  function ask(path: string, dpop: string, authorization = `DPoP ${token}`): Promise<Response> {
    return fetch(app.origin + path, { headers: { authorization, dpop } });
  }

  test('RFC 9449 §7.1: a proof for the address of the request opens the door, once', async () => {
    const proof = await proofFor(`${app.origin}/me`);
    const answer = await ask('/me?a=b', proof);
    expect([answer.status, await answer.json()]).toMatchObject([200, { who: 'ada' }]);
    const again = await ask('/me', proof);
    expect(again.status).toBe(401);
    expect(again.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_dpop_proof"/);
  });

  test('RFC 9449 §7.1: a proof for another address, or the Bearer scheme, does not', async () => {
    expect((await ask('/me', await proofFor('https://other.example/me'))).status).toBe(401);
    const bearer = await ask('/me', await proofFor(`${app.origin}/me`), `Bearer ${token}`);
    expect(bearer.status).toBe(401);
    expect(bearer.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_token"/);
  });

  test('RFC 9449 §7.1: whatever is wrong with a request by DPoP, the challenge is a DPoP challenge', async () => {
    const address = `${app.origin}/me`;
    const expired = await issuer.mintAccessToken({ expiresInSeconds: -60 });
    for (const [authorization, error] of [
      ['DPoP invented', 'invalid_token'],
      [`DPoP ${expired}`, 'invalid_token'],
      [`dpop ${await issuer.mintIdToken()}`, 'invalid_token'],
      [`DPoP ${await issuer.mintAccessToken()}`, 'invalid_token'],
      ['DPoP a b', 'invalid_request'],
    ] as const) {
      const challenge = (await ask('/me', await proofFor(address), authorization)).headers.get(
        'www-authenticate',
      );
      expect(challenge).toMatch(/^DPoP realm="quotes", algs="ES256 /);
      expect(challenge).toContain(`error="${error}"`);
    }
    const poor = await ask('/news', await proofFor(`${app.origin}/news`));
    expect(poor.status).toBe(403);
    expect(poor.headers.get('www-authenticate')).toMatch(
      /^DPoP .*error="insufficient_scope".*scope="news:read news:list"/,
    );
    const weak = await ask('/strong', await proofFor(`${app.origin}/strong`));
    expect(weak.status).toBe(401);
    expect(weak.headers.get('www-authenticate')).toMatch(/^DPoP .*error="insufficient_user_authentication"/);
  });

  test('behind a proxy the address that clients call is the configured one', async () => {
    expect((await ask('/proxied', await proofFor('https://api.example.com/proxied'))).status).toBe(200);
    expect((await ask('/proxied', await proofFor(`${app.origin}/proxied`))).status).toBe(401);
  });
});
