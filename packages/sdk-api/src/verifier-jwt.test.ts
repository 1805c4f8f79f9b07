import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { createTestIssuer, type TestIssuer, type TokenSettings } from './testing.ts';
import { createVerifier } from './verifier.ts';

const START = Date.UTC(2026, 10, 23, 12);
let nowMs = START;
const now = () => nowMs;
const logged: string[] = [];
const log = (message: string) => void logged.push(message);

afterEach(() => {
  nowMs = START;
  logged.length = 0;
});

async function setUp(options: Parameters<typeof createTestIssuer>[0] = {}) {
  const issuer = await createTestIssuer({ now, ...options });
  const { clientId: _, clientSecret: __, ...withoutCredentials } = issuer.verifierOptions;
  return { issuer, jwtOptions: { ...withoutCredentials, mode: 'jwt' as const, log } };
}

async function refusalOf(settings: TokenSettings) {
  const { issuer, jwtOptions } = await setUp();
  return createVerifier(jwtOptions).verify(await issuer.mintAccessToken(settings));
}

function keysFetched(issuer: TestIssuer): number {
  return issuer.requestedPaths.filter((path) => path === '/oauth/v2/keys').length;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('a good token', () => {
  for (const algorithm of ['ES256', 'RS256', 'EdDSA'] as const) {
    test(`RFC 9068 §4: a token signed with ${algorithm} by the issuer for this audience is accepted`, async () => {
      const { issuer, jwtOptions } = await setUp({ algorithm });
      const token = await issuer.mintAccessToken({ subject: 'u1', scopes: ['a', 'b'], roles: ['editor'] });
      const outcome = await createVerifier(jwtOptions).verify(token);
      expect(outcome).toMatchObject({
        kind: 'principal',
        subject: 'u1',
        clientId: '100000000000000001',
        scopes: ['a', 'b'],
        roles: ['editor'],
        organization: 'test-organization',
        token,
        isUser: true,
        isService: false,
      });
    });
  }

  for (const algorithm of ['RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES384', 'ES512'] as const) {
    test(`RFC 7518 §3.1: ${algorithm} is verified as jose signs it`, async () => {
      const curves = { ES384: 'P-384', ES512: 'P-521' };
      const pair =
        algorithm === 'ES384' || algorithm === 'ES512'
          ? generateKeyPairSync('ec', { namedCurve: curves[algorithm] })
          : generateKeyPairSync('rsa', { modulusLength: 2048 });
      const fetch = async (url: string) =>
        Response.json(
          url.endsWith('/keys')
            ? { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k' }] }
            : { issuer: 'https://id.test', jwks_uri: 'https://id.test/keys' },
        );
      const verifier = createVerifier({ issuer: 'https://id.test', mode: 'jwt', audience: 'p', fetch, log });
      const signToken = () =>
        new SignJWT({ client_id: '1', jti: 'j' })
          .setProtectedHeader({ alg: algorithm, kid: 'k', typ: 'JWT' })
          .setIssuer('https://id.test')
          .setAudience('p')
          .setSubject('s')
          .setExpirationTime('5m')
          .sign(pair.privateKey);
      expect((await verifier.verify(await signToken())).kind).toBe('principal');
      const [header, payload, signature = ''] = (await signToken()).split('.');
      const flipped = Buffer.from(signature, 'base64url');
      flipped[8] = (flipped[8] ?? 0) ^ 1;
      const forged = `${header}.${payload}.${flipped.toString('base64url')}`;
      expect(await verifier.verify(forged)).toMatchObject({ reason: 'signature' });
    });
  }

  test('the issuer may be configured with a trailing slash', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier({ ...jwtOptions, issuer: `${issuer.issuer}/` });
    expect((await verifier.verify(await issuer.mintAccessToken())).kind).toBe('principal');
  });

  test('one of several configured audiences is enough', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier({ ...jwtOptions, audience: ['other', issuer.projectId] });
    expect((await verifier.verify(await issuer.mintAccessToken())).kind).toBe('principal');
  });

  test('the principal and its claims cannot be changed by one request for the next', async () => {
    const { issuer, jwtOptions } = await setUp();
    const outcome = await createVerifier(jwtOptions).verify(
      await issuer.mintAccessToken({ roles: ['editor'] }),
    );
    expect(
      outcome.kind === 'principal' &&
        [outcome, outcome.roles, outcome.claims, outcome.claims.aud].every(Object.isFrozen),
    ).toBe(true);
  });
});

