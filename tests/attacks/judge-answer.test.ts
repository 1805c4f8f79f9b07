import { describe, expect, test } from 'vitest';
import {
  type Answer,
  answered,
  back,
  type Expected,
  inactive,
  onward,
  page,
  problem,
  refused,
  status,
} from './attack-case.ts';
import { expectAnswer, expectReason, type JudgedWorld } from './judge-answer.ts';

const world: JudgedWorld = {
  near: { issuer: 'http://localhost:1' },
  redirectUris: () => Promise.resolve(['https://spa.example.com/callback', 'http://127.0.0.1/callback']),
};

function answerOf(code: number, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status: code,
    text,
    json: typeof body === 'string' ? {} : { ...Object(body) },
    headers: new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }),
    door: {
      name: 'near',
      send: () => Promise.reject(new Error('unused')),
      logSince: () => '',
      logLength: () => 0,
    },
  };
}

function redirectTo(location: string): Answer {
  return answerOf(302, '', { location });
}

const html = { 'content-type': 'text/html', 'content-security-policy': "frame-ancestors 'none'" };
const shown = '<html><p id="error-code">client-unknown</p></html>';
const denied = redirectTo('https://spa.example.com/callback?error=access_denied');

type Judged = readonly [what: string, answer: Answer, expected: Expected];

const right: readonly Judged[] = [
  ['an OAuth error', answerOf(400, { error: 'invalid_grant' }), refused(400, 'invalid_grant')],
  [
    'a problem',
    answerOf(404, { code: 'not-found' }, { 'content-type': 'application/problem+json' }),
    problem(404, 'not-found'),
  ],
  ['a page', answerOf(400, shown, html), page(400, 'client-unknown')],
  ['an error for the application', denied, back('access_denied')],
  ['any port of loopback', redirectTo('http://127.0.0.1:7/callback?error=x'), back('x')],
  ['a page of ours', redirectTo('http://localhost:1/logout/done?x=1'), onward('/logout/done')],
  ['inactive', answerOf(200, { active: false }), inactive],
  ['a status', answerOf(421, ''), status(421)],
  [
    'tokens where they are expected',
    answerOf(200, { access_token: `lk_at_${'a'.repeat(40)}` }),
    answered(200),
  ],
];

const wrong: readonly Judged[] = [
  ['another error', answerOf(400, { error: 'invalid_request' }), refused(400, 'invalid_grant')],
  ['another status', answerOf(401, { error: 'invalid_grant' }), refused(400, 'invalid_grant')],
  [
    'a problem of another code',
    answerOf(404, { code: 'x' }, { 'content-type': 'application/problem+json' }),
    problem(404, 'not-found'),
  ],
  ['JSON in place of a page', answerOf(400), page(400)],
  ['another page', answerOf(400, shown, html), page(400, 'other-browser')],
  ['a page that may be framed', answerOf(400, shown, { 'content-type': 'text/html' }), page(400)],
  ['a redirect to an unregistered address', redirectTo('https://evil.example.com/?error=x'), back('x')],
  ['another error for the application', denied, back('login_required')],
  ['the error in the query', denied, back('access_denied', 'fragment')],
  ['a code beside the error', redirectTo('https://spa.example.com/callback?error=x&code=1'), back('x')],
  ['a page of another origin', redirectTo('https://evil.example.com/logout/done'), onward('/logout/done')],
  ['an active token', answerOf(200, { active: true }), inactive],
  ['an inactive token with a reason', answerOf(200, { active: false, sub: '1' }), inactive],
  ['an error that may be stored', answerOf(400, { error: 'x' }, { 'cache-control': 'public' }), refused(400)],
  ['a token in a refusal', answerOf(400, { error: 'x', hint: `lk_rt_${'a'.repeat(40)}` }), refused(400)],
  ['a stack', answerOf(400, { error: 'x', stack: 'at run (/srv/app.ts:1)' }), refused(400)],
  ['a server error', answerOf(500, { error: 'server_error' }), status(500)],
  [
    'credentials over origins',
    answerOf(200, {}, { 'access-control-allow-credentials': 'true' }),
    status(200),
  ],
  ['an answered request of another status', answerOf(403), answered(200)],
];

const attackWith = (expected: Expected) => ({ expect: expected });

describe('the judge of the attacks', () => {
  test.each(right)('accepts %s', async (_, answer, expected) => {
    await expectAnswer(answer, attackWith(expected), world);
  });

  test.each(wrong)('rejects %s', async (_, answer, expected) => {
    await expect(expectAnswer(answer, attackWith(expected), world)).rejects.toThrow();
  });

  test('finds a reason in the answer or in the log, and rejects another', async () => {
    const refusal = answerOf(400, { error_description: 'the audience is wrong' });
    await expectReason(refusal, /audience/, 0);
    const logged = { ...refusal, door: { ...refusal.door, logSince: () => '"reason":"revoked"' } };
    await expectReason(logged, /revoked/, 0);
    await expect(expectReason(logged, /expired/, 0)).rejects.toThrow('revoked');
  });
});
