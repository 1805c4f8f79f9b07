import { NetworkError } from '@latchkey/react';
import { expect, test } from 'vitest';
import { describeFailure } from './describe-failure.ts';
import { ApiFailure, request } from './request.ts';

const answer = (body: unknown, status: number) => () =>
  Promise.resolve(new Response(JSON.stringify(body), { status }));

const failureOf = (send: typeof fetch) =>
  request(send, 'http://localhost:5001/api/feed').then(
    () => undefined,
    (error: unknown) => error,
  );

test('a body and a version are sent as JSON and If-Match', async () => {
  const sent: RequestInit[] = [];
  const send: typeof fetch = (_input, init) => {
    sent.push(init ?? {});
    return Promise.resolve(new Response(null, { status: 204 }));
  };
  const options = { method: 'PATCH', body: { title: 'New' }, version: 3 } as const;
  expect(await request<void>(send, 'http://localhost:5001/api/articles/a', options)).toBeUndefined();
  const headers = new Headers(sent[0]?.headers);
  expect(headers.get('if-match')).toBe('"3"');
  expect(headers.get('content-type')).toBe('application/json');
  expect(sent[0]?.body).toBe('{"title":"New"}');
});

test('a refusal carries status, code and fields of the problem', async () => {
  const errors = [{ pointer: '/title', detail: 'Too long' }];
  const problem = { status: 400, code: 'invalid-input', detail: 'Fix the fields.', errors };
  expect(await failureOf(answer(problem, 400))).toMatchObject({
    status: 400,
    code: 'invalid-input',
    message: 'Fix the fields.',
    fields: errors,
  });
});

test('an answer that is no problem document still says its status', async () => {
  const failure = await failureOf(() => Promise.resolve(new Response('<html>', { status: 502 })));
  expect(failure).toMatchObject({ status: 502, fields: [] });
});

test('no answer is a failure of its own; errors of the sign-in pass unchanged', async () => {
  expect(await failureOf(() => Promise.reject(new TypeError('Failed to fetch')))).toMatchObject({
    status: 0,
  });
  const away = new NetworkError('network', 'The issuer does not answer.');
  expect(await failureOf(() => Promise.reject(away))).toBe(away);
});

test.each([
  ['no answer', new ApiFailure(0, ''), 'retry', /newsroom does not answer/],
  ['401', new ApiFailure(401, ''), 'sign-in', /no longer accepted/],
  ['403', new ApiFailure(403, ''), 'none', /editors/],
  ['503', new ApiFailure(503, ''), 'retry', /cannot be checked/],
  ['500', new ApiFailure(500, ''), 'retry', /newsroom has a problem/],
  ['400', new ApiFailure(400, 'The cursor is not one of this list.'), 'none', /refused/],
  ['the issuer is away', new NetworkError('network', ''), 'retry', /Sign-in is not available/],
])('%s: the reader learns what helps', (_case, error, remedy, title) => {
  const problem = describeFailure(error);
  expect(problem.remedy).toBe(remedy);
  expect(problem.title).toMatch(title);
  expect(problem.advice).not.toBe('');
});
