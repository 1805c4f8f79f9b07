import type { EpochMs } from '../brands.ts';
import type { ClientAuthMethod, GrantType, ResponseType, SigningAlgorithm } from '../wire/names.ts';

/** Whether a thing may act: only `active` may. */
export type ObjectState = 'active' | 'inactive' | 'locked' | 'removed';

/** A registered application as the protocol sees it (ZITADEL dialect: User Agent, Web, Native, API). */
export interface ApplicationFacts {
  readonly id: string;
  readonly clientId: string;
  readonly name: string;
  readonly type: 'user_agent' | 'web' | 'native' | 'api';
  readonly state: ObjectState;
  readonly authMethod: ClientAuthMethod;
  readonly secrets: readonly {
    readonly id: string;
    /** SHA-256 in hex; null until a secret of another system has been used. */
    readonly sha256: string | null;
    /** The hash a secret of another system came with, until it is used. */
    readonly foreignHash: string | null;
    readonly expiresAtMs: EpochMs | null;
    /** The secret sealed at rest, hex, where it signs assertions (client_secret_jwt). */
    readonly sealedHex: string | null;
  }[];
  readonly keys: readonly {
    readonly keyId: string;
    readonly publicKeyPem: string;
    readonly expiresAtMs: EpochMs | null;
  }[];
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly additionalOrigins: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly developmentMode: boolean;
  readonly accessTokenType: 'opaque' | 'jwt';
  readonly accessTokenRoleAssertion: boolean;
  readonly idTokenRoleAssertion: boolean;
  readonly idTokenUserinfoAssertion: boolean;
  /** Whether ID tokens name the client in `client_id` besides `azp` (ZITADEL dialect). */
  readonly idTokenClientIdAssertion: boolean;
  readonly clockSkewSeconds: number;
  readonly accessTokenLifetimeSeconds: number | null;
  readonly idTokenLifetimeSeconds: number | null;
  readonly idTokenSigningAlg: SigningAlgorithm;
  readonly accessTokenSigningAlg: SigningAlgorithm;
  readonly responseTypes: readonly ResponseType[];
  /** Of somebody else: a person is asked before it gets anything. */
  readonly isThirdParty: boolean;
  /** Registered by itself (RFC 7591) or known by a document: nobody of the organization decided about it. */
  readonly isSelfRegistered: boolean;
  /** May obtain tokens for the management API; set by instance owners only. */
  readonly isManagementClient: boolean;
  /** `fapi2` turns on all the FAPI 2.0 Security Profile asks for, `fapi2_message_signing` signed requests and answers too. */
  readonly securityProfile: 'standard' | 'fapi2' | 'fapi2_message_signing';
  /** Whether PKCE is a must although the application authenticates; without authentication and for FAPI it always is. */
  readonly isPkceRequired: boolean;
  readonly isParRequired: boolean;
  readonly requestObjectSigningAlg: string | null;
  readonly isSignedRequestRequired: boolean;
  readonly requestUris: readonly string[];
  /** The client's public keys as a JWK Set, or where it publishes them. */
  readonly jwks: unknown;
  readonly jwksUri: string | null;
  readonly tokenEndpointAuthSigningAlg: string | null;
  /** One of RFC 8705 §2.1.2: tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip, _san_email. */
  readonly tlsClientAuth: Readonly<Record<string, string>> | null;
  readonly isDpopRequired: boolean;
  readonly isCertificateBound: boolean;
  /** Header `typ` of JWT access tokens; null: as the instance has it. */
  readonly accessTokenJwtType: 'at+jwt' | 'JWT' | null;
  readonly idTokenEncryptedResponseAlg: string | null;
  readonly idTokenEncryptedResponseEnc: string | null;
  readonly userinfoSignedResponseAlg: string | null;
  readonly introspectionSignedResponseAlg: string | null;
  readonly authorizationSignedResponseAlg: string;
  readonly isMinimalIntrospection: boolean;
  readonly subjectType: 'public' | 'pairwise';
  readonly sectorIdentifier: string | null;
  /** What RFC 8707 calls its resource indicators. */
  readonly resourceUris: readonly string[];
  readonly frontchannelLogoutUri: string | null;
  readonly isFrontchannelSessionRequired: boolean;
  readonly backchannelLogoutUri: string | null;
  readonly isBackchannelSessionRequired: boolean;
  readonly initiateLoginUri: string | null;
  readonly clientUri: string | null;
  readonly logoUri: string | null;
  readonly policyUri: string | null;
  readonly tosUri: string | null;
  readonly contacts: readonly string[];
  readonly defaultMaxAgeSeconds: number | null;
  readonly isAuthTimeRequired: boolean;
  readonly defaultAcrValues: readonly string[];
  readonly refreshIdleSeconds: number | null;
  readonly refreshAbsoluteSeconds: number | null;
  readonly cibaDeliveryMode: 'poll' | 'ping' | null;
  readonly cibaNotificationEndpoint: string | null;
  /** The only algorithm backchannel authentication requests are signed by; unsigned ones are refused then. */
  readonly cibaRequestSigningAlg: string | null;
}

/** The project an application belongs to. */
export interface ProjectFacts {
  readonly id: string;
  readonly state: ObjectState;
  readonly organizationId: string;
  readonly organizationState: ObjectState;
  readonly roleAssertion: boolean;
  readonly roleCheck: boolean;
  readonly hasProjectCheck: boolean;
  readonly roleKeys: readonly string[];
  /** Client ids of every application of the project, APIs first, then by age: the default audience of a user's token. */
  readonly clientIds: readonly string[];
}

/** An application with its project: what the client of a request is. */
export interface ClientFacts {
  readonly application: ApplicationFacts;
  readonly project: ProjectFacts;
}

/** The user a token is for, as far as issuing and liveness go. */
export interface SubjectStanding {
  readonly userId: string;
  readonly userState: ObjectState;
  readonly organizationId: string;
  /** The primary domain of the organization. */
  readonly organizationDomain: string;
  readonly organizationState: ObjectState;
  /** Projects in which the user holds an active authorization. */
  readonly authorizedProjectIds: readonly string[];
}
