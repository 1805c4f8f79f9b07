import { describe, expect, test } from 'vitest';
import { sampleProject } from '../../fixtures/sample-client.ts';
import { interpretScopes } from '../wire/scope.ts';
import { type Audience, audienceOf, nameApplications, wantsRoles } from './audience.ts';
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
const toldBy = ({ isForWholeProject, audience, ...rest }: Audience, clientIds: readonly string[] = []) => ({
  ...rest,
  audience: nameApplications(
    { audience, ...(isForWholeProject ? { isForWholeProject: true } : {}) },
    clientIds,
    'all',
  ),
});
const person = (...scopes: string[]) =>
  toldBy(audienceOf(scopes, { clientId: '100', project }, existing(scopes)), project.clientIds);
const machine = (...scopes: string[]) => toldBy(audienceOf(scopes, { clientId: 'bot' }, existing(scopes)));

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
    const { audience } = toldBy(audienceOf([], { clientId: '102', project }, []), project.clientIds);
    expect(audience).toEqual(['102', '100', '101', '10']);
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
  expect(toldBy(audienceOf(['openid'], client, []), client.project.clientIds).audience).toEqual(['100']);
});

test('what is sealed into a token does not grow with the applications of its project', () => {
  const clientIds = Array.from({ length: 300 }, (_, index) => String(1000 + index));
  const large = { ...project, clientIds };
  const { audience, isForWholeProject } = audienceOf(['openid'], { clientId: '1200', project: large }, []);
  expect({ audience, isForWholeProject }).toEqual({ audience: ['1200', '10'], isForWholeProject: true });
});

test('a signed token names its client, the project, and the first twenty applications', () => {
  const clientIds = Array.from({ length: 300 }, (_, index) => String(1000 + index));
  const token = { audience: ['1200', '10', '20'], isForWholeProject: true } as const;
  const some = nameApplications(token, clientIds, 'some');
  expect(some).toEqual(['1200', ...clientIds.slice(0, 20), '10', '20']);
  expect(nameApplications(token, clientIds, 'all')).toHaveLength(302);
  expect(nameApplications({ audience: ['1200'] }, clientIds, 'all')).toEqual(['1200']);
});
