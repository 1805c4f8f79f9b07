/** The HTTP server of Latchkey: endpoints, hosted sign-in, platform. */
export {
  type BootstrapOptions,
  type Bootstrapped,
  bootstrap,
  createInstance,
  DomainTaken,
} from './bootstrap.ts';
export type { AppliedConfiguration, ConfigurationDesk } from './configuration-desk.ts';
export { createServer, type LatchkeyServer, type ServerNode, type ServerOptions } from './create-server.ts';
export { type Clock, systemClock } from './platform/clock.ts';
export { type DatabaseClock, followDatabaseClock, steadyClock } from './platform/database-clock.ts';
export { ApiError } from './platform/errors.ts';
export { createNodeServer, type HttpLimits, type TlsIdentity } from './platform/http-server.ts';
export { type InstanceContext, loadInstances } from './platform/instances.ts';
export { rotateSigningKeys, type TakenStep } from './platform/key-rotation.ts';
export type { Limit } from './platform/limiter.ts';
export { createLogger, type Logger, type LogLevel } from './platform/log.ts';
export { MasterKeyProblem, type MasterKeyRing, parseMasterKeys } from './platform/master-keys.ts';
export {
  createNodeMetrics,
  type NodeMetrics,
  type ProcessMetrics,
  parseProcessMetrics,
} from './platform/node-metrics.ts';
export { readPasswordHash } from './platform/password-formats.ts';
export {
  createPasswordPool,
  type PasswordPool,
  PasswordPoolBusy,
  type PasswordPoolOptions,
} from './platform/password-pool.ts';
export {
  issuePersonalAccessToken,
  type PersonalTokenOutcome,
  type PersonalTokenWish,
  usualPersonalScopes,
} from './platform/personal-access-token.ts';
export { newId, newSecret, sha256Hex } from './platform/random.ts';
export { findRegistrationHome, keepRegistrationHome } from './platform/registration-home.ts';
export { rewrapDataKeys } from './platform/rewrap-data-keys.ts';
export type { Siblings, Word } from './platform/siblings.ts';
export {
  activateWebKey,
  createWebKey,
  listWebKeys,
  retireWebKey,
  revokeWebKey,
  type WebKey,
  type WebKeyContext,
  type WebKeyOutcome,
} from './platform/web-keys.ts';
export { endIssuedBeforeRestore } from './restored-backup.ts';
export { type Route, routes } from './route-table.ts';
