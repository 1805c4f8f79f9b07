import type { SigningAlgorithm } from '@latchkey/protocol';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { ApplicationRow } from './application-row.ts';
import type { DeliveryFailureRow, OutboxRow } from './outbox-rows.ts';

export type { ApplicationRow } from './application-row.ts';
export type { DeliveryFailureRow, OutboxRow } from './outbox-rows.ts';

/** A column that may be left out when a row is made. */
type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>;

/** The tables as kysely sees them: names in camel case, translated by its plugin. See `migrations/` for what each means. */
export interface Tables {
  instances: InstanceRow;
  instanceDomains: { instanceId: string; host: string; origin: string; isPrimary: boolean };
  instanceDataKeys: {
    instanceId: string;
    version: number;
    masterKeyId: string;
    wrapped: Buffer;
    createdAtMs: number;
  };
  signingKeys: SigningKeyRow;
  organizations: {
    instanceId: string;
    id: string;
    name: string;
    primaryDomain: string;
    state: Generated<'active' | 'inactive' | 'removed'>;
    createdAtMs: number;
  };
  users: UserRow;
  userMetadata: { instanceId: string; userId: string; key: string; value: Buffer };
  /** Kept by triggers on `users`: who signs in by which login name or verified e-mail address. */
  signInNames: { instanceId: string; name: string; userId: string };
  signInAttempts: {
    instanceId: string;
    slot: number;
    digest: string;
    failedAttempts: number;
    lastFailedAtMs: number;
  };
  memberships: {
    instanceId: string;
    objectKind: 'instance' | 'organization' | 'project' | 'project-grant';
    objectId: string;
    userId: string;
    roles: string[];
    createdAtMs: number;
  };
  organizationDomains: {
    instanceId: string;
    organizationId: string;
    domain: string;
    isVerified: Generated<boolean>;
    verificationToken: string;
    createdAtMs: number;
    verifiedAtMs: Optional<number>;
  };
  organizationMetadata: { instanceId: string; organizationId: string; key: string; value: Buffer };
  projectGrants: {
    instanceId: string;
    id: string;
    projectId: string;
    /** The organization it is granted to. */
    organizationId: string;
    roleKeys: string[];
    state: Generated<'active' | 'inactive' | 'removed'>;
    createdAtMs: number;
  };
  settings: {
    instanceId: string;
    /** Empty for the default of the instance. */
    organizationId: string;
    kind: string;
    value: ColumnType<unknown, string, string>;
    updatedAtMs: number;
  };
  idempotencyKeys: {
    instanceId: string;
    callerId: string;
    key: string;
    fingerprint: string;
    status: Optional<number>;
    answerSealed: Optional<Buffer>;
    expiresAtMs: number;
  };
  usageCounters: {
    instanceId: string;
    hourMs: number;
    metric: string;
    objectId: string;
    count: number;
    firstAtMs: number;
  };
  projects: {
    instanceId: string;
    id: string;
    organizationId: string;
    name: string;
    state: Generated<'active' | 'inactive' | 'removed'>;
    roleAssertion: Generated<boolean>;
    roleCheck: Generated<boolean>;
    hasProjectCheck: Generated<boolean>;
    /** Applications of others that may obtain tokens for it, by client ID. */
    allowedClientIds: Generated<string[]>;
    /** Organizations whose applications and machine users may. */
    allowedOrganizationIds: Generated<string[]>;
    isOpenToThirdParties: Generated<boolean>;
    createdAtMs: number;
  };
  roles: {
    instanceId: string;
    projectId: string;
    key: string;
    displayName: string;
    groupName: string | null;
  };
  applications: ApplicationRow;
  clientSecrets: {
    instanceId: string;
    id: string;
    ownerId: string;
    /** Null until a secret of another system has been used. */
    sha256: string | null;
    /** The hash a secret of another system came with, until it is used. */
    foreignHash: Optional<string>;
    createdAtMs: number;
    expiresAtMs: number | null;
    /** The secret itself, sealed, where it signs assertions (client_secret_jwt). */
    sealed: Optional<Buffer>;
  };
  applicationKeys: {
    instanceId: string;
    id: string;
    applicationId: string;
    publicKeyPem: string;
    createdAtMs: number;
    expiresAtMs: number | null;
  };
  authorizations: {
    instanceId: string;
    id: string;
    userId: string;
    projectId: string;
    organizationId: string;
    roleKeys: string[];
    state: Generated<'active' | 'inactive' | 'removed'>;
    createdAtMs: number;
    /** The grant by which a user of another organization has the roles. */
    projectGrantId: Optional<string>;
  };
  sessions: SessionRow;
  grants: GrantRow;
  consumed: { instanceId: string; kind: string; id: string; keepUntilMs: number };
  revocations: { instanceId: string; id: string; kind: string; notAfterMs: number; keepUntilMs: number };
  events: EventRow;
  userKeys: {
    instanceId: string;
    id: string;
    userId: string;
    publicKeyPem: string;
    createdAtMs: number;
    expiresAtMs: number | null;
  };
  personalAccessTokens: {
    instanceId: string;
    id: string;
    userId: string;
    scopes: string[];
    createdAtMs: number;
    expiresAtMs: number;
  };
  consents: {
    instanceId: string;
    userId: string;
    applicationId: string;
    scopes: string[];
    createdAtMs: number;
    updatedAtMs: number;
  };
  sessionClients: {
    instanceId: string;
    sessionId: string;
    applicationId: string;
    subject: string;
    createdAtMs: number;
  };
  deviceAuthorizations: DeviceAuthorizationRow;
  backchannelAuthentications: BackchannelAuthenticationRow;
  initialAccessTokens: {
    instanceId: string;
    id: string;
    sha256: string;
    projectId: string;
    usesLeft: number;
    createdAtMs: number;
    expiresAtMs: number;
  };
  outbox: OutboxRow;
  deliveryFailures: DeliveryFailureRow;
  databaseIdentity: { id: Generated<number>; systemIdentifier: string; databaseOid: string };
}