describe('claims', () => {
  test('an expired token is refused', async () => {
    expect(await refusalOf({ expiresInSeconds: -6 })).toMatchObject({
      kind: 'invalid-token',
      reason: 'expired',
    });
  });

  test('exp has five seconds of leeway and no more', async () => {
    expect((await refusalOf({ expiresInSeconds: -4 })).kind).toBe('principal');
    expect((await refusalOf({ expiresInSeconds: -5 })).kind).toBe('invalid-token');
  });

  test('nbf has the same leeway', async () => {
    expect((await refusalOf({ claims: { nbf: START / 1000 + 5 } })).kind).toBe('principal');
    expect(await refusalOf({ claims: { nbf: START / 1000 + 6 } })).toMatchObject({ reason: 'not-yet-valid' });
  });

  test('iat has the same leeway, may be left out, and times may have fractions', async () => {
    expect((await refusalOf({ claims: { iat: START / 1000 + 5 } })).kind).toBe('principal');
    expect(await refusalOf({ claims: { iat: START / 1000 + 6 } })).toMatchObject({ reason: 'not-yet-valid' });
    expect((await refusalOf({ claims: { iat: undefined } })).kind).toBe('principal');
    const fractions = { iat: START / 1000 - 0.5, nbf: START / 1000 - 0.5, exp: START / 1000 + 60.25 };
    expect((await refusalOf({ claims: fractions })).kind).toBe('principal');
  });

  test('a token for another audience is refused, and the message says which one to ask for', async () => {
    const outcome = await refusalOf({ audience: 'somebody-else' });
    expect(outcome).toMatchObject({
      reason: 'wrong-audience',
      message: expect.stringContaining('200000000000000001'),
    });
  });

  for (const [what, claims, reason] of [
    ['another issuer', { iss: 'https://evil.test' }, 'wrong-issuer'],
    ['no issuer', { iss: undefined }, 'wrong-issuer'],
    ['no audience', { aud: undefined }, 'wrong-audience'],
    ['an audience that is no string', { aud: [{ id: '200000000000000001' }] }, 'wrong-audience'],
    ['no expiry', { exp: undefined }, 'malformed'],
    ['an expiry in words', { exp: '2099-01-01' }, 'malformed'],
    ['an expiry of 2^60', { exp: 2 ** 60 }, 'malformed'],
    ['an expiry in milliseconds', { exp: START }, 'malformed'],
    ['a lifetime of more than 31 days', { exp: START / 1000 + 31 * 86_400 + 1 }, 'malformed'],
    ['a negative expiry', { exp: -1 }, 'malformed'],
    ['a lifetime of years, issued years ago', { iat: 1, exp: START / 1000 + 60 }, 'malformed'],
    ['an iat a day ahead', { iat: START / 1000 + 86_400 }, 'not-yet-valid'],
    ['an iat of 2^60', { iat: 2 ** 60 }, 'malformed'],
    ['an iat in words', { iat: 'today' }, 'malformed'],
    ['an nbf of 2^60', { nbf: 2 ** 60 }, 'malformed'],
    ['no subject', { sub: undefined }, 'no-subject'],
    ['a key binding (RFC 9449 §6)', { cnf: { jkt: 'x' } }, 'sender-constrained'],
    ['a nonce, as ID tokens have', { nonce: 'n' }, 'wrong-type'],
    ['at_hash, as ID tokens have', { at_hash: 'h' }, 'wrong-type'],
    ['events, as logout tokens have', { events: {} }, 'wrong-type'],
  ] as const) {
    test(`a token with ${what} is refused`, async () => {
      expect(await refusalOf({ claims })).toMatchObject({ kind: 'invalid-token', reason });
    });
  }

  test('an ID token is refused although signature, issuer and audience are right', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier(jwtOptions);
    expect(await verifier.verify(await issuer.mintIdToken())).toMatchObject({ reason: 'wrong-type' });
    // Without nonce and at_hash it still has an authorized party and no id.
    const bare = await issuer.mintIdToken({ claims: { at_hash: undefined } });
    expect(await verifier.verify(bare)).toMatchObject({ reason: 'wrong-type' });
  });
});

