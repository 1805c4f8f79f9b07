const firstDelayMs = 100;
const longestDelayMs = 30_000;
// A worker that ran this long had no trouble starting; whatever ended it, the next one need not wait.
const steadyAfterMs = 60_000;

/** How often in a row a worker ended soon after its start. */
export interface Endings {
  readonly inARow: number;
}

/** The endings after one more, of a worker that ran for `ranMs`. */
export function countEnding(before: Endings, ranMs: number): Endings {
  return { inARow: ranMs >= steadyAfterMs ? 1 : before.inARow + 1 };
}

/** How long to wait before another worker takes the place, in milliseconds: twice as long each time, 30 seconds at most. */
export function restartDelayMs({ inARow }: Endings): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(20, inARow - 1));
}
