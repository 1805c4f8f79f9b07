import * as oauth from 'oauth4webapi';
import {
  AuthError,
  CallbackError,
  ConfigurationError,
  ConsentRequired,
  LoginRequired,
  MfaRequired,
  StepUpRequired,
} from './auth-error.ts';
import type { VaultConfig } from './vault-contract.ts';

/** Turns whatever a protocol step threw into one of our errors, with a message that says what to do. */
export function describeError(
  error: unknown,
  settings: Pick<VaultConfig, 'clientId' | 'issuer'>,
  redirectUri: string,
): AuthError {
  if (error instanceof AuthError) return error;
  if (error instanceof oauth.AuthorizationResponseError) {
    return describeCode(error.error, error.error_description, settings, redirectUri, error);
  }
  if (error instanceof oauth.ResponseBodyError) {
    return describeCode(error.error, error.error_description, settings, redirectUri, error);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new CallbackError(
    'invalid_response',
    `The answer of ${settings.issuer} was refused: ${reason}. Sign in again.`,
    { cause: error },
  );
}

function describeCode(
  code: string,
  description: string | undefined,
  settings: Pick<VaultConfig, 'clientId' | 'issuer'>,
  redirectUri: string,
  cause: unknown,
): AuthError {
  const said = description === undefined || description === '' ? '' : ` (the issuer says: ${description})`;
  switch (code) {
    case 'login_required':
    case 'account_selection_required':
      return new LoginRequired(code, `Nobody is signed in. Call signIn().${said}`, { cause });
    case 'consent_required':
    case 'interaction_required':
      return new ConsentRequired(
        code,
        `The user has to answer a question at the issuer. Call signIn().${said}`,
        { cause },
      );
    case 'mfa_required':
      return new MfaRequired(code, `The issuer wants a second factor. Call signIn().${said}`, { cause });
    case 'unmet_authentication_requirements':
    case 'insufficient_user_authentication':
      return new StepUpRequired(`A stronger sign-in is needed. Call signIn({ acrValues }).${said}`, {
        cause,
      });
    case 'access_denied':
      return new CallbackError(
        code,
        `The sign-in was cancelled or is not allowed for this user${said}. Sign in again to retry.`,
        { cause },
      );
    case 'invalid_grant':
      return new CallbackError(
        code,
        `The sign-in took too long or was already used${said}. Sign in again. If it keeps failing, check that ${redirectUri} is the redirect URI registered for client "${settings.clientId}".`,
        { cause },
      );
    case 'invalid_client':
    case 'unauthorized_client':
      return new ConfigurationError(
        code,
        `${settings.issuer} refuses client "${settings.clientId}"${said}. Check the client id, and that the application is a browser app (authentication method "none") which may use the authorization code grant.`,
        { cause },
      );
    case 'invalid_scope':
      return new ConfigurationError(code, `The issuer refuses the scope${said}. Check the scope option.`, {
        cause,
      });
    default:
      return new CallbackError(
        code,
        `The issuer answered "${code}"${said}. Sign in again; if it keeps failing, check the settings of client "${settings.clientId}".`,
        { cause },
      );
  }
}
