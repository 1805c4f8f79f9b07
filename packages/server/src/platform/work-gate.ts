/** How much work a gate lets run and wait. */
export interface WorkGateOptions {
  /** Pieces of work that may run at the same time. */
  readonly atOnce: number;
  /** Work that would wait longer than this is refused at once. */
  readonly maximumWaitMs: number;
  /** How long a piece of work is assumed to take before any has been measured. */
  readonly expectedMs: number;
  /** The error a refusal rejects with. */
  readonly busy: () => Error;
  /** A monotonic clock in milliseconds. */
  readonly nowMs?: () => number;
}

/** Bounds work before it begins: a few pieces run, as many wait as finish in time, the rest is refused at once. */
export interface WorkGate {
  /** Runs the work when its turn comes, in order of arrival. Rejects at once, without running it, when the wait would be too long. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether work that came now would be refused, so that it need not even be prepared. */
  readonly isFull: () => boolean;
  readonly running: () => number;
  readonly waiting: () => number;
}

// Measured times only estimate the wait; whatever they say, the queue's memory is bounded.
const maximumWaiting = 2000;
const weightOfLatest = 0.1;

/** Builds a gate. Work must not enter the same gate again while it runs: it could wait for itself. */
export function createWorkGate(options: WorkGateOptions): WorkGate {
  const { atOnce, maximumWaitMs, busy, nowMs = () => performance.now() } = options;
  const queue = new Set<() => void>();
  let running = 0;
  let averageMs = options.expectedMs;

  const isFull = (): boolean => {
    if (running < atOnce) return false;
    // However slow the work, some may wait: an estimate from one bad moment must not close the gate.
    const fits = Math.max(atOnce, (maximumWaitMs / averageMs) * atOnce);
    return queue.size >= Math.min(maximumWaiting, fits);
  };
  const leave = (enteredAtMs: number): void => {
    averageMs += (Math.max(0.1, nowMs() - enteredAtMs) - averageMs) * weightOfLatest;
    const [next] = queue;
    if (next === undefined) {
      running -= 1;
      return;
    }
    // The place goes from one to the next, so that nobody who arrives in between takes it.
    queue.delete(next);
    next();
  };
  return {
    run: async (work) => {
      if (running < atOnce) running += 1;
      else if (isFull()) throw busy();
      else await new Promise<void>((resolve) => queue.add(resolve));
      const enteredAtMs = nowMs();
      try {
        return await work();
      } finally {
        leave(enteredAtMs);
      }
    },
    isFull,
    running: () => running,
    waiting: () => queue.size,
  };
}
