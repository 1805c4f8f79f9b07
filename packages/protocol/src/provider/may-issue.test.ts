import { describe, expect, test } from 'vitest';
import { sampleApplication, sampleProject } from '../../fixtures/sample-client.ts';
import type { ApplicationFacts, ObjectState, ProjectFacts, SubjectStanding } from './facts.ts';
import { type IssueQuestion, mayIssue } from './may-issue.ts';

const application: ApplicationFacts = {
  ...sampleApplication,
  type: 'web',
  authMethod: 'client_secret_basic',
  redirectUris: [],
};
const project: ProjectFacts = { ...sampleProject, roleKeys: [] };
const subject: SubjectStanding = {
  userId: 'u',
  userState: 'active',
  organizationId: '5',
  organizationDomain: 'acme.example.com',
  organizationState: 'active',
  authorizedProjectIds: [],
};

interface Changes {
  readonly application?: Partial<ApplicationFacts>;
  readonly project?: Partial<ProjectFacts>;
  readonly subject?: Partial<SubjectStanding>;
  readonly scopes?: readonly string[];
  readonly grantType?: IssueQuestion['grantType'];
}

const refusalOf = (changes: Changes) =>
  mayIssue({
    grantType: changes.grantType ?? 'authorization_code',
    client: {
      application: { ...application, ...changes.application },
      project: { ...project, ...changes.project },
    },
    subject: { ...subject, ...changes.subject },
    scopes: changes.scopes ?? ['openid'],
  })?.kind;
const machine = (changes: Partial<SubjectStanding>, scopes: readonly string[] = []) =>
  mayIssue({ grantType: 'client_credentials', subject: { ...subject, ...changes }, scopes })?.kind;

const dead: readonly ObjectState[] = ['inactive', 'locked', 'removed'];

describe('mayIssue', () => {
  test('an active client gets tokens for an active user, by a grant type it may use', () => {
    expect(refusalOf({})).toBeUndefined();
    expect(refusalOf({ grantType: 'refresh_token' })).toBeUndefined();
  });

  test.each(dead)('RFC 6749 §5.2: nothing is issued where the user is %s', (userState) => {
    expect(refusalOf({ subject: { userState } })).toBe('user-not-active');
    expect(refusalOf({ subject: { userState }, grantType: 'refresh_token' })).toBe('user-not-active');
    expect(machine({ userState })).toBe('user-not-active');
  });

  test.each(dead)(
    "RFC 6749 §5.2: nothing is issued where the user's organization is %s",
    (organizationState) => {
      expect(refusalOf({ subject: { organizationState } })).toBe('organization-not-active');
      expect(machine({ organizationState })).toBe('organization-not-active');
    },
  );

  test.each(dead)(
    'ZITADEL dialect §2.4: nothing is issued where the application or what is above it is %s',
    (state) => {
      expect(refusalOf({ application: { state } })).toBe('client-not-active');
      expect(refusalOf({ project: { state } })).toBe('client-not-active');
      expect(refusalOf({ project: { organizationState: state } })).toBe('client-not-active');
    },
  );

  test('RFC 6749 §5.2: a grant type that is not in the application settings is refused', () => {
    expect(refusalOf({ grantType: 'client_credentials' })).toBe('grant-type-not-allowed');
    expect(refusalOf({ application: { grantTypes: [] } })).toBe('grant-type-not-allowed');
    expect(
      refusalOf({ application: { grantTypes: ['authorization_code'] }, grantType: 'refresh_token' }),
    ).toBe('grant-type-not-allowed');
  });

  test('ZITADEL dialect §2.1: an organization scope admits users of that organization only', () => {
    const scopes = (...ids: string[]) => ids.map((id) => `urn:zitadel:iam:org:id:${id}`);
    expect(refusalOf({ scopes: scopes('5') })).toBeUndefined();
    expect(refusalOf({ scopes: scopes('6') })).toBe('wrong-organization');
    expect(refusalOf({ scopes: scopes('6', '5') })).toBe('wrong-organization');
    expect(refusalOf({ scopes: scopes('6'), grantType: 'refresh_token' })).toBe('wrong-organization');
  });

  test('ZITADEL dialect §2.1: a domain scope admits users of the organization with that primary domain only', () => {
    const scopes = (...domains: string[]) =>
      domains.map((domain) => `urn:zitadel:iam:org:domain:primary:${domain}`);
    expect(refusalOf({ scopes: scopes('acme.example.com') })).toBeUndefined();
    expect(refusalOf({ scopes: scopes('ACME.example.com') })).toBeUndefined();
    expect(refusalOf({ scopes: scopes('other.example.com') })).toBe('wrong-organization');
    expect(refusalOf({ scopes: scopes('other.example.com', 'acme.example.com') })).toBe('wrong-organization');
    const both = ['urn:zitadel:iam:org:id:6', ...scopes('acme.example.com')];
    expect(refusalOf({ scopes: both })).toBe('wrong-organization');
  });

  test('ZITADEL dialect §3.1: with role check, users need an authorization in the project', () => {
    const check = { project: { roleCheck: true } };
    expect(refusalOf(check)).toBe('not-authorized-for-project');
    expect(refusalOf({ ...check, subject: { authorizedProjectIds: ['11'] } })).toBe(
      'not-authorized-for-project',
    );
    expect(refusalOf({ ...check, subject: { authorizedProjectIds: ['10'] } })).toBeUndefined();
  });

  test("ZITADEL dialect §3.1: with project check, users of other organizations need one, the owner's do not", () => {
    const check = { project: { hasProjectCheck: true } };
    expect(refusalOf(check)).toBeUndefined();
    const foreign = { organizationId: '6' };
    expect(refusalOf({ ...check, subject: foreign })).toBe('not-authorized-for-project');
    expect(refusalOf({ ...check, subject: { ...foreign, authorizedProjectIds: ['10'] } })).toBeUndefined();
    expect(refusalOf({ subject: foreign })).toBeUndefined();
  });

  test('ZITADEL dialect §2.1: a machine acting for itself is not held to organization scopes', () => {
    expect(machine({})).toBeUndefined();
    expect(machine({}, ['urn:zitadel:iam:org:id:6'])).toBeUndefined();
  });

  test('what is wrong with the client is told before what is wrong with the person', () => {
    expect(refusalOf({ application: { state: 'inactive' }, subject: { userState: 'locked' } })).toBe(
      'client-not-active',
    );
    expect(refusalOf({ project: { roleCheck: true }, subject: { userState: 'locked' } })).toBe(
      'user-not-active',
    );
  });
});
