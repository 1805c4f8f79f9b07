/** Names the standards and the ZITADEL dialect fix, each spelled once. */

/**
 * Grant types an application may be allowed (RFC 6749 §4, §6; RFC 7523, RFC 8628, RFC 8693, OpenID CIBA). `implicit` is
 * not one of the token endpoint: it allows tokens in authorization responses.
 */
export const grantTypes = {
  authorizationCode: 'authorization_code',
  implicit: 'implicit',
  refreshToken: 'refresh_token',
  clientCredentials: 'client_credentials',
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  deviceCode: 'urn:ietf:params:oauth:grant-type:device_code',
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  ciba: 'urn:openid:params:grant-type:ciba',
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
  | 'registration_not_supported'
  | 'invalid_request_object'
  | 'invalid_request_uri'
  | 'invalid_target'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'unmet_authentication_requirements'
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'unknown_user_id'
  | 'invalid_binding_message'
  | 'expired_login_hint_token'
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement'
  | 'unapproved_software_statement';

/** Client authentication methods (OpenID Connect Core §9, RFC 8705 §2). */
export type ClientAuthMethod =
  | 'none'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth';

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

/** Signing algorithms a key of ours may have (RFC 7518 §3.1, RFC 8037 §3.1). */
export const signingAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** One of `signingAlgorithms`. */
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** How the answer of the authorization endpoint travels (Multiple Response Types §2.1, Form Post §2, JARM §2.3). */
export const responseModes = [
  'query',
  'fragment',
  'form_post',
  'query.jwt',
  'fragment.jwt',
  'form_post.jwt',
] as const;

/** One of `responseModes`; plain `jwt` stands for one of them. */
export type ResponseMode = (typeof responseModes)[number];

/** What an authorization request may ask for (OpenID Connect Core §3, Multiple Response Types §3, §5). */
export const responseTypes = [
  'code',
  'id_token',
  'id_token token',
  'code id_token',
  'code token',
  'code id_token token',
] as const;

/** One of `responseTypes`, its words in alphabetical order. */
export type ResponseType = (typeof responseTypes)[number];
