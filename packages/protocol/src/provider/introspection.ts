import { toSeconds } from '../brands.ts';
import { describeScopes } from '../wire/scope.ts';
import { type AccessTokenFacts, confirmationClaim } from './access-token.ts';
import { nameApplications } from './audience.ts';
import type { ClientFacts, ProjectFacts, SubjectStanding } from './facts.ts';
import { isVouchedFor, mayObtain, type TargetFacts } from './may-obtain.ts';

/** Who asks: an authenticated API or confidential application, by the ids its audience may name. */
export interface IntrospectionCaller {
  readonly clientId: string;
  readonly projectId: string;
}

/**
 * Whom a token must be for when an application asks. Third-party applications in one project must not read each
 * other's tokens, so each stands for itself alone.
 * @see RFC 7662 §4; ZITADEL dialect, introspection rule 2
 */
export function introspectionCallerOf({ application, project }: ClientFacts): IntrospectionCaller {
  const { clientId } = application;
  return {
    clientId,
    projectId: isVouchedFor(application) ? project.id : clientId,
  };
}

/** What an active answer says beyond the token itself. */
export interface IntrospectedSubject {
  readonly loginName: string;
  /** Profile and e-mail claims by the token's scopes, reserved claims, and the roles in the caller's own project. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The whole answer for a token that is not active, for whatever reason. */
export const inactive = { active: false } as const;

/** The owner of a personal access token, and the project of the API it is shown to; absent when that is not active. */
export interface PersonalTokenUse {
  readonly owner: SubjectStanding;
  readonly target: TargetFacts | undefined;
}

/**
 * Whether a token is meant for the caller: its audience names the caller's client id or project. A personal access token
 * is meant for every API whose project its owner may obtain, so it needs `personal`.
 * @see RFC 7662 §4 (a resource server must not learn of tokens meant for others); ZITADEL dialect, introspection rules 2, 3
 */
export function isMeantFor(
  token: Pick<AccessTokenFacts, 'audience' | 'personal'>,
  caller: IntrospectionCaller,
  personal?: PersonalTokenUse,
): boolean {
  if (token.audience.includes(caller.clientId) || token.audience.includes(caller.projectId)) return true;
  if (token.personal !== true || personal?.target?.id !== caller.projectId) return false;
  const requester = { kind: 'machine', standing: personal.owner } as const;
  return mayObtain({ requester, target: personal.target }).kind === 'allowed';
}

/** Applications and roles of the project a token was issued in, as they are now; none for a machine's own token. */
export type TokenProject = Pick<ProjectFacts, 'clientIds' | 'roleKeys'>;

/** The audience as told to the caller; of a personal access token the caller is one. */
function audienceFor(
  token: AccessTokenFacts,
  caller: IntrospectionCaller,
  project: TokenProject | undefined,
): readonly string[] {
  if (token.personal === undefined) return nameApplications(token, project?.clientIds ?? [], 'all');
  return [...new Set([...token.audience, caller.clientId, caller.projectId])];
}

/**
 * The short answer for a live token that is meant for the caller: about the token, and nothing about the person but `sub`.
 * @see RFC 7662 §2.2, RFC 9449 §6.2, RFC 8705 §3.2, RFC 8693 §4.1; ZITADEL dialect, introspection rule 8
 */
export function buildMinimalIntrospection(
  token: AccessTokenFacts,
  caller: IntrospectionCaller,
  issuer: string,
  project?: TokenProject,
): Readonly<Record<string, unknown>> {
  const issuedAt = toSeconds(token.issuedAtMs);
  const { confirmation, actor } = token;
  return {
    active: true,
    scope: describeScopes(token.scopes, project?.roleKeys ?? []).join(' '),
    client_id: token.clientId,
    token_type: confirmation?.kind === 'dpop' ? 'DPoP' : 'Bearer',
    exp: token.expiresAt,
    iat: issuedAt,
    nbf: issuedAt,
    sub: token.subject ?? token.userId,
    aud: audienceFor(token, caller, project),
    iss: issuer,
    jti: token.tokenId,
    ...(confirmation === undefined ? {} : { cnf: confirmationClaim(confirmation) }),
    ...(actor === undefined ? {} : { act: actor }),
  };
}

/**
 * The answer for a live token that is meant for the caller.
 * @see RFC 7662 §2.2; ZITADEL dialect, introspection rule 7
 */
export function buildIntrospection(
  token: AccessTokenFacts,
  subject: IntrospectedSubject,
  caller: IntrospectionCaller,
  issuer: string,
  project?: TokenProject,
): Readonly<Record<string, unknown>> {
  return {
    ...subject.claims,
    ...(token.authTime === undefined ? {} : { auth_time: token.authTime }),
    ...(token.amr.length === 0 ? {} : { amr: token.amr }),
    username: subject.loginName,
    ...buildMinimalIntrospection(token, caller, issuer, project),
  };
}

/** The media type by which a caller asks for a signed answer, and which that has (RFC 9701 §4, §5). */
export const signedIntrospectionType = 'application/token-introspection+jwt';

/** How much an Accept header wants a media type, by its exact name: 0 to 1; `undefined` where it is not named. */
function weightOf(accept: string, type: string): number | undefined {
  for (const range of accept.split(',')) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (name !== type) continue;
    const weight = parameters.find((parameter) => /^q=[01](\.\d{0,3})?$/.test(parameter));
    return weight === undefined ? 1 : Number(weight.slice(2));
  }
  return undefined;
}

/**
 * Whether an Accept header asks for a signed answer: it names the media type, and wants it no less than plain JSON.
 * @see RFC 9701 §4, RFC 9110 §12.5.1
 */
export function wantsSignedIntrospection(accept: string): boolean {
  const signed = weightOf(accept, signedIntrospectionType);
  return signed !== undefined && signed > 0 && signed >= (weightOf(accept, 'application/json') ?? 0);
}

/**
 * The claims of a signed answer. What the token says is one member, so that the answer can never be taken for a token.
 * @see RFC 9701 §5, §8.1
 */
export function signedIntrospectionClaims(
  answer: Readonly<Record<string, unknown>>,
  context: { readonly issuer: string; readonly audience: string; readonly issuedAt: number },
): Readonly<Record<string, unknown>> {
  return { iss: context.issuer, aud: context.audience, iat: context.issuedAt, token_introspection: answer };
}
