import { parseJwkSet } from './jwk-set.ts';
import { isLegible } from './legible-text.ts';
import { isAddress } from './web-address.ts';

/** Why client metadata is refused, as RFC 7591 §3.2.2 words it. */
export interface MetadataProblem {
  readonly code:
    | 'invalid_redirect_uri'
    | 'invalid_client_metadata'
    | 'invalid_software_statement'
    | 'unapproved_software_statement';
  readonly detail: string;
}

/** Client metadata with every known member of the right shape; what was left out is `undefined`. */
export type ClientMetadata = ReturnType<typeof readMembers>;

/** Client metadata as read, or what is wrong with it. */
export type ParsedClientMetadata =
  | { readonly kind: 'metadata'; readonly metadata: ClientMetadata }
  | ({ readonly kind: 'refused' } & MetadataProblem);

const maximumUris = 20;
const maximumUriLength = 2000;
const uriCharacters = /^[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isUri(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= maximumUriLength &&
    uriCharacters.test(value) &&
    URL.canParse(value)
  );
}

function isWebUri(value: unknown): value is string {
  if (!isUri(value)) return false;
  return isAddress(value, 'web');
}

/** Reads members of a JSON object one by one and keeps the first problem; RFC 7592 §2.2: null is as good as absent. */
function createReader(record: Readonly<Record<string, unknown>>) {
  const state: { problem: MetadataProblem | undefined } = { problem: undefined };
  const refuse = (detail: string, code: MetadataProblem['code'] = 'invalid_client_metadata'): undefined => {
    state.problem ??= { code, detail };
    return undefined;
  };
  const memberOf = (name: string): unknown =>
    Object.hasOwn(record, name) ? (record[name] ?? undefined) : undefined;
  function member<T>(name: string, is: (value: unknown) => value is T, wanted: string): T | undefined {
    const value = memberOf(name);
    if (value === undefined) return undefined;
    return is(value) ? value : refuse(`${name} must be ${wanted}`);
  }
  const isText =
    (maximum: number) =>
    (value: unknown): value is string =>
      typeof value === 'string' && value.length <= maximum && value !== '' && isLegible(value);
  const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
  const isSeconds = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2_147_483_647;
  const listOf = <T>(name: string, is: (value: unknown) => value is T, wanted: string) =>
    member(
      name,
      (value): value is readonly T[] =>
        Array.isArray(value) && value.length <= maximumUris && value.every(is),
      `a list of at most ${maximumUris} ${wanted}`,
    );
  return {
    state,
    text: (name: string, maximum = 200) =>
      member(name, isText(maximum), `a text of 1 to ${maximum} characters`),
    possiblyEmpty: (name: string, maximum: number) => {
      const is = isText(maximum);
      const text = member(
        name,
        (value): value is string => value === '' || is(value),
        `a text of at most ${maximum} characters`,
      );
      return text === '' ? undefined : text;
    },
    texts: (name: string) => listOf(name, isText(200), 'texts'),
    flag: (name: string) => member(name, isFlag, 'true or false'),
    seconds: (name: string) => member(name, isSeconds, 'a whole number of seconds'),
    web: (name: string) => member(name, isWebUri, 'an https URL'),
    webs: (name: string) => listOf(name, isWebUri, 'https URLs'),
    uris: (name: string) => listOf(name, isUri, 'absolute URIs'),
    redirects: (name: string) => {
      const before = state.problem;
      const uris = listOf(name, isUri, 'absolute URIs');
      if (before === undefined && state.problem !== undefined) {
        const { detail } = state.problem;
        state.problem = { code: 'invalid_redirect_uri', detail };
      }
      return uris;
    },
    keySet: (name: string): unknown => {
      const value = memberOf(name);
      if (value === undefined) return undefined;
      const set = parseJwkSet(value);
      if (set.kind !== 'keys')
        return refuse(`${name} must be a JWK Set of public keys, without private members`);
      return value;
    },
    refuseIf: (isRefused: boolean, detail: string, code?: MetadataProblem['code']) =>
      void (isRefused ? refuse(detail, code) : undefined),
    memberOf,
  };
}

type Reader = ReturnType<typeof createReader>;

function readAlgorithms(read: Reader) {
  return {
    idTokenSignedResponseAlg: read.text('id_token_signed_response_alg'),
    idTokenEncryptedResponseAlg: read.text('id_token_encrypted_response_alg'),
    idTokenEncryptedResponseEnc: read.text('id_token_encrypted_response_enc'),
    userinfoSignedResponseAlg: read.text('userinfo_signed_response_alg'),
    introspectionSignedResponseAlg: read.text('introspection_signed_response_alg'),
    authorizationSignedResponseAlg: read.text('authorization_signed_response_alg'),
    requestObjectSigningAlg: read.text('request_object_signing_alg'),
    tokenEndpointAuthSigningAlg: read.text('token_endpoint_auth_signing_alg'),
  };
}

