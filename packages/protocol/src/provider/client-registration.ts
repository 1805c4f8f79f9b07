import type { ClientMetadata, MetadataProblem } from '../wire/client-metadata.ts';
import {
  type ClientAuthMethod,
  type GrantType,
  grantTypes,
  type ResponseType,
  responseTypes,
  type SigningAlgorithm,
} from '../wire/names.ts';
import type { ApplicationFacts } from './facts.ts';
import {
  type RegistrationBasics,
  type RegistrationRules,
  registrationBasics,
} from './registration-basics.ts';
import { findLogoutUriProblem, findRedirectProblem } from './registration-uris.ts';
import { isUnboundRegistration } from './token-binding.ts';

/** The settings of an application that come of its own metadata. */
export type RegisteredSettings = Pick<
  ApplicationFacts,
  | 'name'
  | 'type'
  | 'authMethod'
  | 'redirectUris'
  | 'postLogoutRedirectUris'
  | 'grantTypes'
  | 'responseTypes'
  | 'isThirdParty'
  | 'idTokenSigningAlg'
  | 'isPkceRequired'
  | 'isParRequired'
  | 'requestObjectSigningAlg'
  | 'isSignedRequestRequired'
  | 'requestUris'
  | 'jwks'
  | 'jwksUri'
  | 'tokenEndpointAuthSigningAlg'
  | 'tlsClientAuth'
  | 'isDpopRequired'
  | 'isCertificateBound'
  | 'idTokenEncryptedResponseAlg'
  | 'idTokenEncryptedResponseEnc'
  | 'userinfoSignedResponseAlg'
  | 'introspectionSignedResponseAlg'
  | 'authorizationSignedResponseAlg'
  | 'subjectType'
  | 'sectorIdentifier'
  | 'frontchannelLogoutUri'
  | 'isFrontchannelSessionRequired'
  | 'backchannelLogoutUri'
  | 'isBackchannelSessionRequired'
  | 'initiateLoginUri'
  | 'clientUri'
  | 'logoUri'
  | 'policyUri'
  | 'tosUri'
  | 'contacts'
  | 'defaultMaxAgeSeconds'
  | 'isAuthTimeRequired'
  | 'defaultAcrValues'
  | 'cibaDeliveryMode'
  | 'cibaNotificationEndpoint'
  | 'cibaRequestSigningAlg'
>;

/** The settings to register, or why not. `sectorUri` must still be fetched and must list every redirect URI. */
export type RegistrationVerdict =
  | { readonly kind: 'accepted'; readonly settings: RegisteredSettings; readonly sectorUri?: string }
  | ({ readonly kind: 'refused' } & MetadataProblem);

type Problem = MetadataProblem | undefined;

const methods: readonly ClientAuthMethod[] = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
];
const secretMethods: readonly string[] = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'];
const keyMethods: readonly string[] = ['private_key_jwt', 'self_signed_tls_client_auth'];
/** Algorithms a client may sign by with keys of its own (RFC 7518 §3.1, RFC 8037 §3.1). */
export const clientSigningAlgorithms: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
];
/** Algorithms a client may sign by with its secret (RFC 7518 §3.1). */
export const clientMacAlgorithms: readonly string[] = ['HS256', 'HS384', 'HS512'];
const encryptionAlgorithms: readonly string[] = ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'];
const encryptionMethods: readonly string[] = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'];

function refuse(detail: string): MetadataProblem {
  return { code: 'invalid_client_metadata', detail };
}

function firstProblem(checks: readonly (readonly [boolean, string])[]): Problem {
  const failed = checks.find(([isWrong]) => isWrong);
  return failed === undefined ? undefined : refuse(failed[1]);
}

