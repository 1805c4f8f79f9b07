/** The last second of the year 9999: a later time is a mistake or an attempt to never expire. */
const latestDate = 253_402_300_799;

/**
 * Whether a claim is a NumericDate: seconds since 1970, fractions allowed, within the years 1970 to 9999.
 * @see RFC 7519 §2
 */
export function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= latestDate;
}

/** Whether `aud` may be a list, or must be one text. */
export type AudienceForm = 'any' | 'single';

/**
 * Whether a JWT is addressed to this server and to nobody else: `aud` is one of our names, or a list of nothing but our
 * names. A JWT that another server may accept too could be replayed by that server.
 * @see RFC 7523 §3 rule 3; RFC 7519 §4.1.3; RFC 7523bis §4
 */
export function isAudienceOurs(audience: unknown, ours: readonly string[], form: AudienceForm): boolean {
  if (form === 'single' && typeof audience !== 'string') return false;
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  return named.length > 0 && named.every((entry) => typeof entry === 'string' && ours.includes(entry));
}