function readLogout(read: Reader) {
  return {
    postLogoutRedirectUris: read.uris('post_logout_redirect_uris'),
    frontchannelLogoutUri: read.web('frontchannel_logout_uri'),
    frontchannelLogoutSessionRequired: read.flag('frontchannel_logout_session_required'),
    backchannelLogoutUri: read.web('backchannel_logout_uri'),
    backchannelLogoutSessionRequired: read.flag('backchannel_logout_session_required'),
  };
}

const certificateNames = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;

function readAuthentication(read: Reader) {
  const names = certificateNames.flatMap((name) => {
    const value = read.text(name, 1000);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    tokenEndpointAuthMethod: read.text('token_endpoint_auth_method'),
    jwks: read.keySet('jwks'),
    jwksUri: read.web('jwks_uri'),
    tlsClientAuth: names.length === 0 ? undefined : Object.fromEntries(names),
    isPushedRequestRequired: read.flag('require_pushed_authorization_requests'),
    isSignedRequestRequired: read.flag('require_signed_request_object'),
    isDpopBound: read.flag('dpop_bound_access_tokens'),
    isCertificateBound: read.flag('tls_client_certificate_bound_access_tokens'),
  };
}

function readMembers(read: Reader) {
  return {
    redirectUris: read.redirects('redirect_uris'),
    applicationType: read.text('application_type'),
    responseTypes: read.texts('response_types'),
    grantTypes: read.texts('grant_types'),
    clientName: read.text('client_name'),
    clientUri: read.web('client_uri'),
    logoUri: read.web('logo_uri'),
    policyUri: read.web('policy_uri'),
    tosUri: read.web('tos_uri'),
    contacts: read.texts('contacts'),
    // A client without a scope of its own may say so by an empty text.
    scope: read.possiblyEmpty('scope', 2000),
    softwareId: read.text('software_id'),
    softwareVersion: read.text('software_version'),
    subjectType: read.text('subject_type'),
    sectorIdentifierUri: read.web('sector_identifier_uri'),
    requestUris: read.webs('request_uris'),
    defaultMaxAge: read.seconds('default_max_age'),
    isAuthTimeRequired: read.flag('require_auth_time'),
    defaultAcrValues: read.texts('default_acr_values'),
    initiateLoginUri: read.web('initiate_login_uri'),
    backchannelTokenDeliveryMode: read.text('backchannel_token_delivery_mode'),
    backchannelClientNotificationEndpoint: read.web('backchannel_client_notification_endpoint'),
    backchannelAuthenticationRequestSigningAlg: read.text('backchannel_authentication_request_signing_alg'),
    ...readAuthentication(read),
    ...readAlgorithms(read),
    ...readLogout(read),
  };
}

/** What would change the meaning of a registration if it were passed over in silence. */
const unsupportedMembers = [
  'userinfo_encrypted_response_alg',
  'userinfo_encrypted_response_enc',
  'request_object_encryption_alg',
  'request_object_encryption_enc',
  'authorization_encrypted_response_alg',
  'authorization_encrypted_response_enc',
  'introspection_encrypted_response_alg',
  'introspection_encrypted_response_enc',
] as const;

/**
 * Reads client metadata: known members must have the right type and a bounded size, unknown ones are passed over.
 * @see RFC 7591 §2, §3.1, §3.1.1; OpenID Connect Dynamic Client Registration §2; RFC 8705 §2.1.2, RFC 9126 §6, RFC 9449 §5.2
 */
export function parseClientMetadata(value: unknown): ParsedClientMetadata {
  if (!isRecord(value))
    return {
      kind: 'refused',
      code: 'invalid_client_metadata',
      detail: 'client metadata must be a JSON object',
    };
  const read = createReader(value);
  read.refuseIf(
    read.memberOf('software_statement') !== undefined,
    'software statements are not taken here; register without software_statement',
    'unapproved_software_statement',
  );
  for (const name of unsupportedMembers)
    read.refuseIf(read.memberOf(name) !== undefined, `${name} is not supported; register without it`);
  read.refuseIf(
    read.memberOf('backchannel_user_code_parameter') === true,
    'backchannel_user_code_parameter is not supported; register without it',
  );
  const metadata = readMembers(read);
  const { problem } = read.state;
  return problem === undefined ? { kind: 'metadata', metadata } : { kind: 'refused', ...problem };
}
