import type { GrantType } from '../wire/names.ts';
import { interpretScopes, isWantedOrganization } from '../wire/scope.ts';
import type { ClientFacts, SubjectStanding } from './facts.ts';

/** Why a token may not be issued. */
export type IssueRefusal =
  | { readonly kind: 'user-not-active' }
  | { readonly kind: 'organization-not-active' }
  | { readonly kind: 'client-not-active' }
  | { readonly kind: 'grant-type-not-allowed' }
  | { readonly kind: 'wrong-organization' }
  | { readonly kind: 'not-authorized-for-project' };

/** What `mayIssue` looks at. `client` is absent for a machine user acting for itself. */
export interface IssueQuestion {
  readonly grantType: GrantType;
  readonly client?: ClientFacts;
  readonly subject: SubjectStanding;
  readonly scopes: readonly string[];
}

/**
 * Whether an application and all above it may act.
 * @see RFC 6749 §5.2 `unauthorized_client`; ZITADEL dialect, introspection rule 1
 */
export function isClientActive(client: ClientFacts): boolean {
  return (
    client.application.state === 'active' &&
    client.project.state === 'active' &&
    client.project.organizationState === 'active'
  );
}

/**
 * The one door for issuing: may this client get a token for this user now? `undefined` means yes.
 * Asked by every grant with freshly loaded facts, so that a lock or deactivation is seen by all of them.
 * @see RFC 6749 §4, RFC 9700 §2; ZITADEL dialect, project settings and organization scopes
 */
export function mayIssue(question: IssueQuestion): IssueRefusal | undefined {
  const { client, subject } = question;
  if (client !== undefined && !isClientActive(client)) return { kind: 'client-not-active' };
  if (client !== undefined && !client.application.grantTypes.includes(question.grantType)) {
    return { kind: 'grant-type-not-allowed' };
  }
  if (subject.userState !== 'active') return { kind: 'user-not-active' };
  if (subject.organizationState !== 'active') return { kind: 'organization-not-active' };
  if (client === undefined) return undefined;
  if (!isWantedOrganization(interpretScopes(question.scopes), subject)) return { kind: 'wrong-organization' };
  const { project } = client;
  const isAuthorized = subject.authorizedProjectIds.includes(project.id);
  if (project.roleCheck && !isAuthorized) return { kind: 'not-authorized-for-project' };
  if (project.hasProjectCheck && project.organizationId !== subject.organizationId && !isAuthorized) {
    return { kind: 'not-authorized-for-project' };
  }
  return undefined;
}
