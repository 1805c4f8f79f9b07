import type { TraceEvent } from '@latchkey/react';
import { expect, test } from 'vitest';
import { createFlowLog } from './flow-log.ts';
import { createTraceRecorder } from './record-trace.ts';

const secrets = ['SECRET-code', 'SECRET-verifier', 'SECRET-access', 'SECRET-refresh', 'SECRET-id'];

const authorize = (prompt?: string): TraceEvent => ({
  at: 1,
  kind: 'authorize-request',
  detail: {
    url: 'http://localhost:8080/oauth/v2/authorize?client_id=1',
    parameters: { client_id: '1', state: 's', ...(prompt === undefined ? {} : { prompt }) },
  },
});
const discovery: TraceEvent = {
  at: 0,
  kind: 'discovery',
  detail: { url: 'http://localhost:8080/.well-known/openid-configuration', issuer: 'http://localhost:8080' },
};
const callback: TraceEvent = {
  at: 2,
  kind: 'callback',
  detail: { parameters: { code: 'SECRET-code', state: 's' }, state: 'matches' },
};
const tokenRequest: TraceEvent = {
  at: 3,
  kind: 'token-request',
  detail: {
    url: 'http://localhost:8080/oauth/v2/token',
    parameters: { grant_type: 'authorization_code', code: 'SECRET-code', code_verifier: 'SECRET-verifier' },
  },
};
const tokenResponse = (extra: Record<string, unknown> = {}): TraceEvent => ({
  at: 4,
  kind: 'token-response',
  detail: {
    accessToken: 'SECRET-access',
    idToken: 'SECRET-id',
    refreshToken: 'SECRET-refresh',
    idTokenClaims: { sub: '7', name: 'Ada Lovelace' },
    ...extra,
  },
});
const silent = (outcome: string): TraceEvent => ({ at: 2, kind: 'silent', detail: { outcome } });

function record(...events: TraceEvent[]) {
  const log = createFlowLog(undefined);
  const onTrace = createTraceRecorder(log);
  for (const event of events) onTrace(event);
  return log.getSnapshot();
}

const keys = (...events: TraceEvent[]) => record(...events).map(({ key }) => key);

test('a sign-in is four numbered messages that say who talks to whom', () => {
  const steps = record(authorize(), callback, tokenRequest, tokenResponse());
  expect(steps.map(({ key, from, to }) => [key, from, to])).toEqual([
    ['authorize-request', 'Browser', 'Latchkey'],
    ['callback', 'Latchkey', 'Browser'],
    ['token-request', 'Browser', 'Latchkey'],
    ['token-response', 'Latchkey', 'Browser'],
  ]);
});

test('no secret gets into the log, even if the trace did not mask it', () => {
  const text = JSON.stringify(record(authorize(), callback, tokenRequest, tokenResponse()));
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).toContain('Ada Lovelace');
});

test('every parameter of the authorization request is explained', () => {
  const rows = record(authorize())
    .flatMap(({ sections }) => sections)
    .find(({ title }) => title === 'Its parameters');
  expect(rows?.rows.map(({ name, note }) => [name, typeof note])).toEqual([
    ['client_id', 'string'],
    ['state', 'string'],
  ]);
});

test('discovery hangs on the message that needed it', () => {
  const [step] = record(discovery, authorize());
  expect(step?.sections.map(({ title }) => title)).toContain('How it knew the addresses');
});

test('a JWT access token is opened, an opaque one is said to be opaque', () => {
  const titles = (event: TraceEvent) => record(event)[0]?.sections.map(({ title }) => title);
  expect(titles(tokenResponse({ accessTokenFormat: 'jwt', accessTokenClaims: { aud: 'x' } }))).toContain(
    'Inside the access token (JWT)',
  );
  expect(JSON.stringify(record(tokenResponse({ accessTokenFormat: 'opaque' })))).toContain('opaque');
});

test('a new sign-in begins a new journey', () => {
  expect(keys(authorize(), callback, tokenRequest, authorize())).toEqual(['authorize-request']);
});

test('a silent sign-in that succeeds begins a new journey', () => {
  expect(keys(callback, authorize('none'), silent('code'), tokenRequest)).toEqual([
    'silent-request',
    'silent-answer',
    'token-request',
  ]);
});

test('a silent sign-in that fails leaves the sign-out before it to be read', () => {
  const signOut: TraceEvent = {
    at: 1,
    kind: 'sign-out',
    detail: { url: 'http://localhost:8080/oidc/v1/end_session' },
  };
  expect(keys(signOut, authorize('none'), silent('login_required'))).toEqual([
    'sign-out',
    'silent-request-failed',
    'silent-answer-failed',
  ]);
});

test('a denied sign-in is told once, as a problem', () => {
  const denied: TraceEvent = {
    at: 2,
    kind: 'callback',
    detail: { parameters: { error: 'access_denied' }, state: 's' },
  };
  const error: TraceEvent = { at: 3, kind: 'error', detail: { step: 'callback', code: 'access_denied' } };
  const steps = record(authorize(), denied, error);
  expect(steps.map(({ key, outcome }) => [key, outcome])).toEqual([
    ['authorize-request', 'ok'],
    ['callback', 'problem'],
  ]);
});
