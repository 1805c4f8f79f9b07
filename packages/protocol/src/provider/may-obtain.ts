import type { ApplicationFacts, ClientFacts, SubjectStanding } from './facts.ts';

/** A project a token could be for, with everything that decides who may obtain such a token. */
export interface TargetFacts {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
  readonly organizationName: string;
  /** Whether it is the project of the management API. */
  readonly isManagement: boolean;
  /** Organizations with an active grant of the project. */
  readonly grantedOrganizationIds: readonly string[];
  /** Applications the project allows one by one, by client ID. */
  readonly allowedClientIds: readonly string[];
  /** Organizations whose applications and machine users the project allows. */
  readonly allowedOrganizationIds: readonly string[];
  /** Whether any third-party application may, with the consent of each user. */
  readonly isOpenToThirdParties: boolean;
}

/** Who asks for an audience: an application for a user, or a machine user that acts for itself. */
export type Requester =
  | { readonly kind: 'application'; readonly client: ClientFacts }
  | { readonly kind: 'machine'; readonly standing: SubjectStanding };

/** The subject token of an exchange, as far as its audience goes. */
export interface ShownAudience {
  readonly audience: readonly string[];
  /** The owner of a personal access token, which is for everything its owner may obtain. */
  readonly personalOwner?: SubjectStanding;
}

/** What `mayObtain` looks at. `subjectToken` is present in a token exchange only. */
export interface ObtainQuestion {
  readonly requester: Requester;
  readonly target: TargetFacts;
  readonly subjectToken?: ShownAudience;
}

/** The rule that grants an audience. */
export type ObtainRule =
  | 'own-project'
  | 'own-organization'
  | 'project-grant'
  | 'listed-client'
  | 'listed-organization'
  | 'open-to-third-parties'
  | 'authorization'
  | 'management-client'
  | 'machine-user'
  | 'subject-token';

/** Why an audience is not granted. */
export type ObtainRefusal =
  | 'not-allowed'
  | 'third-party-not-listed'
  | 'not-a-management-client'
  | 'not-in-subject-token';

/** Whether the audience is granted, and by which rule. */
export type ObtainDecision =
  | { readonly kind: 'allowed'; readonly by: ObtainRule }
  | { readonly kind: 'refused'; readonly reason: ObtainRefusal };

/**
 * Whether the project an application is registered in vouches for it. It does not for third-party applications, nor for
 * those that registered themselves: nobody of the organization decided about them.
 * @see RFC 9700 §2.3
 */
export function isVouchedFor(
  application: Pick<ApplicationFacts, 'isThirdParty' | 'isSelfRegistered'>,
): boolean {
  return !application.isThirdParty && !application.isSelfRegistered;
}

/**
 * Whether tokens of an application are for its own project without being asked. In the project of the management API
 * this takes the mark as well: being registered there is no permission.
 * @see ZITADEL dialect, default audience; RFC 9700 §2.3
 */
export function isForOwnProject(
  { application, project }: ClientFacts,
  managementProjectId: string | null,
): boolean {
  return isVouchedFor(application) && (project.id !== managementProjectId || application.isManagementClient);
}

function allowed(by: ObtainRule): ObtainDecision {
  return { kind: 'allowed', by };
}

function refused(reason: ObtainRefusal): ObtainDecision {
  return { kind: 'refused', reason };
}

function ruleOfOrganization(organizationId: string, target: TargetFacts): ObtainRule | undefined {
  if (organizationId === target.organizationId) return 'own-organization';
  if (target.grantedOrganizationIds.includes(organizationId)) return 'project-grant';
  if (target.allowedOrganizationIds.includes(organizationId)) return 'listed-organization';
  return undefined;
}

function ruleOfRequester(requester: Requester, target: TargetFacts): ObtainRule | undefined {
  if (requester.kind === 'machine') {
    const { organizationId, authorizedProjectIds } = requester.standing;
    if (target.isManagement) return 'machine-user';
    const isAuthorized = authorizedProjectIds.includes(target.id);
    return ruleOfOrganization(organizationId, target) ?? (isAuthorized ? 'authorization' : undefined);
  }
  const { application, project } = requester.client;
  if (target.isManagement) return application.isManagementClient ? 'management-client' : undefined;
  if (target.allowedClientIds.includes(application.clientId)) return 'listed-client';
  // Consent is asked of users of third-party applications only, so a self-registered one must be that as well.
  if (application.isThirdParty && target.isOpenToThirdParties) return 'open-to-third-parties';
  if (!isVouchedFor(application)) return undefined;
  return project.id === target.id ? 'own-project' : ruleOfOrganization(project.organizationId, target);
}

function refusalOf(requester: Requester, target: TargetFacts): ObtainRefusal {
  if (target.isManagement) return 'not-a-management-client';
  return requester.kind === 'application' && !isVouchedFor(requester.client.application)
    ? 'third-party-not-listed'
    : 'not-allowed';
}

function isShownFor({ audience, personalOwner }: ShownAudience, target: TargetFacts): boolean {
  if (audience.includes(target.id)) return true;
  return (
    personalOwner !== undefined &&
    ruleOfRequester({ kind: 'machine', standing: personalOwner }, target) !== undefined
  );
}

/**
 * The one door to audiences: may this requester obtain a token for this project? Asked by every grant, at the request and
 * again with fresh facts when tokens are issued. An exchange may also keep what the subject token is for; the management
 * API needs both, and a third-party application gets no more than the user consented to.
 * @see RFC 9700 §2.3 (audience restriction), RFC 8707 §2, RFC 8693 §2.1; ZITADEL dialect, reserved scopes
 */
export function mayObtain({ requester, target, subjectToken }: ObtainQuestion): ObtainDecision {
  const rule = ruleOfRequester(requester, target);
  if (subjectToken === undefined)
    return rule === undefined ? refused(refusalOf(requester, target)) : allowed(rule);
  const isShown = isShownFor(subjectToken, target);
  if (target.isManagement) {
    if (rule === undefined) return refused(refusalOf(requester, target));
    return isShown ? allowed(rule) : refused('not-in-subject-token');
  }
  if (isShown) return allowed('subject-token');
  if (requester.kind === 'application' && !isVouchedFor(requester.client.application))
    return refused('not-in-subject-token');
  return rule === undefined ? refused(refusalOf(requester, target)) : allowed(rule);
}

const reasons: Readonly<Record<ObtainRefusal, string>> = {
  'not-allowed':
    'its organization neither owns the project nor was granted it, and the project does not list it or its organization',
  'third-party-not-listed':
    'it does not list this third-party or self-registered application, nor is it open to third parties',
  'not-a-management-client': 'the application has no access to the management API',
  'not-in-subject-token': 'the subject token is not for it',
};

/**
 * Why a requester cannot obtain tokens for a project, for those who administer it; clients are told nothing.
 * @see RFC 8707 §2
 */
export function describeObtainRefusal(target: Pick<TargetFacts, 'name'>, reason: ObtainRefusal): string {
  return `not allowed for project ${target.name}: ${reasons[reason]}`;
}
