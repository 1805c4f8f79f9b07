import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { type HttpDoor, openHttpDoor } from './testing/http-door.ts';
import { createTestIssuer, type TestIssuer } from './testing.ts';
import { createVerifier } from './verifier.ts';

const START = Date.UTC(2026, 10, 23, 12);
let nowMs = START;
const now = () => nowMs;
const logged: string[] = [];
const log = (message: string) => void logged.push(message);
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((door) => door.close()));
  nowMs = START;
  logged.length = 0;
});

/** A test issuer on a real port, asked through the real fetch. */
async function setUp() {
  const issuer = await createTestIssuer({ now, port: 0 });
  open.push(issuer);
  const { clientId, clientSecret } = issuer;
  return {
    issuer,
    options: { issuer: issuer.issuer, clientId, clientSecret, mode: 'introspect' as const, now, log },
  };
}

/** An issuer whose introspection endpoint answers as told. */
async function setUpAnswering(introspect: (request: Request) => Response | Promise<Response>) {
  const door: HttpDoor = await openHttpDoor(0, async (request) => {
    if (new URL(request.url).pathname === '/introspect') return introspect(request);
    return Response.json({ issuer: door.origin, introspection_endpoint: `${door.origin}/introspect` });
  });
  open.push(door);
  return { issuer: door.origin, clientId: '1', clientSecret: 's', mode: 'introspect' as const, now, log };
}

function introspections(issuer: TestIssuer): number {
  return issuer.requestedPaths.filter((path) => path === '/oauth/v2/introspect').length;
}

describe('answers of the issuer', () => {
  test('RFC 7662 §2.2: an active token becomes the principal of the response', async () => {
    const { issuer, options } = await setUp();
    const token = await issuer.mintAccessToken({
      format: 'opaque',
      subject: 'u1',
      roles: ['editor'],
      scopes: ['a'],
    });
    expect(await createVerifier(options).verify(token)).toMatchObject({
      kind: 'principal',
      subject: 'u1',
      roles: ['editor'],
      rolesByOrganization: { 'test-organization': ['editor'] },
      scopes: ['a'],
    });
  });

  test('JWTs too are introspected in mode introspect, so a revocation counts', async () => {
    const { issuer, options } = await setUp();
    const verifier = createVerifier({ ...options, positiveCacheSeconds: 0 });
    const token = await issuer.mintAccessToken();
    expect((await verifier.verify(token)).kind).toBe('principal');
    issuer.revoke(token);
    expect(await verifier.verify(token)).toMatchObject({ kind: 'invalid-token', reason: 'inactive' });
  });

  test('mode auto checks a JWT without introspection and introspects every other token', async () => {
    const { issuer, options } = await setUp();
    const verifier = createVerifier({ ...options, audience: issuer.projectId, mode: 'auto' });
    expect((await verifier.verify(await issuer.mintAccessToken())).kind).toBe('principal');
    expect(introspections(issuer)).toBe(0);
    expect((await verifier.verify(await issuer.mintAccessToken({ format: 'opaque' }))).kind).toBe(
      'principal',
    );
    expect(introspections(issuer)).toBe(1);
    // Five parts are an encrypted token, which only the issuer can read.
    expect(await verifier.verify('a.b.c.d.e')).toMatchObject({ reason: 'inactive' });
    expect(introspections(issuer)).toBe(2);
  });

  test('mode auto holds JWTs against the client id when no audience is set', async () => {
    const { issuer, options } = await setUp();
    const verifier = createVerifier({ ...options, mode: 'auto' });
    expect((await verifier.verify(await issuer.mintAccessToken({ audience: issuer.clientId }))).kind).toBe(
      'principal',
    );
    expect(await verifier.verify(await issuer.mintAccessToken({ audience: 'x' }))).toMatchObject({
      reason: 'wrong-audience',
    });
  });

  test('a token whose audience is another API is inactive here', async () => {
    const { issuer, options } = await setUp();
    const token = await issuer.mintAccessToken({ format: 'opaque', audience: 'x' });
    expect(await createVerifier(options).verify(token)).toMatchObject({ reason: 'inactive' });
  });

  test('a configured audience is checked in addition', async () => {
    const { issuer, options } = await setUp();
    const token = await issuer.mintAccessToken({ format: 'opaque' });
    expect(await createVerifier({ ...options, audience: 'x' }).verify(token)).toMatchObject({
      reason: 'wrong-audience',
    });
  });

  for (const [what, response, reason] of [
    ['past its exp', { exp: START / 1000 - 60 }, 'expired'],
    ['before its nbf', { nbf: START / 1000 + 60 }, 'not-yet-valid'],
    ['bound to a key (RFC 7800)', { cnf: { 'x5t#S256': 'x' } }, 'sender-constrained'],
    ['of type DPoP', { token_type: 'DPoP' }, 'sender-constrained'],
    ['without subject', { sub: undefined }, 'no-subject'],
  ] as const) {
    test(`a token called active but ${what} is refused`, async () => {
      const options = await setUpAnswering(() => Response.json({ active: true, sub: 's', ...response }));
      expect(await createVerifier(options).verify('t')).toMatchObject({ kind: 'invalid-token', reason });
    });
  }
});

