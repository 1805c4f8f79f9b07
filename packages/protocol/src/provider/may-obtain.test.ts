import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  sampleApplication,
  sampleProject,
  sampleStanding,
  sampleTarget,
} from '../../fixtures/sample-client.ts';
import type { ApplicationFacts } from './facts.ts';
import {
  describeObtainRefusal,
  isForOwnProject,
  mayObtain,
  type ObtainQuestion,
  type Requester,
  type TargetFacts,
} from './may-obtain.ts';

const application = (more: Partial<ApplicationFacts> = {}): Requester => ({
  kind: 'application',
  client: { application: { ...sampleApplication, ...more }, project: sampleProject },
});
const machine = (authorizedProjectIds: readonly string[] = []): Requester => ({
  kind: 'machine',
  standing: { ...sampleStanding, authorizedProjectIds },
});
const target = (more: Partial<TargetFacts> = {}): TargetFacts => ({ ...sampleTarget, ...more });
const verdict = (question: ObtainQuestion): string => {
  const decision = mayObtain(question);
  return decision.kind === 'allowed' ? decision.by : decision.reason;
};

const own = target({ id: sampleProject.id, organizationId: '5' });
const sameOrganization = target({ organizationId: '5' });
const granted = target({ grantedOrganizationIds: ['5'] });
const listedClient = target({ allowedClientIds: ['100'] });
const listedOrganization = target({ allowedOrganizationIds: ['5'] });
const open = target({ isOpenToThirdParties: true });
const foreign = target();
const management = target({ isManagement: true, organizationId: '5' });

describe('mayObtain without an exchange', () => {
  test.each([
    ['an application', application(), 'own-project', own],
    ['an application', application(), 'own-organization', sameOrganization],
    ['an application', application(), 'project-grant', granted],
    ['an application', application(), 'listed-client', listedClient],
    ['an application', application(), 'listed-organization', listedOrganization],
    ['an application', application(), 'not-allowed', open],
    ['an application', application(), 'not-allowed', foreign],
    ['an application', application(), 'not-a-management-client', management],
    [
      'an application in the project of the management API',
      application(),
      'not-a-management-client',
      { ...own, isManagement: true },
    ],
    ['a marked application', application({ isManagementClient: true }), 'management-client', management],
    ['a marked application', application({ isManagementClient: true }), 'not-allowed', foreign],
    ['a third party', application({ isThirdParty: true }), 'third-party-not-listed', own],
    ['a third party', application({ isThirdParty: true }), 'third-party-not-listed', sameOrganization],
    ['a third party', application({ isThirdParty: true }), 'third-party-not-listed', granted],
    ['a third party', application({ isThirdParty: true }), 'third-party-not-listed', listedOrganization],
    ['a third party', application({ isThirdParty: true }), 'listed-client', listedClient],
    ['a third party', application({ isThirdParty: true }), 'open-to-third-parties', open],
    ['a third party', application({ isThirdParty: true }), 'not-a-management-client', management],
    ['a self-registered application', application({ isSelfRegistered: true }), 'third-party-not-listed', own],
    [
      'a self-registered application',
      application({ isSelfRegistered: true }),
      'third-party-not-listed',
      open,
    ],
    ['a self-registered application', application({ isSelfRegistered: true }), 'listed-client', listedClient],
    ['a machine user', machine(), 'own-organization', sameOrganization],
    ['a machine user', machine(), 'project-grant', granted],
    ['a machine user', machine(), 'listed-organization', listedOrganization],
    ['a machine user', machine(), 'not-allowed', listedClient],
    ['a machine user', machine(), 'not-allowed', open],
    ['a machine user', machine(), 'not-allowed', foreign],
    ['a machine user with an authorization', machine([foreign.id]), 'authorization', foreign],
    ['a machine user', machine(), 'machine-user', management],
  ] as const)('RFC 9700 §2.3: %s (%#): %s', (_, requester, expected, to) => {
    expect(verdict({ requester, target: to })).toBe(expected);
  });
});