function checkKinds(metadata: ClientMetadata, basics: RegistrationBasics, rules: RegistrationRules): Problem {
  const { method, grants, responses } = basics;
  const { policy } = rules;
  const allowedGrants: readonly string[] = policy.grantTypes;
  const allowedResponses: readonly string[] = policy.responseTypes;
  const isImplicit = responses.some((type) => type !== 'code');
  const { code, implicit } = { code: grantTypes.authorizationCode, implicit: grantTypes.implicit };
  return firstProblem([
    [
      metadata.applicationType !== undefined && !['web', 'native'].includes(metadata.applicationType),
      'application_type must be web or native',
    ],
    [!methods.some((known) => known === method), 'token_endpoint_auth_method is not one this server knows'],
    [
      rules.source === 'document' && method !== 'none' && method !== 'private_key_jwt',
      'token_endpoint_auth_method of a client id metadata document must be none or private_key_jwt',
    ],
    [grants.length === 0, 'grant_types must not be empty'],
    [
      grants.some((grant) => !allowedGrants.includes(grant)),
      `grant_types may hold ${allowedGrants.join(', ')} on this server`,
    ],
    [
      responses.some((type) => !allowedResponses.includes(type)),
      `response_types may hold ${allowedResponses.join(', ')} on this server`,
    ],
    [
      responses.some((type) => type.split(' ').includes('code')) && !grants.includes(code),
      'response_types with code need authorization_code in grant_types',
    ],
    [isImplicit && !grants.includes(implicit), 'response_types with tokens need implicit in grant_types'],
    [
      isUnboundRegistration(metadata, responses),
      'response_types with token cannot be combined with bound access tokens; use code',
    ],
    [
      grants.includes(code) && !responses.some((type) => type.split(' ').includes('code')),
      'authorization_code in grant_types needs a response type with code',
    ],
  ]);
}

function checkAlgorithms(metadata: ClientMetadata, rules: RegistrationRules): Problem {
  const own: readonly string[] = rules.signingAlgorithms;
  const ours = [
    ['id_token_signed_response_alg', metadata.idTokenSignedResponseAlg],
    ['userinfo_signed_response_alg', metadata.userinfoSignedResponseAlg],
    ['introspection_signed_response_alg', metadata.introspectionSignedResponseAlg],
    ['authorization_signed_response_alg', metadata.authorizationSignedResponseAlg],
  ] as const;
  const wrong = ours.find(([, algorithm]) => algorithm !== undefined && !own.includes(algorithm));
  if (wrong !== undefined) return refuse(`${wrong[0]} must be one of ${own.join(', ')}`);
  const { idTokenEncryptedResponseAlg: alg, idTokenEncryptedResponseEnc: enc } = metadata;
  const { requestObjectSigningAlg, backchannelAuthenticationRequestSigningAlg: cibaAlg } = metadata;
  return firstProblem([
    [
      alg !== undefined && !encryptionAlgorithms.includes(alg),
      `id_token_encrypted_response_alg must be one of ${encryptionAlgorithms.join(', ')}`,
    ],
    [
      enc !== undefined && alg === undefined,
      'id_token_encrypted_response_enc needs id_token_encrypted_response_alg',
    ],
    [
      enc !== undefined && !encryptionMethods.includes(enc),
      `id_token_encrypted_response_enc must be one of ${encryptionMethods.join(', ')}`,
    ],
    [
      requestObjectSigningAlg !== undefined && !clientSigningAlgorithms.includes(requestObjectSigningAlg),
      `request_object_signing_alg must be one of ${clientSigningAlgorithms.join(', ')}`,
    ],
    [
      cibaAlg !== undefined && !clientSigningAlgorithms.includes(cibaAlg),
      `backchannel_authentication_request_signing_alg must be one of ${clientSigningAlgorithms.join(', ')}`,
    ],
  ]);
}

function checkKeys(metadata: ClientMetadata, { method }: RegistrationBasics): Problem {
  const { jwks, jwksUri, tokenEndpointAuthSigningAlg: alg, tlsClientAuth } = metadata;
  const hasKeys = jwks !== undefined || jwksUri !== undefined;
  const fitting = method === 'client_secret_jwt' ? clientMacAlgorithms : clientSigningAlgorithms;
  return firstProblem([
    [jwks !== undefined && jwksUri !== undefined, 'give jwks or jwks_uri, not both'],
    [keyMethods.includes(method) && !hasKeys, `${method} needs jwks or jwks_uri`],
    [
      metadata.idTokenEncryptedResponseAlg !== undefined && !hasKeys,
      'id_token_encrypted_response_alg needs jwks or jwks_uri',
    ],
    [
      metadata.backchannelAuthenticationRequestSigningAlg !== undefined && !hasKeys,
      'backchannel_authentication_request_signing_alg needs jwks or jwks_uri',
    ],
    [
      metadata.isSignedRequestRequired === true && !hasKeys,
      'require_signed_request_object needs jwks or jwks_uri',
    ],
    [
      alg !== undefined && !fitting.includes(alg),
      `token_endpoint_auth_signing_alg must be one of ${fitting.join(', ')}`,
    ],
    [
      method === 'tls_client_auth' && Object.keys(tlsClientAuth ?? {}).length !== 1,
      'tls_client_auth needs exactly one of the tls_client_auth_ members',
    ],
    [
      method !== 'tls_client_auth' && tlsClientAuth !== undefined,
      'tls_client_auth_ members need token_endpoint_auth_method tls_client_auth',
    ],
  ]);
}