describe('our own credentials', () => {
  test('RFC 6749 §2.3.1: id and secret are form-urlencoded inside Basic', async () => {
    const seen: (string | null)[] = [];
    const options = await setUpAnswering((request) => {
      seen.push(request.headers.get('authorization'));
      return Response.json({ active: false });
    });
    await createVerifier({ ...options, clientId: 'a b', clientSecret: 'p:ä+%' }).verify('t');
    expect(seen).toEqual([`Basic ${btoa('a+b:p%3A%C3%A4%2B%25')}`]);
  });

  for (const [status, error] of [
    [401, 'invalid_client'],
    [400, 'unauthorized_client'],
    [403, 'access_denied'],
  ] as const) {
    test(`a wrong own secret (${status} ${error}) is a setting to mend, never a refusal of the token`, async () => {
      let asked = 0;
      const options = await setUpAnswering(() => {
        asked += 1;
        return Response.json({ error }, { status });
      });
      const verifier = createVerifier({ ...options, clientSecret: 'very-secret-value' });
      const outcome = await verifier.verify('token-text');
      expect(outcome.kind).toBe('verifier-misconfigured');
      expect(logged).toEqual([expect.stringContaining('Check clientId with clientSecret or keyFile')]);
      expect(logged.join()).not.toMatch(/very-secret-value|token-text/);
      // Every failed try counts against the issuer's limit, so other tokens do not cause more of them at once.
      expect((await verifier.verify('another')).kind).toBe('verifier-misconfigured');
      expect(asked).toBe(1);
      nowMs += 5_000;
      await verifier.verify('another');
      expect(asked).toBe(2);
    });
  }

  test('the issuer refuses a wrong secret and accepts it once it is mended', async () => {
    const { issuer, options } = await setUp();
    const token = await issuer.mintAccessToken({ format: 'opaque' });
    expect((await createVerifier({ ...options, clientSecret: 'x' }).verify(token)).kind).toBe(
      'verifier-misconfigured',
    );
    expect((await createVerifier(options).verify(token)).kind).toBe('principal');
  });

  test('RFC 7523 §3: a key file authenticates by an assertion with iss, sub, aud, exp, jti and kid', async () => {
    const { issuer, options } = await setUp();
    const keyFile = issuer.createKeyFile();
    const { clientId: _, clientSecret: __, ...rest } = options;
    const token = await issuer.mintAccessToken({ format: 'opaque' });
    expect((await createVerifier({ ...rest, keyFile }).verify(token)).kind).toBe('principal');

    const assertions: string[] = [];
    const recording = await setUpAnswering(async (request) => {
      const form = new URLSearchParams(await request.text());
      expect(form.get('client_assertion_type')).toBe(
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      );
      expect(request.headers.get('authorization')).toBeNull();
      assertions.push(form.get('client_assertion') ?? '');
      return Response.json({ active: false });
    });
    const verifier = createVerifier({ issuer: recording.issuer, mode: 'introspect', keyFile, now, log });
    await verifier.verify('t1');
    await verifier.verify('t2');
    nowMs += 181_000;
    await verifier.verify('t3');
    const [first = '', second, third = ''] = assertions;
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(decodeProtectedHeader(first)).toMatchObject({ alg: 'RS256', kid: keyFile.keyId });
    const { payload } = await jwtVerify(first, createPublicKey(keyFile.key), {
      issuer: keyFile.clientId,
      subject: keyFile.clientId,
      audience: recording.issuer,
      currentDate: new Date(START),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(300);
    expect(payload.jti).not.toBe(decodeJwt(third).jti);
  });

  test('RFC 7523 §3: an issuer that takes each assertion once is shown a new one each time', async () => {
    const { issuer } = await setUp();
    const seen = new Set<string>();
    const options = await setUpAnswering(async (request) => {
      const assertion = new URLSearchParams(await request.text()).get('client_assertion') ?? '';
      if (seen.has(assertion)) return Response.json({ error: 'invalid_client' }, { status: 401 });
      seen.add(assertion);
      return Response.json({ active: true, sub: 's' });
    });
    const keyFile = issuer.createKeyFile();
    const verifier = createVerifier({ issuer: options.issuer, mode: 'introspect', keyFile, now, log });
    for (const token of ['t1', 't2', 't3', 't4'])
      expect((await verifier.verify(token)).kind).toBe('principal');
    expect(seen.size).toBe(4);
    expect(logged).toEqual([]);
  });
});

describe('an issuer in trouble', () => {
  test('down: the outcome is issuer-unavailable and heals by itself', async () => {
    const { issuer, options } = await setUp();
    const verifier = createVerifier(options);
    const token = await issuer.mintAccessToken({ format: 'opaque' });
    issuer.setState('down');
    expect(await verifier.verify(token)).toMatchObject({ kind: 'issuer-unavailable', retryAfterSeconds: 1 });
    expect(logged).toHaveLength(1);
    issuer.setState('up');
    nowMs += 1_000;
    expect((await verifier.verify(token)).kind).toBe('principal');
  });

  test('nobody listens: the outcome is issuer-unavailable and the log says why', async () => {
    const { issuer, options } = await setUp();
    await issuer.close();
    open.length = 0;
    expect((await createVerifier(options).verify('t')).kind).toBe('issuer-unavailable');
    expect(logged).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });

  test('slow: the outcome is issuer-unavailable after timeoutMs, never "invalid"', async () => {
    const { issuer, options } = await setUp();
    issuer.setState('hanging');
    const startedAt = performance.now();
    expect((await createVerifier({ ...options, timeoutMs: 100 }).verify('t')).kind).toBe(
      'issuer-unavailable',
    );
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  test('slow by two calls: metadata and introspection share one timeoutMs', async () => {
    const { issuer, options } = await setUp();
    await issuer.mintAccessToken();
    const never = new EventTarget();
    const fetch = async (url: string, init: RequestInit) => {
      // Ignores its signal, as a careless replacement may.
      if (url.endsWith('/introspect')) await once(never, 'never');
      return globalThis.fetch(url, init);
    };
    expect((await createVerifier({ ...options, fetch, timeoutMs: 100 }).verify('t')).kind).toBe(
      'issuer-unavailable',
    );
  });

  test('a body that never ends is given up at timeoutMs', async () => {
    const options = await setUpAnswering(() => Response.json({ active: true }));
    const fetch = async (url: string, init: RequestInit) =>
      url.endsWith('/introspect')
        ? new Response(
            new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])) }),
          )
        : globalThis.fetch(url, init);
    expect((await createVerifier({ ...options, fetch, timeoutMs: 100 }).verify('t')).kind).toBe(
      'issuer-unavailable',
    );
  });

  for (const [what, answer] of [
    ['500', () => Response.json({ active: false }, { status: 500 })],
    ['503', () => new Response('', { status: 503, headers: { 'retry-after': '7' } })],
    ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['an answer without active', () => Response.json({ sub: 's' })],
    ['active in words', () => Response.json({ active: 'true', sub: 's' })],
    ['an endless answer', () => new Response('x'.repeat(2_000_000))],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://evil.test/' } })],
  ] as const) {
    test(`${what} instead of an introspection response is issuer-unavailable`, async () => {
      const options = await setUpAnswering(answer);
      expect((await createVerifier(options).verify('t')).kind).toBe('issuer-unavailable');
    });
  }

  test('a redirect is not followed, not even to an answer that would do', async () => {
    const options = await setUpAnswering((request) =>
      request.method === 'POST'
        ? new Response(null, { status: 302, headers: { location: '/introspect' } })
        : Response.json({ active: true, sub: 's' }),
    );
    expect((await createVerifier(options).verify('t')).kind).toBe('issuer-unavailable');
  });

  test('Retry-After of the issuer is handed on', async () => {
    const options = await setUpAnswering(
      () => new Response('', { status: 429, headers: { 'retry-after': '7' } }),
    );
    expect(await createVerifier(options).verify('t')).toMatchObject({ retryAfterSeconds: 7 });
  });

  test('a trouble is not kept: the next request asks again', async () => {
    let isBroken = true;
    const options = await setUpAnswering(() =>
      isBroken ? new Response('', { status: 500 }) : Response.json({ active: true, sub: 's' }),
    );
    const verifier = createVerifier(options);
    expect((await verifier.verify('t')).kind).toBe('issuer-unavailable');
    isBroken = false;
    expect((await verifier.verify('t')).kind).toBe('principal');
  });

  test('more than 512 different tokens at once are turned away without waiting', async () => {
    const { issuer, options } = await setUp();
    issuer.setState('hanging');
    const verifier = createVerifier({ ...options, fetch: issuer.fetch, timeoutMs: 300 });
    const waiting = Array.from({ length: 512 }, (_, index) => verifier.verify(`t${index}`));
    expect(await verifier.verify('one-more')).toMatchObject({
      kind: 'issuer-unavailable',
      detail: '512 introspections are under way',
    });
    await Promise.all(waiting);
  });
});