describe('a token whose header says JWT', () => {
  for (const jwtType of ['JWT', 'at+jwt'] as const) {
    test(`RFC 9068 §2.1: an access token with the header typ ${jwtType} is accepted`, async () => {
      const { issuer, jwtOptions } = await setUp();
      const token = await issuer.mintAccessToken({ jwtType, subject: 'u1' });
      expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).typ).toBe(jwtType);
      expect(await createVerifier(jwtOptions).verify(token)).toMatchObject({ subject: 'u1' });
    });
  }

  // What the issuer signs with the same keys and the same header, and an access token in disguise.
  for (const [what, claims] of [
    ['an ID token that names the client', { azp: 'c', client_id: 'c', jti: undefined }],
    ['an ID token with an id of its own', { azp: 'c', client_id: undefined, jti: 'i', at_hash: 'h' }],
    ['an ID token without azp, nonce and hashes', { client_id: undefined, jti: undefined }],
    ['an ID token that names the client alone', { client_id: 'c', jti: undefined }],
    ['signed user info', { client_id: undefined, jti: undefined, email: 'ada@example.com' }],
    ['a JWT without client_id', { client_id: undefined }],
    ['a JWT without jti', { jti: undefined }],
    ['an empty jti', { jti: '' }],
  ] as const) {
    test(`RFC 9068 §5: ${what} is no access token`, async () => {
      expect(await refusalOf({ claims })).toMatchObject({ kind: 'invalid-token', reason: 'wrong-type' });
    });
  }
});