function checkRest(metadata: ClientMetadata, basics: RegistrationBasics): Problem {
  const {
    subjectType,
    sectorIdentifierUri,
    redirectUris = [],
    backchannelTokenDeliveryMode: mode,
  } = metadata;
  const hosts = new Set(redirectUris.map((uri) => new URL(uri).host));
  const ciba = basics.grants.includes(grantTypes.ciba);
  return firstProblem([
    [
      subjectType !== undefined && !['public', 'pairwise'].includes(subjectType),
      'subject_type must be public or pairwise',
    ],
    [
      subjectType === 'pairwise' && hosts.size > 1 && sectorIdentifierUri === undefined,
      'pairwise subjects with redirect URIs at several hosts need sector_identifier_uri',
    ],
    [
      mode !== undefined && !['poll', 'ping'].includes(mode),
      'backchannel_token_delivery_mode must be poll or ping',
    ],
    [
      mode === 'ping' && metadata.backchannelClientNotificationEndpoint === undefined,
      'backchannel_token_delivery_mode ping needs backchannel_client_notification_endpoint',
    ],
    [ciba && mode === undefined, 'the CIBA grant needs backchannel_token_delivery_mode'],
    [ciba && basics.method === 'none', 'the CIBA grant is for clients that authenticate'],
  ]);
}

function checkRedirects(
  metadata: ClientMetadata,
  basics: RegistrationBasics,
  rules: RegistrationRules,
): Problem {
  const { redirectUris = [] } = metadata;
  if (basics.responses.length > 0 && redirectUris.length === 0)
    return { code: 'invalid_redirect_uri', detail: 'redirect_uris needs at least one URI' };
  const isImplicit = basics.responses.some((type) => type !== 'code');
  const facts = { type: basics.type, isImplicit, policy: rules.policy };
  return findRedirectProblem(redirectUris, facts) ?? findLogoutUriProblem(metadata, facts);
}

function isMethod(text: string): text is ClientAuthMethod {
  return methods.some((method) => method === text);
}

function signingAlgorithm(name: string | undefined, rules: RegistrationRules): SigningAlgorithm {
  return rules.signingAlgorithms.find((algorithm) => algorithm === name) ?? 'RS256';
}

function listed<T extends string>(known: readonly T[], wanted: readonly string[]): readonly T[] {
  return known.filter((entry) => wanted.includes(entry));
}

function describeClient(metadata: ClientMetadata) {
  return {
    name: metadata.clientName ?? 'Registered application',
    clientUri: metadata.clientUri ?? null,
    logoUri: metadata.logoUri ?? null,
    policyUri: metadata.policyUri ?? null,
    tosUri: metadata.tosUri ?? null,
    contacts: metadata.contacts ?? [],
    initiateLoginUri: metadata.initiateLoginUri ?? null,
    defaultMaxAgeSeconds: metadata.defaultMaxAge ?? null,
    isAuthTimeRequired: metadata.isAuthTimeRequired ?? false,
    defaultAcrValues: metadata.defaultAcrValues ?? [],
    postLogoutRedirectUris: metadata.postLogoutRedirectUris ?? [],
    frontchannelLogoutUri: metadata.frontchannelLogoutUri ?? null,
    isFrontchannelSessionRequired: metadata.frontchannelLogoutSessionRequired ?? false,
    backchannelLogoutUri: metadata.backchannelLogoutUri ?? null,
    isBackchannelSessionRequired: metadata.backchannelLogoutSessionRequired ?? false,
  };
}