describe('caches', () => {
  test('one hundred simultaneous requests with one token cause one introspection', async () => {
    const { issuer, options } = await setUp();
    const verifier = createVerifier(options);
    const token = await issuer.mintAccessToken({ format: 'opaque' });
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => verifier.verify(token)));
    expect(new Set(outcomes).size).toBe(1);
    expect(introspections(issuer)).toBe(1);
  });

  test('a revocation counts after positiveCacheSeconds at the latest', async () => {
    const { issuer, options } = await setUp();
    const verifier = createVerifier(options);
    const token = await issuer.mintAccessToken({ format: 'opaque' });
    await verifier.verify(token);
    issuer.revoke(token);
    nowMs += 9_999;
    expect((await verifier.verify(token)).kind).toBe('principal');
    nowMs += 1;
    expect((await verifier.verify(token)).kind).toBe('invalid-token');
  });

  test('a kept answer never outlives exp', async () => {
    const { issuer, options } = await setUp();
    const verifier = createVerifier({ ...options, positiveCacheSeconds: 30 });
    const token = await issuer.mintAccessToken({ format: 'opaque', expiresInSeconds: 2 });
    expect((await verifier.verify(token)).kind).toBe('principal');
    nowMs += 2_000;
    expect(await verifier.verify(token)).toMatchObject({ reason: 'inactive' });
    expect(introspections(issuer)).toBe(2);
  });

  test('an inactive token is asked about again after negativeCacheSeconds', async () => {
    const { issuer, options } = await setUp();
    const verifier = createVerifier(options);
    for (let i = 0; i < 5; i += 1)
      expect(await verifier.verify('unknown')).toMatchObject({ reason: 'inactive' });
    expect(introspections(issuer)).toBe(1);
    nowMs += 2_000;
    await verifier.verify('unknown');
    expect(introspections(issuer)).toBe(2);
  });

  test('what the issuer writes into an error stays on one line of the log', async () => {
    const options = await setUpAnswering(() => Response.json({ error: 'a\nb\u001b[2J' }, { status: 401 }));
    await createVerifier(options).verify('t');
    expect(logged).toEqual([expect.stringMatching(/^\P{Cc}+$/u)]);
  });

  test('the same trouble is logged once a minute', async () => {
    const options = await setUpAnswering(() => new Response('', { status: 500 }));
    const verifier = createVerifier(options);
    for (let i = 0; i < 5; i += 1) await verifier.verify(`t${i}`);
    expect(logged).toHaveLength(1);
    nowMs += 60_000;
    await verifier.verify('t');
    expect(logged).toHaveLength(2);
  });
});
