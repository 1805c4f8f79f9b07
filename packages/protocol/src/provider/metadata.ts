import { standardScopes } from '../wire/names.ts';

/** Paths of the protocol endpoints, relative to the issuer (ZITADEL dialect, endpoint map). */
export const endpointPaths = {
  openidConfiguration: '/.well-known/openid-configuration',
  oauthMetadata: '/.well-known/oauth-authorization-server',
  authorize: '/oauth/v2/authorize',
  token: '/oauth/v2/token',
  introspect: '/oauth/v2/introspect',
  revoke: '/oauth/v2/revoke',
  keys: '/oauth/v2/keys',
  userinfo: '/oidc/v1/userinfo',
  endSession: '/oidc/v1/end_session',
} as const;

/**
 * The discovery document: only what works is named.
 * @see OpenID Connect Discovery §3, RFC 8414 §2, RFC 9207 §3
 */
export function buildMetadata(
  issuer: string,
  uiLocales: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    issuer,
    authorization_endpoint: issuer + endpointPaths.authorize,
    token_endpoint: issuer + endpointPaths.token,
    introspection_endpoint: issuer + endpointPaths.introspect,
    userinfo_endpoint: issuer + endpointPaths.userinfo,
    revocation_endpoint: issuer + endpointPaths.revoke,
    end_session_endpoint: issuer + endpointPaths.endSession,
    jwks_uri: issuer + endpointPaths.keys,
    scopes_supported: standardScopes.filter((scope) => scope !== 'address'),
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'ES256'],
    token_endpoint_auth_methods_supported: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    token_endpoint_auth_signing_alg_values_supported: ['RS256'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
    introspection_endpoint_auth_signing_alg_values_supported: ['RS256'],
    revocation_endpoint_auth_methods_supported: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    revocation_endpoint_auth_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    claims_supported: [
      'sub',
      'aud',
      'exp',
      'iat',
      'iss',
      'auth_time',
      'nonce',
      'amr',
      'at_hash',
      'azp',
      'client_id',
      'sid',
      'name',
      'given_name',
      'family_name',
      'nickname',
      'preferred_username',
      'gender',
      'locale',
      'updated_at',
      'email',
      'email_verified',
      'phone_number',
      'phone_number_verified',
    ],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    prompt_values_supported: ['none', 'login', 'select_account', 'consent'],
    ui_locales_supported: uiLocales,
    authorization_response_iss_parameter_supported: true,
  };
}
