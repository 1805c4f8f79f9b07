// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { ConfigurationError } from './auth-error.ts';
import { createAuthFetch } from './auth-fetch.ts';

function build(apiOrigins: readonly string[], answer: () => Response = () => new Response('{}')) {
  const sent: { url: string; authorization: string | null }[] = [];
  const authFetch = createAuthFetch(
    { getAccessToken: async () => 'token-1' },
    {
      apiOrigins,
      fetch: async (input, init) => {
        sent.push({ url: String(input), authorization: new Headers(init?.headers).get('authorization') });
        return answer();
      },
    },
  );
  return { authFetch, sent };
}

test.each([
  ['/api/quote', 'Bearer token-1'],
  ['http://localhost:3000/api', 'Bearer token-1'],
  ['http://localhost:5000/api/quote', 'Bearer token-1'],
  ['http://localhost:5001/api/quote', null],
  ['https://localhost:5000/api', null],
  ['https://evil.example/http://localhost:5000/', null],
  ['//evil.example/api', null],
  ['http://localhost:5000@evil.example/', null],
  ['http://localhost.evil.example:5000/', null],
])('%s gets %s', async (url, authorization) => {
  const { authFetch, sent } = build(['http://localhost:5000']);
  await authFetch(url);
  expect(sent).toEqual([{ url, authorization }]);
});

test('an authorization header of the caller is left alone', async () => {
  const { authFetch, sent } = build([]);
  await authFetch('/api', { headers: { authorization: 'Basic x' } });
  expect(sent[0]?.authorization).toBe('Basic x');
});

test('RFC 9470 §3: a challenge for a stronger sign-in becomes StepUpRequired', async () => {
  const challenge = 'Bearer error="insufficient_user_authentication", acr_values="mfa phr", max_age="300"';
  const { authFetch } = build(
    [],
    () => new Response('', { status: 401, headers: { 'www-authenticate': challenge } }),
  );
  await expect(authFetch('/api')).rejects.toMatchObject({
    name: 'StepUpRequired',
    acrValues: 'mfa phr',
    maxAge: 300,
  });
});

test('any other 401 is the caller’s to read', async () => {
  const { authFetch } = build(
    [],
    () => new Response('', { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }),
  );
  expect((await authFetch('/api')).status).toBe(401);
});

test.each(['*', 'localhost:5000', '', 'null'])('"%s" is no origin', (value) => {
  expect(() => build([value])).toThrow(ConfigurationError);
});

test('of calls at once with a wrong time each is sent again with the right one, not just the first to learn it', async () => {
  const apiNowMs = Date.now() + 600_000;
  let arrived = 0;
  let release = () => {};
  const allArrived = new Promise<void>((resolve) => (release = resolve));
  const authFetch = createAuthFetch(
    {
      getAccessToken: async () => 'token-1',
      getAuthHeaders: async ({ nowMs }) => ({
        authorization: 'DPoP token-1',
        dpop: `${nowMs ?? Date.now()}`,
      }),
    },
    {
      fetch: async (_input, init) => {
        arrived += 1;
        if (arrived === 3) release();
        await allArrived;
        const isInTime = Math.abs(Number(new Headers(init?.headers).get('dpop')) - apiNowMs) < 60_000;
        const headers = {
          date: new Date(apiNowMs).toUTCString(),
          'www-authenticate': 'DPoP error="invalid_dpop_proof"',
        };
        return isInTime ? new Response('{}') : new Response('', { status: 401, headers });
      },
    },
  );
  const answers = await Promise.all(['/api/a', '/api/b', '/api/c'].map((url) => authFetch(url)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
});
