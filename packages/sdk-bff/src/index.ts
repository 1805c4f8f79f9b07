export { type Bff, type BffAccessToken, type BffCallOptions, createBff } from './bff.ts';
export {
  BffError,
  CallbackError,
  ConfigurationError,
  IssuerUnavailable,
  LoginRequired,
  RefreshRequired,
  SessionTooLarge,
} from './bff-error.ts';
export type { ClientKeyOptions, KeyFile } from './client-key.ts';
export type { ApiSettings } from './proxy-address.ts';
export type { BffSession } from './session-endpoint.ts';
export { createMemoryStore, type MemoryStoreOptions, type SessionStore } from './session-store.ts';
export type { BffOptions } from './settings.ts';
export type { BffUser, UserClaims } from './user.ts';
