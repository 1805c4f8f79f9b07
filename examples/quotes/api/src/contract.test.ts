import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestIssuer, type TestIssuer } from '@latchkey/api/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { quotes } from './quotes.ts';
import { implementations, spawnApi, startApi } from './running-api.ts';

const webOrigin = 'http://localhost:3000';
const inactive =
  'The access token is expired, revoked or not meant for this API. Refresh it or sign in again, ' +
  "and ask for this API's project in the audience.";
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function get(origin: string, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(origin + path, { headers });
  const body: unknown = await response.json();
  return { response, body };
}

/** The status of a request whose header lines are sent exactly as given, which `fetch` would join. */
function statusOfRaw(url: string, headers: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers: ['host', new URL(url).host, ...headers] });
    request.once('error', reject).once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.end();
  });
}

describe.each(implementations)('the quotes API in $name', (implementation) => {
  let issuer: TestIssuer;
  let api: Awaited<ReturnType<typeof startApi>>;

  const settings = () => {
    const {
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      issuer: ISSUER,
      projectId: PROJECT_ID,
    } = issuer;
    return { ISSUER, CLIENT_ID, CLIENT_SECRET, PROJECT_ID };
  };

  beforeAll(async () => {
    issuer = await createTestIssuer({ port: 0 });
    api = await startApi(implementation, { ...settings(), WEB_ORIGIN: webOrigin });
  });
  afterEach(() => issuer.setState('up'));
  afterAll(async () => {
    await api?.stop();
    await issuer?.close();
  });

  test('GET /healthz: 200 without a token and without asking the issuer', async () => {
    const asked = [...issuer.requestedPaths];
    const { response, body } = await get(api.origin, '/healthz');
    expect([response.status, body]).toEqual([200, { status: 'ok' }]);
    expect(issuer.requestedPaths).toEqual(asked);
  });

  test.each(['jwt', 'opaque'] as const)('200 with a quotation for a good %s token', async (format) => {
    const token = await issuer.mintAccessToken({ format });
    const { response, body } = await get(api.origin, '/api/quote', bearer(token));
    expect(response.status).toBe(200);
    expect(quotes).toContainEqual(body);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test.each(['/api/quote', '/api/introspection'])(
    'RFC 6750 §3.1: 401 with a challenge without error for %s without a token',
    async (path) => {
      for (const headers of [{}, { Authorization: 'Basic YTpi' }]) {
        const { response, body } = await get(api.origin, path, headers);
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"');
        expect(body).toEqual({
          error: 'missing_token',
          error_description: 'This API needs an access token. Send: Authorization: Bearer <access token>.',
        });
      }
    },
  );

  test.each([
    ['an invented token', async () => 'invented'],
    ['an expired token', async () => issuer.mintAccessToken({ expiresInSeconds: -60 })],
    ['a token for another project', async () => issuer.mintAccessToken({ audience: '999' })],
    ['an ID token', async () => issuer.mintIdToken()],
    [
      'a revoked token',
      async () => {
        const token = await issuer.mintAccessToken();
        issuer.revoke(token);
        return token;
      },
    ],
  ])('RFC 6750 §3.1: 401 invalid_token for %s', async (_name, mint) => {
    const { response, body } = await get(api.origin, '/api/quote', bearer(await mint()));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer realm="api", error="invalid_token", error_description="${inactive}"`,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({ error: 'invalid_token', error_description: inactive });
  });

  test('RFC 7662 §4: 401 for an active token whose audience is not the project', async () => {
    const token = await issuer.mintAccessToken({ audience: issuer.clientId });
    const { response, body } = await get(api.origin, '/api/quote', bearer(token));
    expect(response.status).toBe(401);
    expect(body).toEqual({
      error: 'invalid_token',
      error_description: `The access token is not for this API. Ask for the audience ${issuer.projectId}.`,
    });
  });

  test('RFC 9449 §7.1: 401 for a token that is bound to a key and sent as Bearer', async () => {
    const token = await issuer.mintAccessToken({ claims: { cnf: { jkt: 'of-another-key' } } });
    const { response, body } = await get(api.origin, '/api/quote', bearer(token));
    expect(response.status).toBe(401);
    expect(body).toMatchObject({ error: 'invalid_token', error_description: expect.stringMatching(/key/) });
  });

  test('RFC 6750 §3.1: 400 invalid_request for a malformed header and for a second token', async () => {
    const token = await issuer.mintAccessToken();
    const second = await get(api.origin, `/api/quote?access_token=${token}`, bearer(token));
    expect([second.response.status, second.body]).toMatchObject([400, { error: 'invalid_request' }]);
    expect(second.response.headers.get('www-authenticate')).toContain('error="invalid_request"');
    const url = `${api.origin}/api/quote`;
    for (const value of ['Bearer', 'Bearer a b', 'Bearer "x"', 'Bearer \u00e4', 'Bearer a,b'])
      expect([value, await statusOfRaw(url, ['authorization', value])]).toEqual([value, 400]);
    const good = bearer(token).Authorization;
    expect(await statusOfRaw(url, ['authorization', good, 'authorization', 'Bearer other'])).toBe(400);
    expect(await statusOfRaw(url, ['authorization', `bearer ${token}`])).toBe(200);
  });

  test('503 with Retry-After, never 401, when the issuer is away or hangs', async () => {
    for (const state of ['down', 'hanging'] as const) {
      const token = await issuer.mintAccessToken();
      issuer.setState(state);
      const { response, body } = await get(api.origin, '/api/quote', bearer(token));
      expect([state, response.status]).toEqual([state, 503]);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(response.headers.get('www-authenticate')).toBeNull();
      expect(body).toEqual({
        error: 'temporarily_unavailable',
        error_description:
          'The access token cannot be checked right now. Try again shortly with the same token.',
      });
    }
  });

  test('an API that starts while the issuer is away answers once it is back', async () => {
    issuer.setState('down');
    const early = await startApi(implementation, settings());
    try {
      const headers = bearer(await issuer.mintAccessToken());
      expect((await get(early.origin, '/api/quote', headers)).response.status).toBe(503);
      issuer.setState('up');
      const status = async () => (await get(early.origin, '/api/quote', headers)).response.status;
      await expect.poll(status, { timeout: 20_000 }).toBe(200);
    } finally {
      await early.stop();
    }
  });

  test('500 that gives nothing away when the API has a wrong secret; the log names the issuer', async () => {
    const own = await startApi(implementation, { ...settings(), CLIENT_SECRET: 'wrong-secret' });
    try {
      const headers = bearer(await issuer.mintAccessToken());
      const { response, body } = await get(own.origin, '/api/quote', headers);
      expect(response.status).toBe(500);
      expect(body).toEqual({
        error: 'server_error',
        error_description:
          'This API cannot check access tokens because of its own settings. Its operator finds the cause in the log.',
      });
    } finally {
      await own.stop();
    }
    expect(own.output()).toMatch(/refused .*credentials/);
    expect(own.output()).not.toContain('wrong-secret');
  });

  test('GET /api/introspection: the issuer’s answer as the API saw it, and how the API authenticated, the secret masked', async () => {
    const token = await issuer.mintAccessToken({ subject: 'ada' });
    const { response, body } = await get(api.origin, '/api/introspection', bearer(token));
    expect(response.status).toBe(200);
    expect(body).toMatchObject({
      authentication: {
        method: 'client_secret_basic',
        header: `Authorization: Basic ${issuer.clientId}:••••••`,
        note: 'The API sent its client id and secret in the Authorization header.',
      },
      answer: { active: true, sub: 'ada', aud: [issuer.projectId] },
    });
    expect(JSON.stringify(body)).not.toContain(issuer.clientSecret);
    expect(JSON.stringify(body)).not.toContain(token);
  });

  test('404 in JSON for any other path and any other method', async () => {
    const { response, body } = await get(api.origin, '/elsewhere');
    expect(response.status).toBe(404);
    expect(body).toMatchObject({ error: 'not_found' });
    expect((await fetch(`${api.origin}/api/quote`, { method: 'POST' })).status).toBe(404);
  });

  test('without settings the API exits with 1 and says what to set', async () => {
    const { code, output } = await spawnApi(implementation, {}).exited;
    expect(code).toBe(1);
    expect(output).toMatch(/The quotes API cannot start:.*ISSUER.*CLIENT_ID/s);
  });

  describe('CORS', () => {
    const corsHeaders = (response: Response) =>
      [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));
    const preflight = (origin: string) =>
      fetch(`${api.origin}/api/quote`, {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'authorization',
        },
      });

    test('the preflight of the web origin allows the Authorization header', async () => {
      const response = await preflight(webOrigin);
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe(webOrigin);
      expect(response.headers.get('access-control-allow-headers')).toContain('Authorization');
    });

    test('the web origin can read a refusal too', async () => {
      const { response } = await get(api.origin, '/api/quote', { Origin: webOrigin });
      expect(response.status).toBe(401);
      expect(response.headers.get('access-control-allow-origin')).toBe(webOrigin);
      expect(response.headers.get('access-control-expose-headers')).toMatch(
        /^WWW-Authenticate, .*Retry-After$/,
      );
      expect(response.headers.get('vary')).toBe('Origin');
    });

    test.each(['http://localhost:3001', 'http://localhost:3000.evil.example', 'null'])(
      '%s gets no CORS header, neither on a preflight nor on an answer',
      async (origin) => {
        expect(corsHeaders(await preflight(origin))).toEqual([]);
        const { response } = await get(api.origin, '/api/quote', { Origin: origin });
        expect(corsHeaders(response)).toEqual([]);
      },
    );
  });
});

test('the TypeScript API with a key file authenticates by private_key_jwt', async () => {
  const issuer = await createTestIssuer({ port: 0 });
  const folder = await mkdtemp(join(tmpdir(), 'quotes-api-'));
  const [typescript] = implementations;
  if (typescript === undefined) throw new Error('no implementation');
  try {
    const KEY_FILE = join(folder, 'key.json');
    await writeFile(KEY_FILE, JSON.stringify(issuer.createKeyFile()));
    const api = await startApi(typescript, { ISSUER: issuer.issuer, KEY_FILE });
    const { body } = await get(api.origin, '/api/introspection', bearer(await issuer.mintAccessToken()));
    await api.stop();
    expect(body).toMatchObject({ authentication: { method: 'private_key_jwt' }, answer: { active: true } });
  } finally {
    await rm(folder, { recursive: true });
    await issuer.close();
  }
});
