/** The root of every error this package throws. `code` is stable; `message` says what to do next. */
export class BffError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The options are wrong, or issuer and client do not fit together: a developer has to change something. */
export class ConfigurationError extends BffError {}

/** Nobody is signed in, or the session has ended: send the user to `<basePath>/sign-in`. */
export class LoginRequired extends BffError {}

/** The access token has expired, and the call was not to refresh it. Refresh where cookies can be set, then call again. */
export class RefreshRequired extends BffError {}

/** The issuer could not be reached or is overloaded. The session lives on; try again later. */
export class IssuerUnavailable extends BffError {}

/** The answer of the issuer was refused: by the issuer (`code` says why) or by our checks. */
export class CallbackError extends BffError {}

/** A session does not fit into cookies. Hand in a `store`. */
export class SessionTooLarge extends BffError {
  constructor(message: string) {
    super('session_too_large', message);
  }
}
