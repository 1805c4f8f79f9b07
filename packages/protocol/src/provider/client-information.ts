import type { ClientMetadata } from '../wire/client-metadata.ts';
import type { RegisteredSettings } from './client-registration.ts';

/** Members of a registration that change nothing here and are kept to be told again, by their wire names. */
export type RegistrationNotes = Readonly<Record<string, string>>;

/**
 * The members of client metadata that are kept beside the settings.
 * @see RFC 7591 §3.2.1
 */
export function registrationNotes(metadata: ClientMetadata): RegistrationNotes {
  const notes = {
    application_type: metadata.applicationType,
    scope: metadata.scope,
    software_id: metadata.softwareId,
    software_version: metadata.softwareVersion,
    sector_identifier_uri: metadata.sectorIdentifierUri,
  };
  return Object.fromEntries(
    Object.entries(notes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function addresses(settings: RegisteredSettings): Readonly<Record<string, unknown>> {
  return {
    client_uri: settings.clientUri,
    logo_uri: settings.logoUri,
    policy_uri: settings.policyUri,
    tos_uri: settings.tosUri,
    contacts: settings.contacts,
    initiate_login_uri: settings.initiateLoginUri,
    post_logout_redirect_uris: settings.postLogoutRedirectUris,
    frontchannel_logout_uri: settings.frontchannelLogoutUri,
    frontchannel_logout_session_required:
      settings.frontchannelLogoutUri === null ? null : settings.isFrontchannelSessionRequired,
    backchannel_logout_uri: settings.backchannelLogoutUri,
    backchannel_logout_session_required:
      settings.backchannelLogoutUri === null ? null : settings.isBackchannelSessionRequired,
    request_uris: settings.requestUris,
    default_max_age: settings.defaultMaxAgeSeconds,
    default_acr_values: settings.defaultAcrValues,
  };
}

function algorithms(settings: RegisteredSettings): Readonly<Record<string, unknown>> {
  return {
    jwks: settings.jwks,
    jwks_uri: settings.jwksUri,
    ...settings.tlsClientAuth,
    token_endpoint_auth_signing_alg: settings.tokenEndpointAuthSigningAlg,
    id_token_signed_response_alg: settings.idTokenSigningAlg,
    id_token_encrypted_response_alg: settings.idTokenEncryptedResponseAlg,
    id_token_encrypted_response_enc: settings.idTokenEncryptedResponseEnc,
    userinfo_signed_response_alg: settings.userinfoSignedResponseAlg,
    introspection_signed_response_alg: settings.introspectionSignedResponseAlg,
    authorization_signed_response_alg: settings.authorizationSignedResponseAlg,
    request_object_signing_alg: settings.requestObjectSigningAlg,
    backchannel_token_delivery_mode: settings.cibaDeliveryMode,
    backchannel_client_notification_endpoint: settings.cibaNotificationEndpoint,
    backchannel_authentication_request_signing_alg: settings.cibaRequestSigningAlg,
  };
}

/**
 * All registered metadata of a client as its owner is told it; what is empty is left out.
 * @see RFC 7591 §3.2.1, RFC 7592 §3, OpenID Connect Dynamic Client Registration §3.2
 */
export function buildClientInformation(
  clientId: string,
  settings: RegisteredSettings,
  notes: RegistrationNotes,
): Readonly<Record<string, unknown>> {
  const all = {
    client_id: clientId,
    client_name: settings.name,
    application_type: settings.type === 'native' ? 'native' : 'web',
    redirect_uris: settings.redirectUris,
    response_types: settings.responseTypes,
    grant_types: settings.grantTypes,
    token_endpoint_auth_method: settings.authMethod,
    subject_type: settings.subjectType,
    require_auth_time: settings.isAuthTimeRequired,
    require_pushed_authorization_requests: settings.isParRequired,
    require_signed_request_object: settings.isSignedRequestRequired,
    dpop_bound_access_tokens: settings.isDpopRequired,
    tls_client_certificate_bound_access_tokens: settings.isCertificateBound,
    ...addresses(settings),
    ...algorithms(settings),
    ...notes,
  };
  const isTold = (value: unknown): boolean =>
    value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(all).filter(([, value]) => isTold(value)));
}