describe('algorithm and header', () => {
  test('alg none is refused, with an empty and with a borrowed signature', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier(jwtOptions);
    const [, payload, signature] = (await issuer.mintAccessToken()).split('.');
    for (const alg of ['none', 'None', 'NONE']) {
      const header = encode({ alg, typ: 'at+jwt' });
      expect(await verifier.verify(`${header}.${payload}.`)).toMatchObject({ reason: 'algorithm' });
      expect(await verifier.verify(`${header}.${payload}.${signature}`)).toMatchObject({
        reason: 'algorithm',
      });
    }
  });

  test('RFC 8725 §2.1: a public key used as an HMAC secret (HS256) is refused', async () => {
    const { issuer, jwtOptions } = await setUp({ algorithm: 'RS256' });
    const [head, payload] = (await issuer.mintAccessToken()).split('.');
    const { kid } = JSON.parse(Buffer.from(head ?? '', 'base64url').toString());
    const published = await (await issuer.fetch(`${issuer.issuer}/oauth/v2/keys`, {})).text();
    const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${payload}`;
    const forged = `${input}.${createHmac('sha256', published).update(input).digest('base64url')}`;
    expect(await createVerifier(jwtOptions).verify(forged)).toMatchObject({ reason: 'algorithm' });
  });

  test('a key is used with its own algorithm only', async () => {
    const { issuer, jwtOptions } = await setUp({ algorithm: 'RS256' });
    const [head, payload, signature] = (await issuer.mintAccessToken()).split('.');
    const { kid } = JSON.parse(Buffer.from(head ?? '', 'base64url').toString());
    const verifier = createVerifier(jwtOptions);
    for (const alg of ['ES256', 'PS256', 'RS512', 'EdDSA']) {
      const forged = `${encode({ alg, typ: 'at+jwt', kid })}.${payload}.${signature}`;
      expect(await verifier.verify(forged)).toMatchObject({ reason: 'unknown-key' });
    }
  });

  test('a key brought along in the header (jwk, jku) is never used', async () => {
    const { issuer, jwtOptions } = await setUp();
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [, payload = ''] = (await issuer.mintAccessToken()).split('.');
    const forged = await new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()))
      .setProtectedHeader({
        alg: 'ES256',
        typ: 'at+jwt',
        jku: 'https://evil.test/keys',
        jwk: own.publicKey.export({ format: 'jwk' }) as { kty: string }, // Node types every member as optional
      })
      .sign(own.privateKey);
    expect(await createVerifier(jwtOptions).verify(forged)).toMatchObject({ reason: 'signature' });
    expect(issuer.requestedPaths).toEqual(['/.well-known/openid-configuration', '/oauth/v2/keys']);
  });

  for (const [what, change, reason] of [
    ['no type', { typ: undefined }, 'wrong-type'],
    ['the type of a logout token', { typ: 'logout+jwt' }, 'wrong-type'],
    ['critical extensions', { crit: ['exp'] }, 'malformed'],
    ['an unencoded payload', { b64: false }, 'malformed'],
  ] as const) {
    test(`a header with ${what} is refused`, async () => {
      const { issuer, jwtOptions } = await setUp();
      const [head = '', payload, signature] = (await issuer.mintAccessToken()).split('.');
      const header = { ...JSON.parse(Buffer.from(head, 'base64url').toString()), ...change };
      const outcome = await createVerifier(jwtOptions).verify(`${encode(header)}.${payload}.${signature}`);
      expect(outcome).toMatchObject({ kind: 'invalid-token', reason });
    });
  }

  test('a changed payload, a cut and a non-canonical signature are refused', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier(jwtOptions);
    const token = await issuer.mintAccessToken();
    const [head, payload = '', signature = ''] = token.split('.');
    const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'admin' };
    expect(await verifier.verify(`${head}.${encode(changed)}.${signature}`)).toMatchObject({
      reason: 'signature',
    });
    expect(await verifier.verify(token.slice(0, -6))).toMatchObject({ reason: 'signature' });
    // 64 bytes leave four unused bits in the last character; another value there is another text for the same bytes.
    const last = signature.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = alphabet[alphabet.indexOf(last) + 1] ?? '';
    expect(await verifier.verify(`${head}.${payload}.${signature.slice(0, -1)}${twin}`)).toMatchObject({
      reason: 'malformed',
    });
  });

  test('what is no JWT, or not even a token, is refused without asking anybody', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier(jwtOptions);
    for (const text of [
      'opaque',
      'a.b.c',
      '..',
      'a.b.c.d.e',
      '',
      'ü',
      'a b',
      'x'.repeat(20_000),
      'e30.e30.e30',
    ]) {
      expect(await verifier.verify(text)).toMatchObject({ kind: 'invalid-token', reason: 'malformed' });
    }
    expect(issuer.requestedPaths).toEqual([]);
  });
});

describe('keys', () => {
  test('after a rotation the new key is fetched once, and the old key is trusted no more', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier({ ...jwtOptions, positiveCacheSeconds: 0 });
    const oldToken = await issuer.mintAccessToken();
    expect((await verifier.verify(oldToken)).kind).toBe('principal');
    issuer.rotateKeys();
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(async () => verifier.verify(await issuer.mintAccessToken())),
    );
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(Array(4).fill('principal'));
    expect(keysFetched(issuer)).toBe(2);
    expect(await verifier.verify(oldToken)).toMatchObject({ reason: 'unknown-key' });
  });

  test('invented key ids cause one fetch in thirty seconds, whatever their number', async () => {
    const { issuer, jwtOptions } = await setUp();
    const stranger = await createTestIssuer({ now });
    const verifier = createVerifier(jwtOptions);
    await verifier.verify(await issuer.mintAccessToken());
    for (let i = 0; i < 20; i += 1) {
      stranger.rotateKeys();
      expect(await verifier.verify(await stranger.mintAccessToken())).toMatchObject({
        reason: 'unknown-key',
      });
    }
    expect(keysFetched(issuer)).toBe(2);
    nowMs += 30_000;
    await verifier.verify(await stranger.mintAccessToken());
    expect(keysFetched(issuer)).toBe(3);
  });

  test('simultaneous first tokens share one metadata and one key request', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier(jwtOptions);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.mintAccessToken()));
    await Promise.all(tokens.map((token) => verifier.verify(token)));
    expect(issuer.requestedPaths).toEqual(['/.well-known/openid-configuration', '/oauth/v2/keys']);
  });

  test('known keys go on working while the issuer is away, for an hour', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier({ ...jwtOptions, positiveCacheSeconds: 0 });
    const token = await issuer.mintAccessToken({ expiresInSeconds: 86_400 });
    await verifier.verify(token);
    issuer.setState('down');
    nowMs += 59 * 60_000;
    expect((await verifier.verify(token)).kind).toBe('principal');
    nowMs += 2 * 60_000;
    expect((await verifier.verify(token)).kind).toBe('issuer-unavailable');
    issuer.setState('up');
    nowMs += 2_000;
    expect((await verifier.verify(token)).kind).toBe('principal');
  });

  test('an unknown key id while the issuer is away is 503, not 401: nothing is known about it', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier(jwtOptions);
    await verifier.verify(await issuer.mintAccessToken());
    issuer.rotateKeys();
    issuer.setState('down');
    const token = await issuer.mintAccessToken();
    expect((await verifier.verify(token)).kind).toBe('issuer-unavailable');
    expect((await verifier.verify(token)).kind).toBe('issuer-unavailable');
    issuer.setState('up');
    nowMs += 1_000;
    expect((await verifier.verify(token)).kind).toBe('principal');
  });

  test('keys that are weak, symmetric or for encryption are passed over, and the good one still works', async () => {
    const { issuer, jwtOptions } = await setUp();
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const fetch = async (url: string, init: RequestInit) => {
      const response = await issuer.fetch(url, init);
      if (!url.endsWith('/keys')) return response;
      const { keys } = await response.json();
      const extra = [
        { ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak' },
        { kty: 'oct', k: 'c2VjcmV0', kid: 'oct' },
        { kty: 'EC', crv: 'P-256', x: 'broken', y: 'broken', kid: 'broken' },
        'not an object',
      ];
      return Response.json({ keys: [...extra, ...keys] });
    };
    const verifier = createVerifier({ ...jwtOptions, fetch });
    expect((await verifier.verify(await issuer.mintAccessToken())).kind).toBe('principal');
    const input = `${encode({ alg: 'RS256', kid: 'weak', typ: 'at+jwt' })}.${encode({ sub: 's' })}`;
    const weaklySigned = `${input}.${sign('sha256', Buffer.from(input), weak.privateKey).toString('base64url')}`;
    expect(await verifier.verify(weaklySigned)).toMatchObject({ reason: 'unknown-key' });
  });
});

describe('cache', () => {
  test('a checked token is checked again after positiveCacheSeconds', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier({ ...jwtOptions, positiveCacheSeconds: 10 });
    const token = await issuer.mintAccessToken();
    const first = await verifier.verify(token);
    nowMs += 9_999;
    expect(await verifier.verify(token)).toBe(first);
    nowMs += 1;
    expect(await verifier.verify(token)).not.toBe(first);
  });

  test('a kept token dies with its exp, whatever the cache time', async () => {
    const { issuer, jwtOptions } = await setUp();
    const verifier = createVerifier({ ...jwtOptions, positiveCacheSeconds: 30, clockToleranceSeconds: 0 });
    const token = await issuer.mintAccessToken({ expiresInSeconds: 3 });
    expect((await verifier.verify(token)).kind).toBe('principal');
    nowMs += 2_999;
    expect((await verifier.verify(token)).kind).toBe('principal');
    nowMs += 1;
    expect(await verifier.verify(token)).toMatchObject({ reason: 'expired' });
  });
});

test('a discovery document of another issuer is a setting to mend: 500 and a line that names it', async () => {
  const { issuer, jwtOptions } = await setUp();
  const fetch = async (url: string, init: RequestInit) =>
    issuer.fetch(url.replace('https://other.test', issuer.issuer), init);
  const verifier = createVerifier({ ...jwtOptions, issuer: 'https://other.test', fetch });
  const outcome = await verifier.verify(await issuer.mintAccessToken());
  expect(outcome.kind).toBe('verifier-misconfigured');
  expect(logged).toEqual([expect.stringContaining(`names the issuer ${issuer.issuer}`)]);
});

test('an https issuer that names an http endpoint is a setting to mend, and nothing is sent there', async () => {
  const { issuer, jwtOptions } = await setUp();
  const asked: string[] = [];
  const fetch = async (url: string) => {
    asked.push(url);
    return Response.json({ issuer: issuer.issuer, jwks_uri: 'http://issuer.test/oauth/v2/keys' });
  };
  const outcome = await createVerifier({ ...jwtOptions, fetch }).verify(await issuer.mintAccessToken());
  expect(outcome).toMatchObject({
    kind: 'verifier-misconfigured',
    detail: expect.stringContaining('not an https URL'),
  });
  expect(asked).toEqual(['https://issuer.test/.well-known/openid-configuration']);
});

test('roles of another project do not count, and the operator is told how to set the own one', async () => {
  const { issuer, jwtOptions } = await setUp();
  const foreign = { admin: { '1': 'x.test' } };
  const token = await issuer.mintAccessToken({
    claims: {
      'urn:zitadel:iam:org:project:roles': foreign,
      'urn:zitadel:iam:org:project:999:roles': foreign,
    },
  });
  const outcome = await createVerifier(jwtOptions).verify(token);
  expect(outcome).toMatchObject({ kind: 'principal', roles: [] });
  expect(logged).toEqual([expect.stringContaining('set projectId')]);
  const informed = await createVerifier({ ...jwtOptions, projectId: '999' }).verify(token);
  expect(informed).toMatchObject({ kind: 'principal', roles: ['admin'] });
});
