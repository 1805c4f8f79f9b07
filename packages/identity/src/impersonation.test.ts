import { describe, expect, test } from 'vitest';
import { mayImpersonate } from './impersonation.ts';

const person = (organizationId: string, ...managerRoles: string[]) => ({
  organizationId,
  managerRoles,
  manages: managerRoles.some((role) => role.startsWith('IAM_'))
    ? ('more' as const)
    : ('own-organization' as const),
});
const refusal = (actor: ReturnType<typeof person>, subject: ReturnType<typeof person>) =>
  mayImpersonate({ setting: 'on', actor, subject })?.kind;

describe('mayImpersonate', () => {
  test('ZITADEL dialect §1.4: nobody impersonates anybody while the instance has it switched off', () => {
    const actor = person('1', 'IAM_ADMIN_IMPERSONATOR');
    expect(mayImpersonate({ setting: 'off', actor, subject: person('1') })).toEqual({ kind: 'switched-off' });
    expect(mayImpersonate({ setting: 'on', actor, subject: person('1') })).toBeUndefined();
  });

  test('ZITADEL dialect §1.4: no other manager role makes an impersonator', () => {
    for (const role of ['IAM_OWNER', 'ORG_OWNER', 'IAM_ADMIN', 'iam_admin_impersonator'])
      expect(refusal(person('1', role), person('1'))).toBe('not-an-impersonator');
    expect(refusal(person('1'), person('1'))).toBe('not-an-impersonator');
  });

  test('ZITADEL dialect §1.4: an end-user impersonator may not act as a manager', () => {
    for (const role of ['IAM_END_USER_IMPERSONATOR', 'ORG_END_USER_IMPERSONATOR']) {
      expect(refusal(person('1', role), person('1'))).toBeUndefined();
      expect(refusal(person('1', role), person('1', 'ORG_USER_MANAGER'))).toBe('subject-is-manager');
    }
  });

  test('ZITADEL dialect §1.4: an impersonator of an organization acts as its own people only', () => {
    for (const role of ['ORG_ADMIN_IMPERSONATOR', 'ORG_END_USER_IMPERSONATOR']) {
      expect(refusal(person('1', role), person('1'))).toBeUndefined();
      expect(refusal(person('1', role), person('2'))).toBe('not-an-impersonator');
    }
    for (const role of ['IAM_ADMIN_IMPERSONATOR', 'IAM_END_USER_IMPERSONATOR'])
      expect(refusal(person('1', role), person('2'))).toBeUndefined();
  });

  test('nobody climbs from an organization to the instance by acting as one of its managers', () => {
    const actor = person('1', 'ORG_ADMIN_IMPERSONATOR');
    expect(refusal(actor, person('1', 'ORG_OWNER'))).toBeUndefined();
    expect(refusal(actor, person('1', 'ORG_OWNER', 'IAM_OWNER'))).toBe('subject-is-manager');
    expect(refusal(person('1', 'IAM_ADMIN_IMPERSONATOR'), person('1', 'IAM_OWNER'))).toBeUndefined();
  });

  test('an impersonator of an organization may not act as one of its people who manages something elsewhere', () => {
    const actor = person('1', 'ORG_ADMIN_IMPERSONATOR', 'ORG_END_USER_IMPERSONATOR');
    const subject = { ...person('1', 'PROJECT_OWNER'), manages: 'more' as const };
    expect(refusal(actor, subject)).toBe('subject-is-manager');
    expect(refusal(actor, { ...subject, manages: 'own-organization' })).toBeUndefined();
    expect(refusal(person('2', 'IAM_ADMIN_IMPERSONATOR'), subject)).toBeUndefined();
  });
});
