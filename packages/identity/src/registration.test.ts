import { describe, expect, test } from 'vitest';
import { defaultPasswordPolicy } from './password-policy.ts';
import { judgeRegistration, type RegistrationFields } from './registration.ts';

const good: RegistrationFields = {
  givenName: 'Mary',
  familyName: 'Somerville',
  loginName: 'Mary@Example.com',
  password: 'connexion-of-the-sciences',
};

function judge(change: Partial<RegistrationFields>, contextWords: readonly string[] = []) {
  return judgeRegistration({ ...good, ...change }, { policy: defaultPasswordPolicy, contextWords });
}

function problemsOf(change: Partial<RegistrationFields>, contextWords: readonly string[] = []) {
  const verdict = judge(change, contextWords);
  return verdict.kind === 'refused'
    ? verdict.problems.map(({ field, kind }) => `${field} ${kind}`)
    : 'acceptable';
}

describe('judgeRegistration', () => {
  test('what is acceptable comes back trimmed, with the name people are known by', () => {
    expect(judge({ givenName: ' Mary ', loginName: ' Mary@Example.com ' })).toEqual({
      kind: 'acceptable',
      givenName: 'Mary',
      familyName: 'Somerville',
      displayName: 'Mary Somerville',
      loginName: 'Mary@Example.com',
      loginNameCanonical: 'mary@example.com',
    });
  });

  test('every field is told that is missing, all at once', () => {
    expect(problemsOf({ givenName: ' ', familyName: '', loginName: ' ', password: '' })).toEqual([
      'givenName missing',
      'familyName missing',
      'loginName missing',
      'password missing',
    ]);
  });

  test.each([
    'mary',
    'mary@localhost',
    '@example.com',
    'mary@',
    'a b@example.com',
    'mary@example..com',
    'mary@@example.com',
    `${'m'.repeat(65)}@example.com`,
    `mary@${'example.'.repeat(30)}com`,
    'mary\u202E@example.com',
    'mary\u0000@example.com',
  ])('RFC 5321 §4.1.2: what cannot be an e-mail address is refused (%j)', (loginName) => {
    expect(problemsOf({ loginName })).toEqual(['loginName email-not-usable']);
  });

  test.each(['Mary\u0000', 'M\u202Eary', 'x'.repeat(101)])(
    'a name with invisible characters, or far too long, is refused (%j)',
    (givenName) => {
      expect(problemsOf({ givenName })).toEqual(['givenName name-not-usable']);
      expect(problemsOf({ familyName: givenName })).toEqual(['familyName name-not-usable']);
    },
  );

  test.each([
    ['short', [], 'too-short'],
    ['passwordpassword', [], 'common'],
    ['x'.repeat(5000), [], 'too-long'],
    ['mary@example.com', [], 'contains-context'],
    ['mary@example.com1', [], 'contains-context'],
    ['marysomerville12', [], 'contains-context'],
    ['acme-widgets-2026', ['Acme-Widgets'], 'contains-context'],
  ])(
    'NIST SP 800-63B-4 §3.1.1.2: a password that is guessed first is refused (%#)',
    (password, words, kind) => {
      expect(problemsOf({ password }, words)).toEqual([`password ${kind}`]);
    },
  );
});
