/**
 * The root of every error this SDK throws or puts into the state. `code` is an OAuth error code where the issuer
 * sent one, else a code of ours; `message` says what to do next.
 */
export class AuthError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Nobody is signed in, or the session ended: call `signIn()`. OpenID Connect Core §3.1.2.6. */
export class LoginRequired extends AuthError {}

/** The user has to agree to something at the issuer: call `signIn({ prompt: 'consent' })`. OpenID Connect Core §3.1.2.6. */
export class ConsentRequired extends AuthError {}

/** The issuer wants a second factor: call `signIn()`, its pages will ask for it. */
export class MfaRequired extends AuthError {}

/**
 * An API or the issuer wants a stronger or a more recent sign-in: call
 * `signIn({ acrValues: error.acrValues, maxAge: error.maxAge })`, the age in seconds. RFC 9470 §3.
 */
export class StepUpRequired extends AuthError {
  readonly acrValues: string | undefined;
  readonly maxAge: number | undefined;

  constructor(
    message: string,
    options: {
      readonly acrValues?: string | undefined;
      readonly maxAge?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super('insufficient_user_authentication', message, { cause: options.cause });
    this.acrValues = options.acrValues;
    this.maxAge = options.maxAge;
  }
}

/** The window of a sign-in could not be opened (`popup_blocked`), or was closed before the end (`popup_closed`). */
export class PopupError extends AuthError {}

/** The issuer could not be reached or is overloaded. The user stays signed in; try again later. */
export class NetworkError extends AuthError {}

/** The answer that came back to the redirect URI was refused: by the issuer (`code` says why) or by our checks. */
export class CallbackError extends AuthError {}

/** The app or the issuer is set up wrongly; a developer has to change something. */
export class ConfigurationError extends AuthError {}
