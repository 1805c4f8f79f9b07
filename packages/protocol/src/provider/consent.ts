import type { RequestedClaims } from '../wire/claims-parameter.ts';
import { interpretScopes, reservedScopes } from '../wire/scope.ts';
import type { TargetFacts } from './may-obtain.ts';

/** What of an authorization request a person is asked about. */
export interface ConsentRequest {
  readonly scopes: readonly string[];
  /** Claims asked for one by one (OpenID Connect Core §5.5). */
  readonly claims?: RequestedClaims;
  /** Resource indicators (RFC 8707 §2). */
  readonly resources?: readonly string[];
}

/** What the decision about consent looks at. */
export interface ConsentSituation {
  readonly request: ConsentRequest & { readonly prompts: readonly string[] };
  readonly application: { readonly isThirdParty: boolean };
  /** What the person has let this application have before, in the words of `consentedThings`; absent when nothing. */
  readonly remembered: readonly string[] | undefined;
  /** Given on our page a moment ago, for this very request. */
  readonly consent?: 'given';
}

/** Whether the person must be asked. */
export type ConsentDecision = 'not-needed' | 'ask';

/** A line of the consent page that is the same everywhere; many scopes may stand behind one. */
export type ConsentTopic =
  | 'identity'
  | 'profile'
  | 'email'
  | 'phone'
  | 'address'
  | 'roles'
  | 'metadata'
  | 'organization'
  | 'management-api'
  | 'offline-access';

/** A project whose APIs the application will use for the user. */
export interface ConsentProject {
  readonly kind: 'project';
  readonly project: string;
  readonly organization: string;
}

/** One line of the consent page. */
export type ConsentItem = ConsentTopic | ConsentProject;

const scopeOfClaim: Readonly<Record<string, string>> = {
  name: 'profile',
  family_name: 'profile',
  given_name: 'profile',
  middle_name: 'profile',
  nickname: 'profile',
  preferred_username: 'profile',
  profile: 'profile',
  picture: 'profile',
  website: 'profile',
  gender: 'profile',
  birthdate: 'profile',
  zoneinfo: 'profile',
  locale: 'profile',
  updated_at: 'profile',
  email: 'email',
  email_verified: 'email',
  phone_number: 'phone',
  phone_number_verified: 'phone',
  address: 'address',
};

/** A scope has no space in it, so a resource can never be taken for one. */
function resourceEntry(uri: string): string {
  return `resource ${uri}`;
}

/**
 * Everything a request asks for in one list, to be remembered and compared: its scopes, the scopes that stand for claims
 * named one by one, and its resources.
 * @see OpenID Connect Core §5.4, §5.5; RFC 8707 §2
 */
export function consentedThings(request: ConsentRequest): readonly string[] {
  const names = [...(request.claims?.idToken ?? []), ...(request.claims?.userinfo ?? [])];
  const implied = names
    .map((name) => (Object.hasOwn(scopeOfClaim, name) ? scopeOfClaim[name] : undefined))
    .filter((scope) => scope !== undefined);
  return [...new Set([...request.scopes, ...implied, ...(request.resources ?? []).map(resourceEntry)])];
}

/** Roles are one line of the consent page, so who agreed to one of them by name agreed to that line. */
function isRemembered(remembered: readonly string[], thing: string): boolean {
  if (remembered.includes(thing)) return true;
  const { everyRole, roleOf } = reservedScopes;
  return thing === everyRole && remembered.some((known) => known.startsWith(roleOf('')));
}

/**
 * Decides whether a person is asked: always with prompt=consent, and when an application of somebody else asks for more
 * than was consented to before. Applications of the operator are trusted, since nobody could refuse them their own data.
 * @see OpenID Connect Core §3.1.2.4, §3.1.2.1, §11
 */
export function decideConsent(situation: ConsentSituation): ConsentDecision {
  const { request, application, remembered } = situation;
  if (situation.consent === 'given') return 'not-needed';
  if (request.prompts.includes('consent')) return 'ask';
  if (!application.isThirdParty) return 'not-needed';
  const isCovered = consentedThings(request).every((thing) => isRemembered(remembered ?? [], thing));
  return remembered !== undefined && isCovered ? 'not-needed' : 'ask';
}

type ConsentTarget = Pick<TargetFacts, 'id' | 'name' | 'organizationName' | 'isManagement'>;

function projectItems(targets: readonly ConsentTarget[]): readonly ConsentProject[] {
  const each = new Map(targets.filter((target) => !target.isManagement).map((target) => [target.id, target]));
  return [...each.values()].map(({ name, organizationName }) => ({
    kind: 'project',
    project: name,
    organization: organizationName,
  }));
}

/**
 * What the consent page lists, in its order. Scopes that mean the same to a user share a line; every project the
 * application may obtain tokens for has its own, and so have the management API and offline access.
 * @see OpenID Connect Core §5.4, §11; RFC 9700 §2.3
 */
export function consentItems(
  request: ConsentRequest,
  targets: readonly ConsentTarget[] = [],
): readonly ConsentItem[] {
  const things = consentedThings(request);
  const meaning = interpretScopes(request.scopes);
  const wanted: readonly (readonly [ConsentTopic, boolean])[] = [
    ['identity', true],
    ['profile', things.includes('profile')],
    ['email', things.includes('email')],
    ['phone', things.includes('phone')],
    ['address', things.includes('address')],
    ['roles', meaning.wantsAllProjectsRoles || meaning.roleKeys.length > 0],
    ['metadata', meaning.wantsUserMetadata],
    ['organization', meaning.wantsResourceOwner || meaning.organizationId !== undefined],
  ];
  const last: readonly (readonly [ConsentTopic, boolean])[] = [
    ['management-api', targets.some((target) => target.isManagement)],
    ['offline-access', things.includes('offline_access')],
  ];
  const topics = (list: typeof wanted): readonly ConsentTopic[] =>
    list.filter(([, isWanted]) => isWanted).map(([topic]) => topic);
  return [...topics(wanted), ...projectItems(targets), ...topics(last)];
}
