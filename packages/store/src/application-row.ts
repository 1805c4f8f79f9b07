import type { ClientAuthMethod, SigningAlgorithm } from '@latchkey/protocol';
import type { ColumnType, Generated } from 'kysely';

/** A column that may be left out when a row is made. */
type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>;

/** An application and its settings. */
export interface ApplicationRow {
  instanceId: string;
  id: string;
  organizationId: string;
  projectId: string;
  name: string;
  type: 'user_agent' | 'web' | 'native' | 'api';
  state: Generated<'active' | 'inactive' | 'removed'>;
  clientId: string;
  authMethod: ClientAuthMethod;
  redirectUris: Generated<string[]>;
  postLogoutRedirectUris: Generated<string[]>;
  additionalOrigins: Generated<string[]>;
  grantTypes: Generated<string[]>;
  developmentMode: Generated<boolean>;
  accessTokenType: Generated<'opaque' | 'jwt'>;
  accessTokenRoleAssertion: Generated<boolean>;
  idTokenRoleAssertion: Generated<boolean>;
  idTokenUserinfoAssertion: Generated<boolean>;
  idTokenClientIdAssertion: Generated<boolean>;
  clockSkewSeconds: Generated<number>;
  accessTokenLifetimeSeconds: Optional<number>;
  idTokenLifetimeSeconds: Optional<number>;
  idTokenSigningAlg: Generated<SigningAlgorithm>;
  accessTokenSigningAlg: Generated<SigningAlgorithm>;
  responseTypes: Generated<string[]>;
  isThirdParty: Generated<boolean>;
  /** May obtain tokens for the management API. */
  isManagementClient: Generated<boolean>;
  securityProfile: Generated<'standard' | 'fapi2' | 'fapi2_message_signing'>;
  isPkceRequired: Generated<boolean>;
  isParRequired: Generated<boolean>;
  requestObjectSigningAlg: Optional<string>;
  isSignedRequestRequired: Generated<boolean>;
  requestUris: Generated<string[]>;
  jwks: ColumnType<unknown, string | null | undefined, string | null>;
  jwksUri: Optional<string>;
  tokenEndpointAuthSigningAlg: Optional<string>;
  tlsClientAuth: ColumnType<
    Readonly<Record<string, string>> | null,
    string | null | undefined,
    string | null
  >;
  isDpopRequired: Generated<boolean>;
  isCertificateBound: Generated<boolean>;
  accessTokenJwtType: Optional<'at+jwt' | 'JWT'>;
  idTokenEncryptedResponseAlg: Optional<string>;
  idTokenEncryptedResponseEnc: Optional<string>;
  userinfoSignedResponseAlg: Optional<string>;
  introspectionSignedResponseAlg: Optional<string>;
  authorizationSignedResponseAlg: Generated<string>;
  isMinimalIntrospection: Generated<boolean>;
  subjectType: Generated<'public' | 'pairwise'>;
  sectorIdentifier: Optional<string>;
  resourceUris: Generated<string[]>;
  frontchannelLogoutUri: Optional<string>;
  isFrontchannelSessionRequired: Generated<boolean>;
  backchannelLogoutUri: Optional<string>;
  isBackchannelSessionRequired: Generated<boolean>;
  initiateLoginUri: Optional<string>;
  clientUri: Optional<string>;
  logoUri: Optional<string>;
  policyUri: Optional<string>;
  tosUri: Optional<string>;
  contacts: Generated<string[]>;
  defaultMaxAgeSeconds: Optional<number>;
  isAuthTimeRequired: Generated<boolean>;
  defaultAcrValues: Generated<string[]>;
  refreshIdleSeconds: Optional<number>;
  refreshAbsoluteSeconds: Optional<number>;
  cibaDeliveryMode: Optional<'poll' | 'ping'>;
  cibaNotificationEndpoint: Optional<string>;
  cibaRequestSigningAlg: Optional<string>;
  registrationTokenSha256: Optional<string>;
  /** Members of a registration that are only kept to be told again, by their wire names. */
  registrationNotes: ColumnType<Readonly<Record<string, string>>, string | undefined, string>;
  createdAtMs: number;
}
