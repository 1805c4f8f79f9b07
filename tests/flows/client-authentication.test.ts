import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type ApplicationSeed,
  createCertificate,
  findFreePort,
  type SeededApplication,
  seedApplication,
  signAssertion,
  type TestServer,
} from '@latchkey/testkit';
import { exportJWK, SignJWT } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, basic, call, countRows, discover, engines } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface Keys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keysByAlgorithm: Readonly<Record<string, Keys>> = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
};

function keysOf(algorithm: string): Keys {
  const keys = keysByAlgorithm[algorithm];
  if (keys === undefined) throw new Error(`no keys for ${algorithm}`);
  return keys;
}

async function jwkOf({ publicKey }: Keys, more: Readonly<Record<string, unknown>> = {}) {
  return { ...(await exportJWK(publicKey)), ...more };
}

/** A server that publishes key sets; what it serves and how often it was asked can be changed and read. */
async function startKeyServer() {
  const state = { body: '{"keys":[]}', status: 200, calls: 0, headers: {} };
  const http: Server = createServer((_request, response) => {
    state.calls += 1;
    response
      .writeHead(state.status, { 'content-type': 'application/json', ...state.headers })
      .end(state.body);
  });
  const port = await findFreePort();
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  return {
    state,
    uri: `http://127.0.0.1:${port}/jwks`,
    target: `127.0.0.1:${port}`,
    stop: () => http.close(),
  };
}

