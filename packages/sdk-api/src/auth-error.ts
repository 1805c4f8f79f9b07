/** Why a token was refused. Stable, for metrics and tests; the sentence beside it is for people. */
export type TokenRefusal =
  | 'malformed'
  | 'algorithm'
  | 'unknown-key'
  | 'signature'
  | 'wrong-type'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'expired'
  | 'not-yet-valid'
  | 'no-subject'
  | 'inactive'
  | 'sender-constrained'
  | 'dpop-proof';

/** The token is no good: the caller needs another one. Becomes 401 `invalid_token`. */
export interface InvalidToken {
  readonly kind: 'invalid-token';
  readonly reason: TokenRefusal;
  /** The scheme to send a token by, where it is not `Bearer` (RFC 9449 §7.1). */
  readonly scheme?: 'DPoP';
  /** For the caller: what is wrong and what to do. */
  readonly message: string;
}

/** The issuer did not answer in time or not sensibly, so nothing is known about the token. Becomes 503. */
export interface IssuerUnavailable {
  readonly kind: 'issuer-unavailable';
  readonly message: string;
  /** For the operator's log; never sent to the caller. */
  readonly detail: string;
  readonly retryAfterSeconds: number;
}

/** This API's own settings or credentials are wrong, which no caller can mend. Becomes 500. */
export interface VerifierMisconfigured {
  readonly kind: 'verifier-misconfigured';
  readonly message: string;
  /** For the operator's log: what to fix. Never sent to the caller. */
  readonly detail: string;
}

/** Everything `verify` can answer besides a principal. */
export type AuthError = InvalidToken | IssuerUnavailable | VerifierMisconfigured;

/** The scheme of the refused request, where it is not `Bearer`: the challenge has the same (RFC 9449 §7.1). */
interface InScheme {
  readonly scheme?: 'DPoP';
}

/** Everything for which a guard refuses a request. */
export type RequestRefusal =
  | AuthError
  | { readonly kind: 'missing-token'; readonly message: string }
  | (InScheme & { readonly kind: 'invalid-request'; readonly message: string })
  | (InScheme & {
      readonly kind: 'insufficient-scope';
      readonly message: string;
      readonly requiredScope?: string;
    })
  | (InScheme & {
      readonly kind: 'insufficient-authentication';
      readonly message: string;
      readonly requiredAcr: string;
    });

export function invalidToken(reason: TokenRefusal, message: string): InvalidToken {
  return { kind: 'invalid-token', reason, message };
}

/** A bound token was sent as if it were not, or an unbound one as if it were (RFC 9449 §7.2). */
export function unboundUse(message: string): InvalidToken {
  return { kind: 'invalid-token', reason: 'sender-constrained', scheme: 'DPoP', message };
}

/** The proof beside a token is no good. Becomes 401 `invalid_dpop_proof` (RFC 9449 §7.1). */
export function invalidDpopProof(message: string): InvalidToken {
  return { kind: 'invalid-token', reason: 'dpop-proof', scheme: 'DPoP', message };
}

export function issuerUnavailable(detail: string, retryAfterSeconds = 1): IssuerUnavailable {
  return {
    kind: 'issuer-unavailable',
    message: 'The access token cannot be checked right now. Try again shortly with the same token.',
    detail,
    retryAfterSeconds,
  };
}

export function verifierMisconfigured(detail: string): VerifierMisconfigured {
  return {
    kind: 'verifier-misconfigured',
    message:
      'This API cannot check access tokens because of its own settings. Its operator finds the cause in the log.',
    detail,
  };
}
