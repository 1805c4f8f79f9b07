import { toSeconds } from '../brands.ts';
import type { AccessTokenFacts } from './access-token.ts';

/** Who asks: an authenticated API or confidential application, by the ids its audience may name. */
export interface IntrospectionCaller {
  readonly clientId: string;
  readonly projectId: string;
}

/** What an active answer says beyond the token itself. */
export interface IntrospectedSubject {
  readonly loginName: string;
  /** Profile and e-mail claims by the token's scopes, reserved claims, and the roles in the caller's own project. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The whole answer for a token that is not active, for whatever reason. */
export const inactive = { active: false } as const;

/**
 * Whether a token is meant for the caller: its audience names the caller's client id or project.
 * @see RFC 7662 §4 (a resource server must not learn of tokens meant for others); ZITADEL dialect, introspection rule 2
 */
export function isMeantFor(token: AccessTokenFacts, caller: IntrospectionCaller): boolean {
  return token.audience.includes(caller.clientId) || token.audience.includes(caller.projectId);
}

/**
 * The answer for a live token that is meant for the caller.
 * @see RFC 7662 §2.2; ZITADEL dialect, introspection rule 7
 */
export function buildIntrospection(
  token: AccessTokenFacts,
  subject: IntrospectedSubject,
  issuer: string,
): Readonly<Record<string, unknown>> {
  const issuedAt = toSeconds(token.issuedAtMs);
  return {
    ...subject.claims,
    active: true,
    scope: token.scopes.join(' '),
    client_id: token.clientId,
    token_type: 'Bearer',
    exp: token.expiresAt,
    iat: issuedAt,
    nbf: issuedAt,
    ...(token.authTime === undefined ? {} : { auth_time: token.authTime }),
    ...(token.amr.length === 0 ? {} : { amr: token.amr }),
    sub: token.userId,
    aud: token.audience,
    iss: issuer,
    jti: token.tokenId,
    username: subject.loginName,
  };
}
