export type { AccessTokenOptions } from './access-token-options.ts';
export {
  type AuthClient,
  type AuthHeaders,
  type AuthorizedRequest,
  createAuthClient,
} from './auth-client.ts';
export {
  AuthError,
  CallbackError,
  ConfigurationError,
  ConsentRequired,
  LoginRequired,
  MfaRequired,
  NetworkError,
  PopupError,
  StepUpRequired,
} from './auth-error.ts';
export { type AuthFetchOptions, createAuthFetch } from './auth-fetch.ts';
export type { AuthState } from './auth-state.ts';
export type { SignInOptions } from './authorize-request.ts';
export type { BffClientOptions } from './bff/bff-options.ts';
export type { PopupSignInOptions } from './popup.ts';
export type { AuthClientOptions, TokenStorage } from './settings.ts';
export type { SignOutOptions } from './sign-out.ts';
export type { TraceEvent, TraceKind } from './trace.ts';
export type { AuthOrganization, AuthUser, UserClaims } from './user.ts';
