import { describe, expect, test } from 'vitest';
import { sampleProject } from '../../fixtures/sample-client.ts';
import { interpretScopes } from '../wire/scope.ts';
import { audienceOf, wantsRoles } from './audience.ts';
import type { ProjectFacts } from './facts.ts';

const project: ProjectFacts = {
  id: '10',
  state: 'active',
  organizationId: '5',
  organizationState: 'active',
  roleAssertion: false,
  roleCheck: false,
  hasProjectCheck: false,
  roleKeys: ['admin'],
  clientIds: ['100', '101'],
};
const aud = (id: string) => `urn:zitadel:iam:org:project:id:${id}:aud`;
const allRoles = 'urn:zitadel:iam:org:projects:roles';
const oneRole = 'urn:zitadel:iam:org:project:role:admin';
// Of the projects a test asks for, these two exist.
const existing = (scopes: readonly string[]) =>
  interpretScopes(scopes).audienceProjectIds.filter((id) => id === '10' || id === '20');
const person = (...scopes: string[]) => audienceOf(scopes, { clientId: '100', project }, existing(scopes));
const machine = (...scopes: string[]) => audienceOf(scopes, { clientId: 'bot' }, existing(scopes));

describe('audienceOf', () => {
  test("ZITADEL dialect §2.3: a person's token is for every application of the project and the project", () => {
    expect(person('openid')).toEqual({ audience: ['100', '101', '10'], roleProjectIds: ['10'] });
  });

  test('ZITADEL dialect §2.1: an aud scope adds a project that exists, once', () => {
    expect(person('openid', aud('20'), aud('20'), aud('10')).audience).toEqual(['100', '101', '10', '20']);
    expect(person('openid', aud('99')).audience).toEqual(['100', '101', '10']);
  });

  test("ZITADEL dialect §2.3: a machine's token is for the projects asked for only", () => {
    expect(machine('openid')).toEqual({ audience: [], roleProjectIds: [] });
    expect(machine(aud('20'), aud('99'))).toEqual({ audience: ['20'], roleProjectIds: [] });
    expect(machine(aud('20'), allRoles).roleProjectIds).toEqual(['20']);
  });

  test('ZITADEL dialect §2.3: roles of other projects are told only when roles are asked for', () => {
    expect(person('openid', aud('20')).roleProjectIds).toEqual(['10']);
    expect(person('openid', aud('20'), allRoles).roleProjectIds).toEqual(['10', '20']);
    expect(person('openid', aud('20'), oneRole).roleProjectIds).toEqual(['10', '20']);
    expect(person('openid', aud('99'), allRoles).roleProjectIds).toEqual(['10']);
  });

  test('an application outside its own list of client ids is in its audience nevertheless', () => {
    expect(audienceOf([], { clientId: '102', project }, []).audience).toEqual(['102', '100', '101', '10']);
  });
});

test.each([
  [[], false],
  [['openid', aud('20')], false],
  [[allRoles], true],
  [[oneRole], true],
  [['urn:zitadel:iam:org:project:role:'], false],
])('ZITADEL dialect §2.1: role scopes ask for role claims (%j: %s)', (scopes, wanted) => {
  expect(wantsRoles(scopes)).toBe(wanted);
});

test('RFC 9700 §2.3: a token of somebody else’s application is not for all the project has', () => {
  const client = {
    clientId: '100',
    project: { ...sampleProject, clientIds: ['100', '200'] },
    own: 'client-alone',
  } as const;
  expect(audienceOf(['openid'], client, []).audience).toEqual(['100']);
});
