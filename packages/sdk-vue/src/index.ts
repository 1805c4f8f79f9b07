export type {
  AuthClient,
  AuthClientOptions,
  AuthState,
  AuthUser,
  BffClientOptions,
  SignInOptions,
  SignOutOptions,
  TraceEvent,
  UserClaims,
} from '@latchkey/browser';
export {
  AuthError,
  CallbackError,
  ConfigurationError,
  ConsentRequired,
  createAuthClient,
  LoginRequired,
  MfaRequired,
  NetworkError,
  StepUpRequired,
} from '@latchkey/browser';
export { AuthCallback } from './auth-callback.ts';
export { type AuthOptions, type AuthPlugin, type AuthRouter, createAuth } from './create-auth.ts';
export { RequireAuth, type RequireAuthProps } from './require-auth.ts';
export { type RouteGuard, type RouteGuardOptions, requireAuth } from './route-guard.ts';
export { Show, type ShowCondition, type ShowProps, SignedIn, SignedOut } from './show.ts';
export { SignInButton, type SignInButtonProps } from './sign-in-button.ts';
export { type AccessToken, useAccessToken } from './use-access-token.ts';
export { type Auth, useAuth } from './use-auth.ts';
export { useAuthFetch } from './use-auth-fetch.ts';
export { useUser } from './use-user.ts';
export { UserButton, type UserButtonProps } from './user-button.ts';
