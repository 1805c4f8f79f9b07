import { expect, test } from 'vitest';
import { isSameSite } from './silent-sign-in.ts';
import { buildUser } from './user.ts';

const claims = {
  sub: '1',
  given_name: 'Ada',
  email: 'ada@example.com',
  email_verified: true,
  preferred_username: 'ada@acme.example',
  'urn:zitadel:iam:org:project:roles': { reader: { 9: 'acme.example' } },
  'urn:zitadel:iam:org:project:42:roles': { editor: { 9: 'acme.example' } },
  'urn:zitadel:iam:org:project:43:roles': { admin: { 9: 'acme.example' } },
};

test('the user is a plain object with the claims as they came', () => {
  const user = buildUser(claims, undefined);
  expect(user).toMatchObject({
    id: '1',
    name: 'Ada',
    emailVerified: true,
    loginName: 'ada@acme.example',
    claims,
  });
  expect(JSON.parse(JSON.stringify(user)).claims).toEqual(claims);
});

test('roles are those of the own project and of projectId, never of further projects', () => {
  expect(buildUser(claims, undefined).roles).toEqual(['reader']);
  expect(buildUser(claims, '42').roles).toEqual(['editor', 'reader']);
});

test('a role claim of an unexpected shape gives no roles', () => {
  expect(buildUser({ sub: '1', 'urn:zitadel:iam:org:project:roles': 'admin' }, undefined).roles).toEqual([]);
});

test.each([
  ['http://localhost:8080', 'http://localhost:3000', true],
  ['https://auth.acme.example', 'https://app.acme.example', true],
  ['https://auth.acme.example', 'https://other.example', false],
  ['http://127.0.0.1:8080', 'http://localhost:3000', false],
  ['https://10.0.0.1', 'https://10.1.0.1', false],
  ['https://localhost', 'http://localhost', false],
])('%s and %s: same site %s', (issuer, origin, expected) => {
  expect(isSameSite(issuer, origin)).toBe(expected);
});
