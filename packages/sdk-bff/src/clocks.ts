/** How far other servers' clocks are from this machine's. */
export interface Clocks {
  /** Seconds to add to this machine's time, by origin; 0 while nothing is known or the difference is small. */
  skewSeconds(origin: string): number;
  /** Learns from the `Date` of an answer (RFC 9110 §6.6.1). True when the difference is news. */
  note(origin: string, response: Response): boolean;
  /** Their time in seconds since the epoch. */
  nowSeconds(origin: string): number;
}

/** A difference below this is the time an answer takes. */
const NOTICED_SECONDS = 30;
const MAX_ORIGINS = 100;

/**
 * Creates the list of clocks. With a wrong clock proofs, assertions and ID tokens would be refused, and nobody could tell why; so
 * the difference is made up for, and `log` hears of it.
 */
export function createClocks(now: () => number, log: (line: string) => void): Clocks {
  const skews = new Map<string, number>();
  const skewSeconds = (origin: string) => skews.get(origin) ?? 0;
  return {
    skewSeconds,
    note(origin, response) {
      const date = Date.parse(response.headers.get('date') ?? '');
      if (Number.isNaN(date)) return false;
      const measured = Math.round((date - now()) / 1000);
      const skew = Math.abs(measured) < NOTICED_SECONDS ? 0 : measured;
      if (Math.abs(skew - skewSeconds(origin)) < NOTICED_SECONDS) return false;
      if (skews.size < MAX_ORIGINS || skews.has(origin)) skews.set(origin, skew);
      if (skew !== 0)
        log(`The clocks of this machine and of ${origin} are ${Math.abs(skew)} s apart. Set them by NTP.`);
      return true;
    },
    nowSeconds: (origin) => Math.floor(now() / 1000) + skewSeconds(origin),
  };
}
