import type { Generated, GeneratedAlways } from 'kysely';

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
  managers: { instanceId: string; userId: string; roles: string[]; createdAtMs: number };
  projects: {
    instanceId: string;
    id: string;
    organizationId: string;
    name: string;
    state: Generated<'active' | 'inactive' | 'removed'>;
    roleAssertion: Generated<boolean>;
    roleCheck: Generated<boolean>;
    hasProjectCheck: Generated<boolean>;
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
    sha256: string;
    createdAtMs: number;
    expiresAtMs: number | null;
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
  };
  sessions: SessionRow;
  grants: GrantRow;
  consumed: { instanceId: string; kind: string; id: string; keepUntilMs: number };
  revocations: { instanceId: string; id: string; kind: string; notAfterMs: number; keepUntilMs: number };
  events: EventRow;
}

/** An instance and its settings. */
export interface InstanceRow {
  id: string;
  name: string;
  state: Generated<'active' | 'inactive' | 'removed'>;
  createdAtMs: number;
  accessTokenLifetimeSeconds: Generated<number>;
  idTokenLifetimeSeconds: Generated<number>;
  refreshIdleSeconds: Generated<number>;
  refreshAbsoluteSeconds: Generated<number>;
  refreshGraceSeconds: Generated<number>;
  sessionIdleSeconds: Generated<number>;
  sessionAbsoluteSeconds: Generated<number>;
  passwordMinimumLength: Generated<number>;
}

/** A signing key; the private half is sealed. */
export interface SigningKeyRow {
  instanceId: string;
  id: string;
  algorithm: 'RS256' | 'ES256';
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
  givenName: string | null;
  familyName: string | null;
  nickname: string | null;
  gender: 'female' | 'male' | 'diverse' | null;
  preferredLanguage: string | null;
  email: string | null;
  emailCanonical: string | null;
  isEmailVerified: Generated<boolean>;
  phone: string | null;
  isPhoneVerified: Generated<boolean>;
  passwordHash: string | null;
  failedAttempts: Generated<number>;
  lastFailedAtMs: Generated<number>;
  accessTokenType: Generated<'opaque' | 'jwt'>;
  accessTokenSigningAlg: Generated<'RS256' | 'ES256'>;
  createdAtMs: number;
  updatedAtMs: number;
}

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
  authMethod: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  redirectUris: Generated<string[]>;
  postLogoutRedirectUris: Generated<string[]>;
  additionalOrigins: Generated<string[]>;
  grantTypes: Generated<string[]>;
  developmentMode: Generated<boolean>;
  accessTokenType: Generated<'opaque' | 'jwt'>;
  accessTokenRoleAssertion: Generated<boolean>;
  idTokenRoleAssertion: Generated<boolean>;
  idTokenUserinfoAssertion: Generated<boolean>;
  clockSkewSeconds: Generated<number>;
  accessTokenLifetimeSeconds: number | null;
  idTokenLifetimeSeconds: number | null;
  idTokenSigningAlg: Generated<'RS256' | 'ES256'>;
  accessTokenSigningAlg: Generated<'RS256' | 'ES256'>;
  createdAtMs: number;
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
  isSiblingUsed: Generated<boolean>;
  idleExpiresAtMs: number;
  absoluteExpiresAtMs: number;
  endedAtMs: number | null;
  createdAtMs: number;
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
}