function describeSecurity(metadata: ClientMetadata, rules: RegistrationRules) {
  const { idTokenEncryptedResponseAlg: alg, sectorIdentifierUri } = metadata;
  return {
    jwks: metadata.jwks ?? null,
    jwksUri: metadata.jwksUri ?? null,
    tokenEndpointAuthSigningAlg: metadata.tokenEndpointAuthSigningAlg ?? null,
    tlsClientAuth: metadata.tlsClientAuth ?? null,
    // The clients of metadata documents came after PKCE; registrations may be of older ones (OpenID Connect knows no such member).
    isPkceRequired: rules.source === 'document',
    isParRequired: metadata.isPushedRequestRequired ?? false,
    isSignedRequestRequired: metadata.isSignedRequestRequired ?? false,
    requestObjectSigningAlg: metadata.requestObjectSigningAlg ?? null,
    requestUris: metadata.requestUris ?? [],
    isDpopRequired: metadata.isDpopBound ?? false,
    isCertificateBound: metadata.isCertificateBound ?? false,
    idTokenSigningAlg: signingAlgorithm(metadata.idTokenSignedResponseAlg, rules),
    idTokenEncryptedResponseAlg: alg ?? null,
    // OpenID Connect Dynamic Client Registration §2: the default when only the algorithm is given.
    idTokenEncryptedResponseEnc:
      alg === undefined ? null : (metadata.idTokenEncryptedResponseEnc ?? 'A128CBC-HS256'),
    userinfoSignedResponseAlg: metadata.userinfoSignedResponseAlg ?? null,
    introspectionSignedResponseAlg: metadata.introspectionSignedResponseAlg ?? null,
    authorizationSignedResponseAlg: metadata.authorizationSignedResponseAlg ?? 'RS256',
    subjectType: metadata.subjectType === 'pairwise' ? ('pairwise' as const) : ('public' as const),
    // OpenID Connect Core §8.1: the host decides, not the whole URI.
    sectorIdentifier: sectorIdentifierUri === undefined ? null : new URL(sectorIdentifierUri).host,
  };
}

/**
 * Whether a client of this method is given a secret.
 * @see RFC 7591 §3.2.1 `client_secret`
 */
export function needsSecret(method: ClientAuthMethod): boolean {
  return secretMethods.includes(method);
}

/**
 * Decides whether a client may be registered as it asks, and with which settings. What the server would not do is refused
 * rather than passed over, so that nobody believes in a protection that is not there.
 * @see RFC 7591 §2, §2.1, §3.2.2, §5; OpenID Connect Dynamic Client Registration §2; OpenID CIBA Core §4; RFC 8705 §2.1.2, §2.2.2
 */
export function checkRegistration(metadata: ClientMetadata, rules: RegistrationRules): RegistrationVerdict {
  const basics = registrationBasics(metadata, rules);
  const problem =
    checkKinds(metadata, basics, rules) ??
    checkRedirects(metadata, basics, rules) ??
    checkAlgorithms(metadata, rules) ??
    checkKeys(metadata, basics) ??
    checkRest(metadata, basics);
  if (problem !== undefined) return { kind: 'refused', ...problem };
  const { backchannelTokenDeliveryMode: mode, sectorIdentifierUri } = metadata;
  const everyGrant: readonly GrantType[] = Object.values(grantTypes);
  const everyResponse: readonly ResponseType[] = responseTypes;
  return {
    kind: 'accepted',
    settings: {
      ...describeClient(metadata),
      ...describeSecurity(metadata, rules),
      type: basics.type,
      authMethod: isMethod(basics.method) ? basics.method : 'none',
      redirectUris: metadata.redirectUris ?? [],
      grantTypes: listed(everyGrant, basics.grants),
      responseTypes: listed(everyResponse, basics.responses),
      isThirdParty: rules.source === 'document' || rules.policy.isThirdParty,
      cibaDeliveryMode: mode === 'ping' || mode === 'poll' ? mode : null,
      cibaNotificationEndpoint: metadata.backchannelClientNotificationEndpoint ?? null,
      cibaRequestSigningAlg: metadata.backchannelAuthenticationRequestSigningAlg ?? null,
    },
    ...(sectorIdentifierUri === undefined ? {} : { sectorUri: sectorIdentifierUri }),
  };
}

/**
 * Whether the document at `sector_identifier_uri` vouches for every redirect URI.
 * @see OpenID Connect Core §8.1, OpenID Connect Dynamic Client Registration §5
 */
export function isSectorOf(document: unknown, redirectUris: readonly string[]): boolean {
  return Array.isArray(document) && redirectUris.every((uri) => document.includes(uri));
}
