import { describe, expect, test } from 'vitest';
import { decideEndSession, type EndSessionFacts } from './end-session.ts';

const bye = 'https://app.example/bye';
const facts: EndSessionFacts = { registeredUris: [bye], sessions: [] };
const mine = { sessionId: 's1', userId: 'u1' };
const second = { sessionId: 's2', userId: 'u1' };
const other = { sessionId: 's3', userId: 'u2' };
const hint = { clientId: '100', userId: 'u1' };
const decide = (changes: Partial<EndSessionFacts>) => decideEndSession({ ...facts, ...changes });
const returnOf = (changes: Partial<EndSessionFacts>) => {
  const decision = decide({ hint, ...changes });
  return decision.kind === 'end' ? decision.returnTo : decision.kind;
};

describe('which sessions end', () => {
  test('RP-Initiated Logout §2: with a hint its session and those of its user on this browser end', () => {
    const sessions = [mine, second, other];
    expect(decide({ sessions, hint })).toEqual({ kind: 'end', sessionIds: ['s1', 's2'] });
    expect(decide({ sessions, hint: { ...hint, sessionId: 's1' } })).toEqual({
      kind: 'end',
      sessionIds: ['s1', 's2'],
    });
  });

  test('RP-Initiated Logout §2: a hint without the cookie of its session ends no session', () => {
    const lost = { ...hint, sessionId: 's9' };
    expect(decide({ hint: lost })).toEqual({ kind: 'end', sessionIds: [] });
    expect(decide({ hint: lost, postLogoutRedirectUri: bye })).toEqual({
      kind: 'end',
      sessionIds: [],
      returnTo: bye,
    });
    expect(decide({ hint: lost, sessions: [mine, other] })).toEqual({ kind: 'end', sessionIds: ['s1'] });
  });

  test('RP-Initiated Logout §2: with a hint for somebody else than who is signed in here, the person is asked', () => {
    expect(decide({ hint, sessions: [other] })).toEqual({ kind: 'confirm' });
    expect(
      decide({ hint: { ...hint, sessionId: 's9' }, sessions: [other], postLogoutRedirectUri: bye }),
    ).toEqual({ kind: 'confirm', returnTo: bye });
  });

  test('RP-Initiated Logout §6: without a hint the person is asked before anything ends', () => {
    expect(decide({ sessions: [mine] })).toEqual({ kind: 'confirm' });
    expect(decide({ sessions: [mine], clientId: '100', postLogoutRedirectUri: bye })).toEqual({
      kind: 'confirm',
      returnTo: bye,
    });
  });

  test('RP-Initiated Logout §2: nobody is asked where nobody is signed in', () => {
    expect(decide({})).toEqual({ kind: 'end', sessionIds: [] });
    expect(decide({ clientId: '100', postLogoutRedirectUri: bye })).toEqual({
      kind: 'end',
      sessionIds: [],
      returnTo: bye,
    });
  });

  test('RP-Initiated Logout §2: client_id must be the client the hint was issued to', () => {
    expect(decide({ hint, clientId: '200', sessions: [mine] }).kind).toBe('page-error');
    expect(decide({ hint, clientId: '100', sessions: [mine] }).kind).toBe('end');
  });
});

describe('who is meant by logout_hint', () => {
  const named = [
    { ...mine, loginName: 'Ada@example.com' },
    { ...other, loginName: 'eve@example.com' },
  ];

  test.each(['ada@example.com', 's1', 'u1'])(
    'RP-Initiated Logout §2: logout_hint narrows what the person is asked about to the sessions it names (%s)',
    (logoutHint) => {
      expect(decide({ sessions: named, logoutHint })).toEqual({ kind: 'confirm', sessionIds: ['s1'] });
    },
  );

  test.each(['nobody', ''])('a logout_hint that names nobody here changes nothing (%j)', (logoutHint) => {
    expect(decide({ sessions: [...named, second], logoutHint })).toEqual({ kind: 'confirm' });
  });

  test('RP-Initiated Logout §2: what a hint of ours proves counts, not what logout_hint says', () => {
    expect(decide({ sessions: named, hint, logoutHint: 'eve@example.com' })).toEqual({
      kind: 'end',
      sessionIds: ['s1'],
    });
  });
});

describe('where to go afterwards', () => {
  test('RP-Initiated Logout §4: after a hint that is not ours nobody is sent anywhere', () => {
    const refused = { hint: 'refused', clientId: '100', postLogoutRedirectUri: bye, state: 's' } as const;
    expect(decide({ ...refused, sessions: [mine] })).toEqual({ kind: 'confirm' });
    expect(decide(refused)).toEqual({ kind: 'end', sessionIds: [] });
    expect(decide({ ...refused, postLogoutRedirectUri: 'https://evil.example/' }).kind).toBe('page-error');
  });

  test.each([
    'https://evil.example/bye',
    'https://app.example/bye/',
    'https://app.example/bye?x=1',
    'https://app.example/bye#x',
    'https://APP.example/bye',
    'javascript:alert(1)',
    '//evil.example',
    '',
  ])('RP-Initiated Logout §3: no redirect to what is not registered byte for byte (%j)', (uri) => {
    expect(decide({ hint, postLogoutRedirectUri: uri }).kind).toBe('page-error');
    expect(decide({ clientId: '100', postLogoutRedirectUri: uri }).kind).toBe('page-error');
    expect(decide({ clientId: '999', registeredUris: [], postLogoutRedirectUri: uri }).kind).toBe(
      'page-error',
    );
  });

  test('RP-Initiated Logout §3: without hint and client_id the redirect is ignored', () => {
    expect(decide({ postLogoutRedirectUri: bye, sessions: [mine] })).toEqual({ kind: 'confirm' });
    expect(decide({ postLogoutRedirectUri: bye, state: 'x' })).toEqual({ kind: 'end', sessionIds: [] });
  });

  test('RP-Initiated Logout §3: a registered address gets the state back', () => {
    expect(returnOf({ postLogoutRedirectUri: bye })).toBe(bye);
    expect(returnOf({ postLogoutRedirectUri: bye, state: 'a b&c=d#é' })).toBe(
      `${bye}?state=a+b%26c%3Dd%23%C3%A9`,
    );
  });

  test.each([
    ['https://app.example/?x=1', 'https://app.example/?x=1&state=s'],
    ['https://app.example/#/bye', 'https://app.example/?state=s#/bye'],
    ['https://app.example/?x=1#/bye?y', 'https://app.example/?x=1&state=s#/bye?y'],
    ['com.example.app:/bye', 'com.example.app:/bye?state=s'],
  ])('RFC 3986 §3: state stands in the query, before a fragment (%s)', (uri, expected) => {
    expect(returnOf({ registeredUris: [uri], postLogoutRedirectUri: uri, state: 's' })).toBe(expected);
  });

  test('no state makes it fail', () => {
    expect(returnOf({ postLogoutRedirectUri: bye, state: '\ud800' })).toBe(`${bye}?state=%EF%BF%BD`);
  });
});
