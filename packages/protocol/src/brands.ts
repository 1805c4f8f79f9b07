/**
 * Nominal types: a number that is a time in one unit must not be passed where another unit is meant.
 * The functions of this file are the only places that may assert a brand.
 */
declare const brand: unique symbol;

/** `T` with a name the compiler can tell apart. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Brand<number, 'EpochMs'>;

/** Seconds since 1970-01-01T00:00:00Z, as in JWT NumericDate (RFC 7519 §2). */
export type EpochSeconds = Brand<number, 'EpochSeconds'>;

/**
 * Marks a number as epoch milliseconds.
 * @see RFC 7519 §2 for the epoch
 */
export function epochMs(value: number): EpochMs {
  return value as EpochMs;
}

/**
 * Marks a number as epoch seconds.
 * @see RFC 7519 §2
 */
export function epochSeconds(value: number): EpochSeconds {
  return value as EpochSeconds;
}

/**
 * Whole seconds of a time in milliseconds, rounded down: a token never claims to be younger than it is.
 * @see RFC 7519 §2
 */
export function toSeconds(time: EpochMs): EpochSeconds {
  return Math.floor(time / 1000) as EpochSeconds;
}

/**
 * A redirect URI that `checkRedirectUri` has found registered for the client. Only that check makes one, so that an
 * error cannot be sent to an address nobody registered.
 */
export type VerifiedRedirect = Brand<string, 'VerifiedRedirect'>;

/**
 * Marks a redirect URI as verified; called by `checkRedirectUri` alone.
 * @see RFC 6749 §3.1.2.3
 */
export function verifiedRedirect(uri: string): VerifiedRedirect {
  return uri as VerifiedRedirect;
}