/** An instance and its settings. */
export interface InstanceRow {
  id: string;
  name: string;
  state: Generated<'active' | 'inactive' | 'removed'>;
  createdAtMs: number;
  /** The project whose audience the management API accepts. */
  managementProjectId: Optional<string>;
  accessTokenLifetimeSeconds: Generated<number>;
  accessTokenJwtType: Generated<'at+jwt' | 'JWT'>;
  idTokenLifetimeSeconds: Generated<number>;
  refreshIdleSeconds: Generated<number>;
  refreshAbsoluteSeconds: Generated<number>;
  refreshGraceSeconds: Generated<number>;
  sessionIdleSeconds: Generated<number>;
  sessionAbsoluteSeconds: Generated<number>;
  passwordMinimumLength: Generated<number>;
  isImpersonationEnabled: Generated<boolean>;
  isSelfRegistrationEnabled: Generated<boolean>;
  dynamicRegistration: Generated<'off' | 'token' | 'open'>;
  registrationPolicy: ColumnType<unknown, string | undefined, string>;
  isClientIdMetadataEnabled: Generated<boolean>;
  isDpopNonceRequired: Generated<boolean>;
  /** How old a person's sign-in may be for dangerous operations; 0: any age. */
  dangerousActionMaxAgeSeconds: Generated<number>;
  /** Texts sealed with an older data key no longer open. */
  oldestAcceptedKeyVersion: Generated<number>;
}

/** A signing key; the private half is sealed. */
export interface SigningKeyRow {
  instanceId: string;
  id: string;
  algorithm: SigningAlgorithm;
  state: 'next' | 'active' | 'retiring' | 'removed';
  sinceMs: number;
  publicJwk: unknown;
  privateKeySealed: Buffer | null;
}

