const REPEAT_AFTER_MS = 60_000;
const MAX_REMEMBERED = 100;

/**
 * Wraps a log so that the same line appears at most once a minute, however many requests run into it, and so that
 * what an issuer wrote into an answer stays on that line.
 */
export function createOperatorLog(
  log: (message: string) => void,
  now: () => number,
): (message: string) => void {
  const lastLoggedAt = new Map<string, number>();
  return (message) => {
    const last = lastLoggedAt.get(message);
    if (last !== undefined && now() < last + REPEAT_AFTER_MS) return;
    if (lastLoggedAt.size >= MAX_REMEMBERED) lastLoggedAt.clear();
    lastLoggedAt.set(message, now());
    log(`[latchkey] ${message.replace(/\p{Cc}/gu, ' ')}`);
  };
}
