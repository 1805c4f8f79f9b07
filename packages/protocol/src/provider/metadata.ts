import { grantTypes, responseModes, responseTypes, standardScopes } from '../wire/names.ts';
import { acrValues } from './acr.ts';
import { dpopAlgorithms } from './dpop.ts';

/** Paths of the protocol endpoints, relative to the issuer (ZITADEL dialect, endpoint map). */
export const endpointPaths = {
  openidConfiguration: '/.well-known/openid-configuration',
  oauthMetadata: '/.well-known/oauth-authorization-server',
  authorize: '/oauth/v2/authorize',
  pushedAuthorization: '/oauth/v2/par',
  token: '/oauth/v2/token',
  introspect: '/oauth/v2/introspect',
  revoke: '/oauth/v2/revoke',
  keys: '/oauth/v2/keys',
  deviceAuthorization: '/oauth/v2/device_authorization',
  backchannelAuthentication: '/oauth/v2/bc-authorize',
  register: '/oauth/v2/register',
  userinfo: '/oidc/v1/userinfo',
  endSession: '/oidc/v1/end_session',
  checkSession: '/oidc/v1/check_session',
} as const;

/** What of an instance its discovery document depends on. */
export interface MetadataFacts {
  readonly issuer: string;
  readonly uiLocales: readonly string[];
  /** Algorithms of the keys that sign now. */
  readonly signingAlgorithms: readonly string[];
  readonly dynamicRegistration: 'off' | 'on';
  readonly clientIdMetadata: 'off' | 'on';
  readonly selfRegistration: 'off' | 'on';
  /** Whether client certificates can reach the server: by a TLS socket of its own or a proxy's header. */
  readonly clientCertificates: 'off' | 'on';
}

const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const symmetric = ['HS256', 'HS384', 'HS512'];

const claims = [
  ...['sub', 'aud', 'exp', 'iat', 'iss', 'auth_time', 'nonce', 'amr', 'acr', 'at_hash', 'c_hash', 's_hash'],
  ...['azp', 'client_id', 'sid', 'act'],
  ...['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username', 'profile'],
  ...['picture', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
  ...['email', 'email_verified', 'phone_number', 'phone_number_verified', 'address'],
];

/** Methods by which confidential clients prove themselves; those by certificate where certificates arrive. */
function confidentialMethods(facts: MetadataFacts): readonly string[] {
  const byCertificate = ['tls_client_auth', 'self_signed_tls_client_auth'];
  return [
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    ...(facts.clientCertificates === 'on' ? byCertificate : []),
  ];
}

function authentication(facts: MetadataFacts): Readonly<Record<string, unknown>> {
  const confidential = confidentialMethods(facts);
  const algorithms = [...asymmetric, ...symmetric];
  return {
    token_endpoint_auth_methods_supported: ['none', ...confidential],
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint_auth_methods_supported: confidential,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: ['none', ...confidential],
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    ...(facts.clientCertificates === 'on' ? { tls_client_certificate_bound_access_tokens: true } : {}),
  };
}

function signing(facts: MetadataFacts): Readonly<Record<string, unknown>> {
  const own = facts.signingAlgorithms;
  return {
    id_token_signing_alg_values_supported: own,
    id_token_encryption_alg_values_supported: ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'],
    id_token_encryption_enc_values_supported: ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'],
    userinfo_signing_alg_values_supported: own,
    introspection_signing_alg_values_supported: own,
    authorization_signing_alg_values_supported: own,
    request_object_signing_alg_values_supported: asymmetric,
    dpop_signing_alg_values_supported: dpopAlgorithms,
  };
}

function endpoints(facts: MetadataFacts): Readonly<Record<string, unknown>> {
  const { issuer } = facts;
  return {
    authorization_endpoint: issuer + endpointPaths.authorize,
    pushed_authorization_request_endpoint: issuer + endpointPaths.pushedAuthorization,
    token_endpoint: issuer + endpointPaths.token,
    introspection_endpoint: issuer + endpointPaths.introspect,
    userinfo_endpoint: issuer + endpointPaths.userinfo,
    revocation_endpoint: issuer + endpointPaths.revoke,
    end_session_endpoint: issuer + endpointPaths.endSession,
    check_session_iframe: issuer + endpointPaths.checkSession,
    device_authorization_endpoint: issuer + endpointPaths.deviceAuthorization,
    backchannel_authentication_endpoint: issuer + endpointPaths.backchannelAuthentication,
    jwks_uri: issuer + endpointPaths.keys,
    ...(facts.dynamicRegistration === 'on' ? { registration_endpoint: issuer + endpointPaths.register } : {}),
  };
}

/**
 * The discovery document: only what works is named.
 * @see OpenID Connect Discovery §3, RFC 8414 §2, RFC 9207 §3, RFC 9126 §5, RFC 9449 §5.1, RFC 8628 §4, JARM §3
 */
export function buildMetadata(facts: MetadataFacts): Readonly<Record<string, unknown>> {
  return {
    issuer: facts.issuer,
    ...endpoints(facts),
    ...authentication(facts),
    ...signing(facts),
    scopes_supported: standardScopes,
    response_types_supported: responseTypes,
    response_modes_supported: [...responseModes, 'jwt'],
    grant_types_supported: Object.values(grantTypes),
    subject_types_supported: ['public', 'pairwise'],
    acr_values_supported: acrValues,
    display_values_supported: ['page', 'popup', 'touch', 'wap'],
    claim_types_supported: ['normal'],
    claims_supported: claims,
    claims_parameter_supported: true,
    code_challenge_methods_supported: ['S256'],
    request_parameter_supported: true,
    request_uri_parameter_supported: true,
    require_request_uri_registration: true,
    require_pushed_authorization_requests: false,
    require_signed_request_object: false,
    prompt_values_supported: [
      ...['none', 'login', 'select_account', 'consent'],
      ...(facts.selfRegistration === 'on' ? ['create'] : []),
    ],
    ui_locales_supported: facts.uiLocales,
    authorization_response_iss_parameter_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    backchannel_token_delivery_modes_supported: ['poll', 'ping'],
    backchannel_user_code_parameter_supported: false,
    backchannel_authentication_request_signing_alg_values_supported: asymmetric,
    ...(facts.clientIdMetadata === 'on' ? { client_id_metadata_document_supported: true } : {}),
  };
}