/** A person or machine. */
export interface UserRow {
  instanceId: string;
  id: string;
  organizationId: string;
  kind: 'human' | 'machine';
  state: Generated<'active' | 'inactive' | 'locked' | 'removed'>;
  loginName: string;
  loginNameCanonical: string;
  displayName: string;
  /** What a machine user is for. */
  description: Optional<string>;
  isPasswordChangeRequired: Generated<boolean>;
  givenName: Optional<string>;
  familyName: Optional<string>;
  nickname: Optional<string>;
  gender: Optional<'female' | 'male' | 'diverse'>;
  preferredLanguage: Optional<string>;
  email: Optional<string>;
  emailCanonical: Optional<string>;
  isEmailVerified: Generated<boolean>;
  phone: Optional<string>;
  isPhoneVerified: Generated<boolean>;
  passwordHash: Optional<string>;
  failedAttempts: Generated<number>;
  lastFailedAtMs: Generated<number>;
  passwordChangedAtMs: Generated<number>;
  accessTokenType: Generated<'opaque' | 'jwt'>;
  accessTokenSigningAlg: Generated<SigningAlgorithm>;
  accessTokenJwtType: Optional<'at+jwt' | 'JWT'>;
  middleName: Optional<string>;
  profileUrl: Optional<string>;
  pictureUrl: Optional<string>;
  website: Optional<string>;
  birthdate: Optional<string>;
  zoneinfo: Optional<string>;
  address: ColumnType<Readonly<Record<string, string>> | null, string | null | undefined, string | null>;
  createdAtMs: number;
  updatedAtMs: number;
}

/** A sign-in of a person in one browser. */
export interface SessionRow {
  instanceId: string;
  id: string;
  organizationId: string;
  userId: string;
  secretSha256: string;
  authTimeMs: number;
  amr: string[];
  createdAtMs: number;
  lastSeenAtMs: number;
  expiresAtMs: number;
  endedAtMs: number | null;
  userAgent: string | null;
  ip: string | null;
}

/** A refresh-token family. */
export interface GrantRow {
  instanceId: string;
  id: string;
  organizationId: string;
  userId: string;
  sessionId: string;
  applicationId: string;
  clientId: string;
  scopes: string[];
  authTimeMs: number;
  amr: string[];
  generation: Generated<number>;
  rotatedAtMs: number;
  /** When the latest generations began, the present one first; in milliseconds since the epoch. */
  recentRotationsMs: Generated<number[]>;
  /** Read by servers of earlier versions only: whether the present generation has more than one token. */
  isSiblingUsed: Generated<boolean>;
  idleExpiresAtMs: number;
  absoluteExpiresAtMs: number;
  endedAtMs: number | null;
  createdAtMs: number;
  dpopJkt: Optional<string>;
  resources: Generated<string[]>;
  claims: ColumnType<unknown, string | null | undefined, string | null>;
}

/** Columns of a request that waits for a person's word elsewhere: device and backchannel authentication. */
interface AwaitedRow {
  instanceId: string;
  id: string;
  applicationId: string;
  clientId: string;
  scopes: string[];
  state: Generated<'pending' | 'approved' | 'denied' | 'redeemed'>;
  sessionId: Optional<string>;
  authTimeMs: Optional<number>;
  amr: Generated<string[]>;
  /** The grant that redeeming it begins. */
  grantId: string;
  intervalSeconds: number;
  lastPolledAtMs: Generated<number>;
  createdAtMs: number;
  expiresAtMs: number;
}

/** A device authorization (RFC 8628). */
export interface DeviceAuthorizationRow extends AwaitedRow {
  deviceCodeSha256: string;
  userCodeSha256: string;
  resources: Generated<string[]>;
  userId: Optional<string>;
  /** How old the sign-in of whoever approves may be. */
  maxAgeSeconds: Optional<number>;
}

/** A backchannel authentication request (OpenID CIBA Core 1.0). */
export interface BackchannelAuthenticationRow extends AwaitedRow {
  authReqIdSha256: string;
  userId: string;
  bindingMessage: Optional<string>;
  acrValues: Generated<string[]>;
  notificationTokenSealed: Optional<Buffer>;
}

/** An event of the append-only log. */
export interface EventRow {
  instanceId: string;
  seq: GeneratedAlways<number>;
  txId: GeneratedAlways<string>;
  atMs: number;
  type: string;
  objectKind: string;
  objectId: string;
  organizationId: string | null;
  actorKind: string;
  actorId: string;
  ip: string | null;
  detail: unknown;
  revokes: unknown;
  isWaking: boolean;
  /** Who acted as the actor, the present one first. */
  actingUserIds: Optional<string[]>;
}