describe('mayObtain in an exchange', () => {
  const shown = (...audience: string[]) => ({ audience });
  test.each([
    ['keeps what the subject token is for', application(), foreign, shown(foreign.id), 'subject-token'],
    ['adds what the client may obtain itself', application(), granted, shown(), 'project-grant'],
    ['adds nothing else', application(), foreign, shown('10'), 'not-allowed'],
    [
      'keeps a consented project of a third party',
      application({ isThirdParty: true }),
      open,
      shown(open.id),
      'subject-token',
    ],
    [
      'asks consent for every other one',
      application({ isThirdParty: true }),
      open,
      shown(),
      'not-in-subject-token',
    ],
    [
      'reaches the management API never without the mark',
      application(),
      management,
      shown(management.id),
      'not-a-management-client',
    ],
    [
      'reaches the management API never without the audience',
      application({ isManagementClient: true }),
      management,
      shown('10'),
      'not-in-subject-token',
    ],
    [
      'reaches the management API with both',
      application({ isManagementClient: true }),
      management,
      shown(management.id),
      'management-client',
    ],
  ] as const)('RFC 8693 §2.1: an exchange %s', (_, requester, to, subjectToken, expected) => {
    expect(verdict({ requester, target: to, subjectToken })).toBe(expected);
  });

  test('a personal access token is for what its owner may obtain, not for everything', () => {
    const personal = { audience: [], personalOwner: sampleStanding };
    const question = { requester: application({ isThirdParty: true }), subjectToken: personal };
    expect(verdict({ ...question, target: sameOrganization })).toBe('subject-token');
    expect(verdict({ ...question, target: foreign })).toBe('not-in-subject-token');
    const marked = application({ isManagementClient: true });
    expect(verdict({ requester: marked, target: management, subjectToken: personal })).toBe(
      'management-client',
    );
  });
});

test('the default audience has the own project, but neither for third parties nor unmarked in the management project', () => {
  const client = (more: Partial<ApplicationFacts>) => ({
    application: { ...sampleApplication, ...more },
    project: sampleProject,
  });
  expect(isForOwnProject(client({}), '99')).toBe(true);
  expect(isForOwnProject(client({ isThirdParty: true }), '99')).toBe(false);
  expect(isForOwnProject(client({ isSelfRegistered: true }), null)).toBe(false);
  expect(isForOwnProject(client({}), sampleProject.id)).toBe(false);
  expect(isForOwnProject(client({ isManagementClient: true }), sampleProject.id)).toBe(true);
});

test('a refusal names the project and what is missing', () => {
  expect(describeObtainRefusal(sampleTarget, 'not-a-management-client')).toBe(
    'not allowed for project Ledger: the application has no access to the management API',
  );
});

test('property: nothing is granted that no rule grants', () => {
  const ids = fc.constantFrom('1', '2', '3');
  const targets: fc.Arbitrary<TargetFacts> = fc.record({
    id: ids,
    name: fc.constant('p'),
    organizationId: ids,
    organizationName: fc.constant('o'),
    isManagement: fc.boolean(),
    grantedOrganizationIds: fc.subarray(['1', '2', '3']),
    allowedClientIds: fc.subarray(['1', '2', '3']),
    allowedOrganizationIds: fc.subarray(['1', '2', '3']),
    isOpenToThirdParties: fc.boolean(),
  });
  const requesters: fc.Arbitrary<Requester> = fc.oneof(
    fc.record({
      kind: fc.constant('application' as const),
      client: fc.record({
        application: fc
          .record({
            clientId: ids,
            isThirdParty: fc.boolean(),
            isSelfRegistered: fc.boolean(),
            isManagementClient: fc.boolean(),
          })
          .map((more) => ({ ...sampleApplication, ...more })),
        project: fc.record({ id: ids, organizationId: ids }).map((more) => ({ ...sampleProject, ...more })),
      }),
    }),
    fc.record({
      kind: fc.constant('machine' as const),
      standing: fc
        .record({ organizationId: ids, authorizedProjectIds: fc.subarray(['1', '2', '3']) })
        .map((more) => ({ ...sampleStanding, ...more })),
    }),
  );
  const shown = fc.option(fc.record({ audience: fc.subarray(['1', '2', '3']) }), { nil: undefined });
  fc.assert(
    fc.property(requesters, targets, shown, (requester, to, subjectToken) => {
      const question = { requester, target: to, ...(subjectToken === undefined ? {} : { subjectToken }) };
      if (mayObtain(question).kind === 'refused') return;
      const isShown = subjectToken?.audience.includes(to.id) === true;
      if (requester.kind === 'machine') {
        const { organizationId, authorizedProjectIds } = requester.standing;
        const reached = [to.organizationId, ...to.grantedOrganizationIds, ...to.allowedOrganizationIds];
        expect(
          isShown ||
            to.isManagement ||
            reached.includes(organizationId) ||
            authorizedProjectIds.includes(to.id),
        ).toBe(true);
        return;
      }
      const { application: app, project } = requester.client;
      if (to.isManagement) {
        expect(app.isManagementClient).toBe(true);
        expect(subjectToken === undefined || isShown).toBe(true);
        return;
      }
      if (isShown || to.allowedClientIds.includes(app.clientId)) return;
      if (app.isThirdParty || app.isSelfRegistered) {
        expect(app.isThirdParty && to.isOpenToThirdParties && subjectToken === undefined).toBe(true);
        return;
      }
      const reached = [to.organizationId, ...to.grantedOrganizationIds, ...to.allowedOrganizationIds];
      expect(project.id === to.id || reached.includes(project.organizationId)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
