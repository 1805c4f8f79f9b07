export type { ApiSettings, BffSession, BffUser, SessionStore } from '@latchkey/bff';
export {
  BffError,
  ConfigurationError,
  createMemoryStore,
  IssuerUnavailable,
  LoginRequired,
} from '@latchkey/bff';
export type { AuthOptions } from './auth-options.ts';
export { type Auth, createAuth, type RequireSessionOptions } from './create-auth.ts';
export type { RouteHandler, RouteHandlers } from './handlers.ts';
export type { ProxyOptions } from './proxy.ts';
