import type { EpochMs } from '../brands.ts';
import type { ClientAuthMethod, GrantType, SigningAlgorithm } from '../wire/names.ts';

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
  readonly secrets: readonly { readonly sha256: string; readonly expiresAtMs: EpochMs | null }[];
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
  readonly clockSkewSeconds: number;
  readonly accessTokenLifetimeSeconds: number | null;
  readonly idTokenLifetimeSeconds: number | null;
  readonly idTokenSigningAlg: SigningAlgorithm;
  readonly accessTokenSigningAlg: SigningAlgorithm;
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
  /** Client ids of every application of the project: the default audience of a user's token. */
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
  readonly organizationState: ObjectState;
  /** Projects in which the user holds an active authorization. */
  readonly authorizedProjectIds: readonly string[];
}
