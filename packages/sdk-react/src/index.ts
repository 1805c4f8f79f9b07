export type {
  AccessTokenOptions,
  AuthClient,
  AuthClientOptions,
  AuthHeaders,
  AuthOrganization,
  AuthorizedRequest,
  AuthState,
  AuthUser,
  BffClientOptions,
  PopupSignInOptions,
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
  PopupError,
  StepUpRequired,
} from '@latchkey/browser';
export { AuthCallback, type AuthCallbackProps } from './auth-callback.tsx';
export { AuthProvider, type AuthProviderProps } from './auth-provider.tsx';
export { RequireAuth, type RequireAuthProps, withAuthRequired } from './require-auth.tsx';
export { Show, type ShowCondition, SignedIn, SignedOut } from './show.tsx';
export { SignInButton, type SignInButtonProps } from './sign-in-button.tsx';
export { type AccessToken, useAccessToken } from './use-access-token.ts';
export { type Auth, useAuth } from './use-auth.ts';
export { useAuthFetch } from './use-auth-fetch.ts';
export { useUser } from './use-user.ts';
export { UserButton, type UserButtonProps } from './user-button.tsx';
