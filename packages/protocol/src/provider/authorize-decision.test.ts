import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs, verifiedRedirect } from '../brands.ts';
import { type AuthorizeDecision, decideAuthorize, type SessionFacts } from './authorize-decision.ts';
import type { CheckedAuthorizeRequest } from './authorize-facts.ts';

const now = 10_000_000;
const minute = 60_000;
const session = (name: string, ageMs: number, organizationId = '1'): SessionFacts => ({
  sessionId: `s-${name}`,
  userId: `u-${name}`,
  loginName: `${name}@example.com`,
  organizationId,
  organizationDomain: `${organizationId}.example.com`,
  authTimeMs: epochMs(now - ageMs),
});
const alice = session('alice', minute);
const bob = session('bob', 10 * minute, '2');

interface Given extends Partial<CheckedAuthorizeRequest> {
  readonly sessions?: readonly SessionFacts[];
  readonly hintedUserId?: string;
}

function decide({ sessions = [], hintedUserId, ...request }: Given): AuthorizeDecision {
  return decideAuthorize({
    request: {
      clientId: '100',
      redirectUri: verifiedRedirect('https://app.example/cb'),
      responseType: 'code',
      responseMode: 'query',
      acrValues: [],
      demandedAcrValues: [],
      resources: [],
      scopes: ['openid'],
      prompts: [],
      ...request,
    },
    sessions,
    now: epochMs(now),
    ...(hintedUserId === undefined ? {} : { hintedUserId }),
  });
}

const grant = (granted: SessionFacts): AuthorizeDecision => ({ kind: 'grant-now', session: granted });
const login = (who?: SessionFacts): AuthorizeDecision =>
  who === undefined ? { kind: 'ask-login' } : { kind: 'ask-login', loginName: who.loginName };
const account: AuthorizeDecision = { kind: 'ask-account' };
const refused = { kind: 'redirect-error', error: 'login_required' };
const inOrganization = (id: string) => ({ scopes: ['openid', `urn:zitadel:iam:org:id:${id}`] });

describe('without prompt', () => {
  test.each<[string, Given, AuthorizeDecision]>([
    ['nobody signed in', {}, login()],
    ['one signed in', { sessions: [alice] }, grant(alice)],
    ['two signed in', { sessions: [alice, bob] }, account],
    ['one of two is fresh enough', { sessions: [bob, alice], maxAgeSeconds: 300 }, grant(alice)],
    ['both are too old', { sessions: [bob, alice], maxAgeSeconds: 30 }, login(bob)],
    ['login_hint of one of two', { sessions: [alice, bob], loginHint: 'BOB@example.com' }, grant(bob)],
    [
      'login_hint of one too old',
      { sessions: [bob], loginHint: bob.loginName, maxAgeSeconds: 30 },
      login(bob),
    ],
    ['id_token_hint of one of two', { sessions: [alice, bob], hintedUserId: 'u-bob' }, grant(bob)],
    ['id_token_hint of nobody here', { sessions: [alice], hintedUserId: 'u-carol' }, login()],
    ['id_token_hint too old', { sessions: [bob], hintedUserId: 'u-bob', maxAgeSeconds: 30 }, login(bob)],
    ['organization of one of two', { sessions: [alice, bob], ...inOrganization('2') }, grant(bob)],
    ['organization of nobody here', { sessions: [alice], ...inOrganization('3') }, login()],
  ])(
    'OpenID Connect Core §3.1.2.3: a suitable session answers, else the person is asked (%s)',
    (_, given, expected) => {
      expect(decide(given)).toEqual(expected);
      expect(decide({ ...given, prompts: ['consent'] })).toEqual(expected);
    },
  );

  test('OpenID Connect Core §3.1.2.1: a login_hint of somebody else asks for that login', () => {
    expect(decide({ sessions: [alice], loginHint: 'carol' })).toEqual({
      kind: 'ask-login',
      loginName: 'carol',
    });
  });

  test('OpenID Connect Core §3.1.2.1: max_age is kept to the millisecond', () => {
    const aged = (ageMs: number) => decide({ sessions: [session('a', ageMs)], maxAgeSeconds: 60 }).kind;
    expect(aged(60_000)).toBe('grant-now');
    expect(aged(60_001)).toBe('ask-login');
  });
});