describe.each(engines)('client authentication on $engine', ({ engine }) => {
  let world: ShopWorld;
  let server: TestServer;
  let keyServer: Awaited<ReturnType<typeof startKeyServer>>;
  beforeAll(async () => {
    keyServer = await startKeyServer();
    world = await startShopWorld(engine, { outboundAllow: [keyServer.target, '127.0.0.2/32'] });
    server = world.server;
  });
  afterAll(async () => {
    keyServer?.stop();
    await world?.stop();
  });

  function seed(settings: Partial<ApplicationSeed>): Promise<SeededApplication> {
    return seedApplication(server, world.shop, { type: 'web', authMethod: 'private_key_jwt', ...settings });
  }

  async function seedWithKey(algorithm: string, settings: Partial<ApplicationSeed> = {}) {
    const jwks = { keys: [await jwkOf(keysOf(algorithm), { kid: 'k1', alg: algorithm, use: 'sig' })] };
    return await seed({ jwks: JSON.stringify(jwks), ...settings });
  }

  interface AssertionParts {
    readonly alg: string;
    readonly key?: KeyObject | Uint8Array;
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly header?: Readonly<Record<string, unknown>>;
  }

  async function assertionOf({ clientId }: SeededApplication, parts: AssertionParts): Promise<string> {
    const now = Math.floor(server.clock.now() / 1000);
    const claims = {
      iss: clientId,
      sub: clientId,
      aud: server.issuer,
      exp: now + 60,
      iat: now,
      jti: randomUUID(),
      ...parts.claims,
    };
    const kept = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
    return await new SignJWT(kept)
      .setProtectedHeader({ alg: parts.alg, kid: 'k1', ...parts.header })
      .sign(parts.key ?? keysOf(parts.alg).privateKey);
  }

  /** Sends an assertion where it may change something; 200 says that the client was believed. */
  function send(client_assertion: string, path = '/oauth/v2/revoke', more = {}): Promise<Answer> {
    const form = { token: 'x', client_assertion, client_assertion_type: assertionType, ...more };
    return call(server, path, { form });
  }

  async function statusOf(application: SeededApplication, parts: AssertionParts): Promise<number> {
    const answer = await send(await assertionOf(application, parts));
    if (answer.status !== 200) expect(answer.body.error).toBe('invalid_client');
    return answer.status;
  }

  test.each(Object.keys(keysByAlgorithm))(
    'OpenID Connect Core §9: private_key_jwt by a key of the client’s JWK Set is accepted (%s)',
    async (alg) => {
      const application = await seedWithKey(alg);
      expect(await statusOf(application, { alg })).toBe(200);
      const { privateKey } = alg === 'EdDSA' ? generateKeyPairSync('ed25519') : keysOf('ES256');
      if (alg === 'EdDSA') expect(await statusOf(application, { alg, key: privateKey })).toBe(401);
    },
  );

  test('OpenID Connect Core §9: openid-client authenticates by private_key_jwt and by client_secret_jwt', async () => {
    const { privateKey } = keysOf('ES256');
    const key = await crypto.subtle.importKey(
      'pkcs8',
      privateKey.export({ type: 'pkcs8', format: 'der' }),
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    );
    const byKey = await seedWithKey('ES256');
    const withKey = await discover(server, byKey, client.PrivateKeyJwt({ key, kid: 'k1' }));
    await client.tokenRevocation(withKey, 'x');
    const bySecret = await seed({ authMethod: 'client_secret_jwt' });
    const withSecret = await discover(server, bySecret, client.ClientSecretJwt(bySecret.clientSecret));
    await client.tokenRevocation(withSecret, 'x');
    const wrong = await discover(server, bySecret, client.ClientSecretJwt(`${bySecret.clientSecret}x`));
    await expect(client.tokenRevocation(wrong, 'x')).rejects.toMatchObject({ status: 401 });
  });

  test.each(['HS256', 'HS384', 'HS512'])(
    'OpenID Connect Core §9: client_secret_jwt is accepted (%s), once, and not with another secret',
    async (alg) => {
      const application = await seed({ authMethod: 'client_secret_jwt' });
      const key = Buffer.from(application.clientSecret);
      const assertion = await assertionOf(application, { alg, key });
      expect((await send(assertion)).status).toBe(200);
      expect((await send(assertion)).status).toBe(401);
      expect(await statusOf(application, { alg, key: Buffer.from(`${application.clientSecret}x`) })).toBe(
        401,
      );
      expect(await statusOf(application, { alg, key: Buffer.alloc(64) })).toBe(401);
    },
  );

  test('RFC 8725 §2.1: a public key used as an HMAC secret proves nothing, and none proves nothing', async () => {
    const application = await seedWithKey('RS256');
    const pem = Buffer.from(rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString());
    expect(await statusOf(application, { alg: 'HS256', key: pem })).toBe(401);
    const signed = await assertionOf(application, { alg: 'RS256' });
    const none = Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url');
    const [, payload] = signed.split('.');
    expect((await send(`${none}.${payload}.AAAA`)).status).toBe(401);
    expect((await send(`${none}.${payload}.`)).status).toBe(401);
  });

  test('RFC 7523 §3: of 20 uses of one assertion at once one succeeds; a reading endpoint takes it again', async () => {
    const application = await seedWithKey('ES256');
    const assertion = await assertionOf(application, { alg: 'ES256' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(assertion)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array(19).fill(401)]);
    expect((await send(assertion, '/oauth/v2/introspect')).status).toBe(200);
    expect((await send(assertion, '/oauth/v2/introspect')).status).toBe(200);
  });

  test('RFC 7523 §3: aud is the issuer, with or without slash, the token endpoint or the endpoint called', async () => {
    const application = await seedWithKey('ES256');
    const statuses = async (audiences: readonly unknown[]) =>
      await Promise.all(audiences.map((aud) => statusOf(application, { alg: 'ES256', claims: { aud } })));
    const { issuer } = server;
    const good = [
      issuer,
      `${issuer}/`,
      `${issuer}/oauth/v2/token`,
      `${issuer}/oauth/v2/revoke`,
      [issuer, `${issuer}/oauth/v2/token`],
    ];
    expect(await statuses(good)).toEqual([200, 200, 200, 200, 200]);
    const bad = [`${issuer}/oauth/v2/introspect`, 'https://other.example', undefined, [], `${issuer}//`];
    expect(await statuses(bad)).toEqual([401, 401, 401, 401, 401]);
  });

  test('RFC 7523 §3: an assertion of another client, key or type is refused and writes nothing', async () => {
    const application = await seedWithKey('ES256');
    const other = await seedWithKey('ES384');
    const before = await countRows(server);
    const cases: readonly AssertionParts[] = [
      { alg: 'ES256', claims: { iss: other.clientId } },
      { alg: 'ES256', claims: { iss: other.clientId, sub: other.clientId } },
      { alg: 'ES256', claims: { sub: undefined } },
      { alg: 'ES256', header: { kid: 'k2' } },
      { alg: 'ES256', header: { typ: 'dpop+jwt' } },
      { alg: 'ES256', key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
      { alg: 'ES256', claims: { exp: undefined } },
      { alg: 'ES256', claims: { exp: 1 } },
      { alg: 'ES256', claims: { jti: undefined } },
      { alg: 'RS256' },
    ];
    for (const parts of cases) expect(await statusOf(application, parts), JSON.stringify(parts)).toBe(401);
    expect(await countRows(server)).toEqual(before);
  });

  test('OpenID Connect Core §10.1: without a kid the client’s keys that fit are tried', async () => {
    const keys = [
      await jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
      await jwkOf(keysOf('EdDSA')),
      await jwkOf(keysOf('ES256')),
    ];
    const application = await seed({ jwks: JSON.stringify({ keys }) });
    expect(await statusOf(application, { alg: 'ES256', header: { kid: undefined } })).toBe(200);
    expect(await statusOf(application, { alg: 'EdDSA', header: { kid: undefined } })).toBe(200);
    expect(await statusOf(application, { alg: 'ES384', header: { kid: undefined } })).toBe(401);
  });

  test('RFC 7517 §4: keys for encryption, for another algorithm or too weak sign nothing', async () => {
    const refused: readonly (readonly [string, Keys, Readonly<Record<string, unknown>>])[] = [
      ['ES256', keysOf('ES256'), { use: 'enc' }],
      ['ES256', keysOf('ES256'), { key_ops: ['encrypt'] }],
      ['PS256', rsa, { alg: 'RS256' }],
    ];
    for (const [alg, keys, more] of refused) {
      const jwks = JSON.stringify({ keys: [await jwkOf(keys, { kid: 'k1', ...more })] });
      const application = await seed({ jwks });
      expect(await statusOf(application, { alg, key: keys.privateKey }), alg).toBe(401);
    }
  });

  test('RFC 7518 §3.3: an RSA key of less than 2048 bits signs nothing', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const application = await seed({ jwks: JSON.stringify({ keys: [await jwkOf(weak, { kid: 'k1' })] }) });
    // jose refuses to sign with such a key, so the signature of a good one is replaced.
    const [header, payload] = (await assertionOf(application, { alg: 'RS256' })).split('.');
    const signature = sign('sha256', Buffer.from(`${header}.${payload}`), weak.privateKey);
    expect((await send(`${header}.${payload}.${signature.toString('base64url')}`)).status).toBe(401);
  });

  test('RFC 7517 §9.2: a JWK Set with a private key in it is not used', async () => {
    const { privateKey } = keysOf('ES256');
    const keys = [await jwkOf(keysOf('ES256'), { kid: 'k1' }), await exportJWK(privateKey)];
    const application = await seed({ jwks: JSON.stringify({ keys }) });
    expect(await statusOf(application, { alg: 'ES256' })).toBe(401);
  });

  test('OpenID Connect Registration §2: token_endpoint_auth_signing_alg leaves one algorithm', async () => {
    const settings = { tokenEndpointAuthSigningAlg: 'PS256' };
    const jwks = JSON.stringify({ keys: [await jwkOf(rsa, { kid: 'k1' })] });
    const application = await seed({ jwks, ...settings });
    expect(await statusOf(application, { alg: 'PS256' })).toBe(200);
    expect(await statusOf(application, { alg: 'RS256' })).toBe(401);
  });

  test('OpenID Connect Registration §2: the keys at jwks_uri are fetched, kept, and fetched anew for an unknown kid', async () => {
    const { state, uri } = keyServer;
    const publish = async (...kids: readonly string[]): Promise<void> => {
      const keys = await Promise.all(kids.map((kid) => jwkOf(keysOf('ES256'), { kid })));
      state.body = JSON.stringify({ keys });
    };
    const [first, second] = [await seed({ jwksUri: `${uri}?1` }), await seed({ jwksUri: `${uri}?2` })];
    const by = (kid: string, application = first) => statusOf(application, { alg: 'ES256', header: { kid } });
    await publish('a');
    state.calls = 0;
    expect(await Promise.all([by('a'), by('a'), by('a')])).toEqual([200, 200, 200]);
    expect(state.calls).toBe(1);
    await publish('a', 'b');
    expect(await by('b')).toBe(401);
    expect(state.calls).toBe(1);
    server.clock.advance(30_000);
    expect(await by('b')).toBe(200);
    expect(await by('nowhere')).toBe(401);
    expect(await by('nowhere')).toBe(401);
    expect(state.calls).toBe(2);
    await publish('c');
    server.clock.advance(300_000);
    expect(await by('a')).toBe(401);
    expect(state.calls).toBe(3);
    state.status = 500;
    expect([await by('c', second), await by('c', second)]).toEqual([401, 401]);
    expect(state.calls).toBe(4);
    state.status = 200;
    server.clock.advance(30_000);
    expect(await by('c', second)).toBe(200);
  });

  test.each([
    ['not JSON', '<html>'],
    ['no key set', '{"keys":1}'],
    ['larger than a key set may be', ' '.repeat(200_000)],
    ['a list', '[]'],
  ])('a jwks_uri that gives what is %s gives no keys and no error of ours', async (why, body) => {
    const { state, uri } = keyServer;
    state.body = body;
    const application = await seed({ jwksUri: `${uri}?${encodeURIComponent(why)}` });
    expect(await statusOf(application, { alg: 'ES256' })).toBe(401);
  });

  test('a jwks_uri inside our own network is never called', async () => {
    const inner = await startKeyServer();
    inner.state.body = JSON.stringify({ keys: [await jwkOf(keysOf('ES256'), { kid: 'k1' })] });
    const spellings = ['127.0.0.1', 'localhost', '127.1', '[::ffff:127.0.0.1]'];
    for (const host of spellings) {
      for (const scheme of ['http', 'https']) {
        const jwksUri = inner.uri.replace('http://127.0.0.1', `${scheme}://${host}`);
        const application = await seed({ jwksUri });
        expect(await statusOf(application, { alg: 'ES256' }), jwksUri).toBe(401);
      }
    }
    expect(inner.state.calls).toBe(0);
    inner.stop();
  });

  test('keys behind a TLS certificate that nobody trusts are not taken', async () => {
    const made = createCertificate({ subject: [['CN', '127.0.0.2']], ip: ['127.0.0.2'] });
    const calls: string[] = [];
    const impostor = createTlsServer(
      { key: made.privateKeyPem, cert: made.certificatePem },
      (request, response) => {
        calls.push(request.url ?? '');
        response.end(keyServer.state.body);
      },
    );
    const port = Number(new URL(keyServer.uri).port);
    await new Promise<void>((resolve) => impostor.listen(port, '127.0.0.2', resolve));
    keyServer.state.body = JSON.stringify({ keys: [await jwkOf(keysOf('ES256'), { kid: 'k1' })] });
    const application = await seed({ jwksUri: `https://127.0.0.2:${port}/jwks` });
    const plain = await seed({ jwksUri: `${keyServer.uri}?trusted` });
    expect(await statusOf(application, { alg: 'ES256' })).toBe(401);
    expect(await statusOf(plain, { alg: 'ES256' })).toBe(200);
    expect(calls).toEqual([]);
    impostor.close();
  });

  test('RFC 6749 §2.3: an application authenticates by its registered method only', async () => {
    const keyed = await seedWithKey('ES256', { authMethod: 'client_secret_basic' });
    expect(await statusOf(keyed, { alg: 'ES256' })).toBe(401);
    const signing = await seed({ authMethod: 'client_secret_jwt' });
    const tries = [
      { form: { token: 'x', client_id: signing.clientId } },
      { form: { token: 'x', client_id: signing.clientId, client_secret: signing.clientSecret } },
      { form: { token: 'x' }, headers: basic(signing.clientId, signing.clientSecret) },
    ];
    for (const attempt of tries) {
      const answer = await call(server, '/oauth/v2/revoke', attempt);
      expect(answer.status).toBe(401);
      expect(answer.body.error).toBe('invalid_client');
    }
  });

  describe('FAPI 2.0', () => {
    test.each(['PS256', 'ES256', 'EdDSA'])(
      'FAPI 2.0 Security Profile §5.4.1: an assertion by %s with the issuer as aud is accepted',
      async (alg) => {
        const application = await seedWithKey(alg, { securityProfile: 'fapi2' });
        expect(await statusOf(application, { alg })).toBe(200);
      },
    );

    test('FAPI 2.0 Security Profile §5.3.2.1: aud as a list or an endpoint, RS256 and old assertions are refused', async () => {
      const keys = [await jwkOf(rsa, { kid: 'k1' })];
      const application = await seed({ jwks: JSON.stringify({ keys }), securityProfile: 'fapi2' });
      const { issuer } = server;
      const now = Math.floor(server.clock.now() / 1000);
      const refused: readonly AssertionParts[] = [
        { alg: 'PS256', claims: { aud: [issuer] } },
        { alg: 'PS256', claims: { aud: `${issuer}/oauth/v2/token` } },
        { alg: 'PS256', claims: { aud: `${issuer}/oauth/v2/revoke` } },
        { alg: 'RS256' },
        { alg: 'PS256', claims: { exp: now - 60 } },
        { alg: 'PS256', claims: { exp: now + 3700 } },
        { alg: 'PS256', claims: { iat: now + 61 } },
        { alg: 'PS256', claims: { nbf: now + 61 } },
        { alg: 'PS256', claims: { sub: undefined } },
      ];
      for (const parts of refused)
        expect(await statusOf(application, parts), JSON.stringify(parts)).toBe(401);
      const ahead = { alg: 'PS256', claims: { nbf: now + 8, iat: now + 8 } };
      expect(await statusOf(application, ahead)).toBe(200);
    });

    test('FAPI 2.0 Security Profile §5.3.2.1: secrets and public clients are refused', async () => {
      const profile = { securityProfile: 'fapi2' } as const;
      const secret = await seed({ authMethod: 'client_secret_basic', ...profile });
      const open = await seed({ authMethod: 'none', ...profile });
      const signing = await seed({ authMethod: 'client_secret_jwt', ...profile });
      const answers = await Promise.all([
        call(server, '/oauth/v2/revoke', {
          form: { token: 'x' },
          headers: basic(secret.clientId, secret.clientSecret),
        }),
        call(server, '/oauth/v2/revoke', { form: { token: 'x', client_id: open.clientId } }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([401, 401]);
      const key = Buffer.from(signing.clientSecret);
      expect(await statusOf(signing, { alg: 'HS256', key })).toBe(401);
    });
  });

  test('ZITADEL dialect: a key file signs by RS256 with jti or without', async () => {
    const application = await seed({ type: 'api' });
    if (application.keyFile === undefined) throw new Error('no key file');
    const nowSeconds = Math.floor(server.clock.now() / 1000);
    for (const claims of [{}, { jti: undefined }]) {
      const text = signAssertion(application.keyFile, { audience: server.issuer, nowSeconds, claims });
      expect((await send(text)).status).toBe(200);
    }
  });
});
