import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { frameworks, parseNoForms } from './test-support/frameworks.ts';
import { authOptions, metadata, type RunningApp } from './test-support/running-app.ts';
import { createTestIssuer, type TestIssuer } from './testing.ts';
import { createVerifier } from './verifier.ts';

/** Sends header lines exactly as given, repeated ones too, which fetch would merge. */
async function sendRaw(url: string, headers: string[]): Promise<number | undefined> {
  const request = httpRequest(url, { headers: ['host', new URL(url).host, ...headers] });
  request.end();
  const [response] = await once(request, 'response');
  response.resume();
  return response.statusCode;
}

describe.each(frameworks)('%s', (name, start) => {
  let issuer: TestIssuer;
  let app: RunningApp;
  const logged: string[] = [];

  beforeAll(async () => {
    issuer = await createTestIssuer();
    const log = (line: string) => void logged.push(line);
    app = await start(createVerifier({ ...issuer.verifierOptions, timeoutMs: 200, log }));
  });
  afterEach(() => issuer.setState('up'));
  afterAll(() => app.close());

  const call = async (path: string, token?: string, init: RequestInit = {}) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${app.origin}${path}`, { headers, ...init });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  test('a good token passes and getAuth names its subject', async () => {
    for (const format of ['jwt', 'opaque'] as const) {
      const { status, body } = await call('/me', await issuer.mintAccessToken({ format, subject: 'u7' }));
      expect([status, body]).toEqual([200, { who: 'u7', same: true }]);
    }
  });

  test('RFC 7235 §2.1: the scheme is case-insensitive', async () => {
    const token = await issuer.mintAccessToken();
    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
      expect(
        (await call('/me', undefined, { headers: { authorization: `${scheme} ${token}` } })).status,
      ).toBe(200);
    }
  });

  test('RFC 6750 §3.1: without a token 401 and a challenge without error', async () => {
    const { status, headers, body } = await call('/me');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe(
      `Bearer realm="quotes", resource_metadata="${authOptions.resourceMetadataUrl}"`,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      error: 'missing_token',
      error_description: expect.stringContaining('Authorization: Bearer'),
    });
  });

  test('RFC 6750 §3.1: a bad token is 401 invalid_token, with a sentence that says what to do', async () => {
    const { status, headers, body } = await call(
      '/me',
      await issuer.mintAccessToken({ expiresInSeconds: -60 }),
    );
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain(
      'Bearer realm="quotes", error="invalid_token", error_description="',
    );
    expect(body).toEqual({ error: 'invalid_token', error_description: expect.stringContaining('expired') });
  });

  test('an ID token is 401', async () => {
    expect((await call('/me', await issuer.mintIdToken())).status).toBe(401);
  });

  test('RFC 6750 §2: a second token in the query or in a parsed form is 400 invalid_request', async () => {
    const token = await issuer.mintAccessToken();
    const { status, headers, body } = await call(`/me?access_token=${token}`, token);
    expect([status, body.error]).toEqual([400, 'invalid_request']);
    expect(headers.get('www-authenticate')).toContain('error="invalid_request"');
  });

  test('a token in the query alone is no token', async () => {
    expect((await call(`/me?access_token=${await issuer.mintAccessToken()}`)).status).toBe(401);
  });

  test('a malformed header is 400', async () => {
    for (const value of ['Bearer', 'Bearer a b', 'Bearer ä', 'Bearer "x"', 'Bearer a,b']) {
      const headers = ['authorization', Buffer.from(value).toString('latin1')];
      expect([value, await sendRaw(`${app.origin}/me`, headers)]).toEqual([value, 400]);
    }
  });

  test('two Authorization headers are 400, in either order', async () => {
    const good = `Bearer ${await issuer.mintAccessToken()}`;
    for (const [one, two] of [
      [good, 'Bearer other'],
      ['Bearer other', good],
    ] as const) {
      expect(await sendRaw(`${app.origin}/me`, ['authorization', one, 'authorization', two])).toBe(400);
    }
  });

  test('another scheme is no bearer token: 401', async () => {
    const basic = await call('/me', undefined, { headers: { authorization: 'Basic YTpi' } });
    expect([basic.status, basic.body.error]).toEqual([401, 'missing_token']);
  });

  test('requireScope: all scopes, or 403 insufficient_scope naming them', async () => {
    const enough = await issuer.mintAccessToken({ scopes: ['news:list', 'news:read', 'more'] });
    expect((await call('/news', enough)).status).toBe(200);
    const { status, headers, body } = await call(
      '/news',
      await issuer.mintAccessToken({ scopes: ['news:read'] }),
    );
    expect([status, body.error]).toEqual([403, 'insufficient_scope']);
    expect(headers.get('www-authenticate')).toMatch(
      /error="insufficient_scope".*scope="news:read news:list"/,
    );
    expect(headers.get('www-authenticate')).toContain('realm="quotes"');
  });

  test('requireRole: from any organisation, or from the one named', async () => {
    const token = await issuer.mintAccessToken({ roles: ['editor'], organization: 'org-1' });
    expect((await call('/edit', token)).status).toBe(200);
    expect((await call('/edit-org', token)).status).toBe(403);
    expect(
      (await call('/edit-org', await issuer.mintAccessToken({ roles: ['editor'], organization: 'org-2' })))
        .status,
    ).toBe(200);
    const { status, body } = await call('/edit', await issuer.mintAccessToken());
    expect([status, body.error]).toEqual([403, 'insufficient_scope']);
    expect(body.error_description).toContain('editor');
  });

  test('requirePermission reads the permissions claim', async () => {
    expect(
      (await call('/permit', await issuer.mintAccessToken({ claims: { permissions: ['p'] } }))).status,
    ).toBe(200);
    expect((await call('/permit', await issuer.mintAccessToken())).status).toBe(403);
  });

  test('RFC 9470 §3: requireAcr asks for another sign-in', async () => {
    expect((await call('/strong', await issuer.mintAccessToken({ claims: { acr: 'mfa' } }))).status).toBe(
      200,
    );
    const { status, headers } = await call('/strong', await issuer.mintAccessToken());
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(
      /error="insufficient_user_authentication".*acr_values="mfa"/,
    );
  });

  test('optionalAuth: no token passes, a good one is known, a bad one is refused', async () => {
    expect((await call('/open')).body).toEqual({ who: null });
    expect((await call('/open', await issuer.mintAccessToken({ subject: 'u7' }))).body).toEqual({
      who: 'u7',
    });
    expect((await call('/open', 'bad')).status).toBe(401);
  });

  test('requireScope behind optionalAuth asks a stranger for a token', async () => {
    expect((await call('/open-scope')).status).toBe(401);
    expect((await call('/open-scope', await issuer.mintAccessToken({ scopes: ['x'] }))).status).toBe(200);
  });

  test('a guard without requireAuth, and getAuth without a principal, fail as the bugs they are', async () => {
    expect(await call('/scope-first', await issuer.mintAccessToken({ scopes: ['x'] }))).toMatchObject({
      status: 500,
      body: { bug: true },
    });
    expect(await call('/open-get')).toMatchObject({ status: 500, body: { bug: true } });
  });

  test('an issuer that is away is 503 with Retry-After and without a challenge', async () => {
    for (const state of ['down', 'hanging'] as const) {
      issuer.setState(state);
      const token = await issuer.mintAccessToken({ format: 'opaque' });
      const { status, headers, body } = await call('/me', token);
      expect([status, body.error]).toEqual([503, 'temporarily_unavailable']);
      expect(headers.get('retry-after')).toBe('1');
      expect(headers.get('www-authenticate')).toBeNull();
      expect(JSON.stringify(body)).not.toContain('issuer.test');
    }
  });

  test('wrong own credentials are 500 and tell the caller nothing of the cause', async () => {
    const own = await start(
      createVerifier({
        ...issuer.verifierOptions,
        clientSecret: 'wrong',
        log: (line) => void logged.push(line),
      }),
    );
    const authorization = `Bearer ${await issuer.mintAccessToken({ format: 'opaque' })}`;
    const response = await fetch(`${own.origin}/me`, { headers: { authorization } });
    const body = await response.json();
    await own.close();
    expect([response.status, body.error]).toEqual([500, 'server_error']);
    expect(JSON.stringify(body)).not.toMatch(/secret|clientId|issuer\.test/);
    expect(logged.join('\n')).toContain('Check clientId with clientSecret or keyFile');
  });

  test('RFC 9728 §3.2: the metadata of a resource with a path is served as JSON that any origin may read', async () => {
    const response = await fetch(`${app.origin}${metadata.path}`);
    expect(metadata.path).toBe('/.well-known/oauth-protected-resource/mcp');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual(metadata.document);
  });

  test('RFC 9728 §5.1: a client that knows the address alone finds the issuer from the challenge', async () => {
    const challenge = (await fetch(`${app.origin}/me`)).headers.get('www-authenticate');
    const found = new URL(/resource_metadata="([^"]+)"/.exec(challenge ?? '')?.[1] ?? '');
    const document = await (await fetch(`${app.origin}${found.pathname}`)).json();
    expect(document.authorization_servers).toEqual(['https://id.example.com']);
    // RFC 9728 §3.3: the client holds this against the address that it has called.
    expect(document.resource).toBe('https://api.test/mcp');
  });

  test('a form that carries a second token is 400 where the framework has parsed it', async () => {
    const token = await issuer.mintAccessToken();
    const response = await fetch(`${app.origin}/me`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams({ access_token: token }),
    });
    expect(response.status).toBe(parseNoForms.includes(name) ? 200 : 400);
  });
});