describe('prompt=none', () => {
  test.each<[string, Given]>([
    ['nobody signed in', {}],
    ['too old', { sessions: [bob], maxAgeSeconds: 30 }],
    ['max_age=0', { sessions: [alice], maxAgeSeconds: 0 }],
    ['id_token_hint of somebody else', { sessions: [alice, bob], hintedUserId: 'u-carol' }],
    ['another organization', { sessions: [alice, bob], ...inOrganization('3') }],
  ])(
    'OpenID Connect Core §3.1.2.6: prompt=none answers login_required where a login would be asked for (%s)',
    (_, given) => {
      expect(decide({ ...given, prompts: ['none'] })).toMatchObject(refused);
    },
  );

  test.each<[string, Given, SessionFacts]>([
    ['the only one', { sessions: [alice] }, alice],
    ['the most recently used of two', { sessions: [bob, alice] }, bob],
    ['the one of the login_hint', { sessions: [alice, bob], loginHint: 'Bob@Example.com' }, bob],
    ['the one of the id_token_hint', { sessions: [alice, bob], hintedUserId: 'u-bob' }, bob],
    ['the one fresh enough', { sessions: [bob, alice], maxAgeSeconds: 300 }, alice],
    ['the one of the organization', { sessions: [alice, bob], ...inOrganization('2') }, bob],
  ])(
    'OpenID Connect Core §3.1.2.1: prompt=none answers with a suitable session (%s)',
    (_, given, expected) => {
      expect(decide({ ...given, prompts: ['none'] })).toEqual(grant(expected));
    },
  );
});

describe('prompt=login and max_age=0', () => {
  test.each<[string, Given, AuthorizeDecision]>([
    ['nobody signed in', {}, login()],
    ['one signed in', { sessions: [alice] }, login(alice)],
    ['two signed in', { sessions: [alice, bob] }, login()],
    ['a login_hint', { sessions: [alice, bob], loginHint: bob.loginName }, login(bob)],
    ['an id_token_hint', { sessions: [alice, bob], hintedUserId: 'u-bob' }, login(bob)],
  ])(
    'OpenID Connect Core §3.1.2.1: the person signs in again, whoever is signed in (%s)',
    (_, given, expected) => {
      expect(decide({ ...given, prompts: ['login'] })).toEqual(expected);
      expect(decide({ ...given, prompts: ['login', 'consent'] })).toEqual(expected);
      expect(decide({ ...given, maxAgeSeconds: 0 })).toEqual(expected);
    },
  );
});

describe('prompt=select_account', () => {
  test.each<[string, Given, AuthorizeDecision]>([
    ['nobody signed in', {}, login()],
    ['one signed in', { sessions: [alice] }, account],
    ['two signed in', { sessions: [alice, bob] }, account],
    ['with prompt=login', { sessions: [alice], prompts: ['login', 'select_account'] }, account],
    ['too old', { sessions: [alice], maxAgeSeconds: 0 }, account],
    ['an id_token_hint of nobody here', { sessions: [alice], hintedUserId: 'u-carol' }, login()],
    ['another organization', { sessions: [alice], ...inOrganization('3') }, login()],
  ])(
    'OpenID Connect Core §3.1.2.1: the accounts are shown where there are any (%s)',
    (_, given, expected) => {
      expect(decide({ prompts: ['select_account'], ...given })).toEqual(expected);
    },
  );
});

test('OpenID Connect Core §3.1.2.2: over all requests, a silent answer is fresh, hinted, of the organization', () => {
  const sessions = fc.subarray([alice, bob, session('carol', 2 * minute), session('dave', 90 * minute, '2')]);
  const prompts = fc.constantFrom<CheckedAuthorizeRequest['prompts']>(
    ...[[], ['none'] as const, ['login'] as const, ['select_account'] as const, ['consent'] as const],
    ...[['login', 'consent'] as const, ['login', 'select_account'] as const],
  );
  const maxAge = fc.option(fc.constantFrom(0, 60, 300, 3600, 9_999_999_999), { nil: undefined });
  const loginHint = fc.option(fc.constantFrom('alice@example.com', 'nobody'), { nil: undefined });
  const hinted = fc.option(fc.constantFrom('u-alice', 'u-dave', 'u-nobody'), { nil: undefined });
  const organization = fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined });
  fc.assert(
    fc.property(
      sessions,
      prompts,
      maxAge,
      loginHint,
      hinted,
      organization,
      (here, asked, age, hint, user, org) => {
        const decision = decide({
          sessions: here,
          prompts: asked,
          ...(age === undefined ? {} : { maxAgeSeconds: age }),
          ...(hint === undefined ? {} : { loginHint: hint }),
          ...(user === undefined ? {} : { hintedUserId: user }),
          ...(org === undefined ? {} : inOrganization(org)),
        });
        const isSilent = asked.includes('none');
        expect(decision.kind === 'redirect-error' || decision.kind === 'grant-now').toBe(
          isSilent || decision.kind === 'grant-now',
        );
        if (decision.kind !== 'grant-now') return;
        expect(here).toContain(decision.session);
        expect(asked.includes('login') || asked.includes('select_account')).toBe(false);
        if (age !== undefined) expect(now - decision.session.authTimeMs).toBeLessThanOrEqual(age * 1000);
        if (user !== undefined) expect(decision.session.userId).toBe(user);
        if (org !== undefined) expect(decision.session.organizationId).toBe(org);
      },
    ),
    { numRuns: 1000 },
  );
});
