import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestIssuer, type TestIssuer } from '@latchkey/api/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { createApp } from './app.ts';
import type { ClientCredentials, Config } from './config.ts';
import { quotes } from './quotes.ts';

const webOrigin = 'http://localhost:3000';
let issuer: TestIssuer;

beforeEach(async () => {
  issuer = await createTestIssuer();
});

function configOf(credentials?: ClientCredentials): Config {
  const { clientId, clientSecret } = issuer;
  const basic = { kind: 'basic', clientId, clientSecret } as const;
  return { issuer: issuer.issuer, credentials: credentials ?? basic, webOrigin, port: 0, host: 'localhost' };
}

async function get(path: string, headers: Record<string, string> = {}, credentials?: ClientCredentials) {
  const app = createApp(configOf(credentials), { fetch: issuer.fetch, random: () => 0 });
  const response = await app.request(path, { headers });
  const body: unknown = await response.json();
  return { response, body };
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

describe('GET /api/quote', () => {
  test.each(['jwt', 'opaque'] as const)('200 with a quotation for a good %s token', async (format) => {
    const token = await issuer.mintAccessToken({ format });
    const { response, body } = await get('/api/quote', bearer(token));
    expect(response.status).toBe(200);
    expect(body).toEqual(quotes[0]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('401 with a challenge and a sentence without a token', async () => {
    const { response, body } = await get('/api/quote');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(body).toMatchObject({ error_description: expect.stringMatching(/token/i) });
  });

  test.each([
    ['an invented token', async () => 'invented'],
    ['an expired token', async () => issuer.mintAccessToken({ expiresInSeconds: -60 })],
    ['a token for another project', async () => issuer.mintAccessToken({ audience: '999' })],
    ['an ID token', async () => issuer.mintIdToken()],
  ])('401 invalid_token for %s', async (_name, mint) => {
    const { response, body } = await get('/api/quote', bearer(await mint()));
    expect(response.status).toBe(401);
    expect(body).toMatchObject({ error: 'invalid_token' });
  });

  test('401 for a revoked token', async () => {
    const token = await issuer.mintAccessToken();
    issuer.revoke(token);
    expect((await get('/api/quote', bearer(token))).response.status).toBe(401);
  });

  test('503 with Retry-After, never 401, when the issuer is away', async () => {
    const token = await issuer.mintAccessToken();
    issuer.setState('down');
    const { response, body } = await get('/api/quote', bearer(token));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(body).toMatchObject({ error_description: expect.stringMatching(/again/) });
  });

  test('500 that gives nothing away when the API has a wrong secret', async () => {
    const token = await issuer.mintAccessToken();
    const wrong = { kind: 'basic', clientId: issuer.clientId, clientSecret: 'wrong-secret' } as const;
    const { response, body } = await get('/api/quote', bearer(token), wrong);
    expect(response.status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('wrong-secret');
  });
});

describe('GET /api/introspection', () => {
  test('the issuer’s answer as the API saw it, and how the API authenticated, the secret masked', async () => {
    const token = await issuer.mintAccessToken({ subject: 'ada' });
    const { response, body } = await get('/api/introspection', bearer(token));
    expect(response.status).toBe(200);
    expect(body).toMatchObject({
      authentication: { method: 'client_secret_basic' },
      answer: { active: true, sub: 'ada' },
    });
    expect(JSON.stringify(body)).not.toContain(issuer.clientSecret);
    expect(JSON.stringify(body)).not.toContain(token);
  });

  test('an API with a key file authenticates by private_key_jwt', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quotes-api-'));
    try {
      const keyFile = join(folder, 'key.json');
      await writeFile(keyFile, JSON.stringify(issuer.createKeyFile()));
      const headers = bearer(await issuer.mintAccessToken());
      const { body } = await get('/api/introspection', headers, { kind: 'private_key_jwt', keyFile });
      expect(body).toMatchObject({ authentication: { method: 'private_key_jwt' }, answer: { active: true } });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('401 without a token', async () => {
    expect((await get('/api/introspection')).response.status).toBe(401);
  });
});

test('GET /healthz: 200 without a token and without asking the issuer', async () => {
  expect((await get('/healthz')).response.status).toBe(200);
  expect(issuer.requestedPaths).toEqual([]);
});

test('404 in JSON for any other path', async () => {
  const { response, body } = await get('/elsewhere');
  expect(response.status).toBe(404);
  expect(body).toMatchObject({ error: 'not_found' });
});

describe('CORS', () => {
  const corsHeaders = (response: Response) =>
    [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));

  async function preflight(origin: string) {
    const headers = {
      Origin: origin,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization',
    };
    return createApp(configOf()).request('/api/quote', { method: 'OPTIONS', headers });
  }

  test('the preflight of the web origin allows the Authorization header', async () => {
    const response = await preflight(webOrigin);
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(webOrigin);
    expect(response.headers.get('access-control-allow-headers')).toBe('Authorization');
  });

  test('the web origin can read a refusal too', async () => {
    const { response } = await get('/api/quote', { Origin: webOrigin });
    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBe(webOrigin);
    expect(response.headers.get('vary')).toBe('Origin');
  });

  test.each(['http://localhost:3001', 'http://localhost:3000.evil.example', 'null'])(
    '%s gets no CORS header, neither on a preflight nor on an answer',
    async (origin) => {
      expect(corsHeaders(await preflight(origin))).toEqual([]);
      const { response } = await get('/api/quote', { Origin: origin });
      expect(corsHeaders(response)).toEqual([]);
    },
  );
});
