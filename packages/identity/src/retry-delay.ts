const hourMs = 3_600_000;
const longestMs = 24 * hourMs;

/**
 * How long a message to somebody who did not take it waits before the next try: one second, then twice as long each time.
 * In its first hour never more than 45 seconds, so that it arrives within a minute of the receiver's recovery; after that
 * at most five minutes; `undefined` after a day, when it is given up.
 *
 * @param attempts tries made so far, at least one
 * @param ageMs how long ago the message was written
 */
export function retryDelayMs(attempts: number, ageMs: number): number | undefined {
  if (ageMs >= longestMs) return undefined;
  const doubledMs = 1000 * 2 ** Math.min(attempts - 1, 20);
  return Math.min(doubledMs, ageMs < hourMs ? 45_000 : 300_000);
}
