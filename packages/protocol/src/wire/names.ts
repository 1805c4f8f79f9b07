/** Names the standards and the ZITADEL dialect fix, each spelled once. */

/** Grant types the token endpoint knows (RFC 6749 §4, §6). */
export const grantTypes = {
  authorizationCode: 'authorization_code',
  refreshToken: 'refresh_token',
  clientCredentials: 'client_credentials',
} as const;

/** One of the grant types this server implements. */
export type GrantType = (typeof grantTypes)[keyof typeof grantTypes];

/** Error codes of RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6, RFC 6750 §3.1. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'unsupported_token_type'
  | 'access_denied'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'interaction_required'
  | 'login_required'
  | 'account_selection_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'registration_not_supported';

/** Client authentication methods (OpenID Connect Core §9). */
export type ClientAuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';

/** `client_assertion_type` of RFC 7523 §2.2. */
export const jwtBearerAssertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Scopes of OpenID Connect Core §5.4 and §11. */
export const standardScopes = ['openid', 'profile', 'email', 'phone', 'address', 'offline_access'] as const;

/** Claim names the dialect reserves (ZITADEL, reserved claims). */
export const reservedClaims = {
  projectRoles: 'urn:zitadel:iam:org:project:roles',
  projectRolesOf: (projectId: string): string => `urn:zitadel:iam:org:project:${projectId}:roles`,
  userMetadata: 'urn:zitadel:iam:user:metadata',
  resourceOwnerId: 'urn:zitadel:iam:user:resourceowner:id',
  resourceOwnerName: 'urn:zitadel:iam:user:resourceowner:name',
  resourceOwnerPrimaryDomain: 'urn:zitadel:iam:user:resourceowner:primary_domain',
  organizationId: 'urn:zitadel:iam:org:id',
} as const;

/** Signing algorithms a key of ours may have (RFC 7518 §3.1). */
export type SigningAlgorithm = 'RS256' | 'ES256';

/** How the answer of the authorization endpoint travels (OAuth 2.0 Multiple Response Types §2.1, Form Post §2). */
export type ResponseMode = 'query' | 'fragment' | 'form_post';
