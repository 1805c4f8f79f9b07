import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late the event loop runs. */
export interface LoopLag {
  /** The longest delay of the last seconds, in milliseconds; grows while the loop has not come round. */
  readonly worstMs: () => number;
  /** The 99th percentile of the same time, in milliseconds. */
  readonly p99Ms: () => number;
  readonly stop: () => void;
}

const resolutionMs = 20;
const windowMs = 5000;

/**
 * Watches the event loop by the timer of `node:perf_hooks`, which ticks outside of our code and costs a wake-up each 20
 * milliseconds. Readings cover the last five to ten seconds.
 */
export function watchLoopLag(): LoopLag {
  const histograms = [
    monitorEventLoopDelay({ resolution: resolutionMs }),
    monitorEventLoopDelay({ resolution: resolutionMs }),
  ] as const;
  for (const histogram of histograms) histogram.enable();
  let turn = 0;
  // Two overlap, so that a reading never covers less than one window.
  const timer = setInterval(() => {
    turn = 1 - turn;
    histograms[turn]?.reset();
  }, windowMs);
  timer.unref();
  const beyondResolution = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  const worstOf = (pick: (index: 0 | 1) => number): number =>
    Math.max(beyondResolution(pick(0)), beyondResolution(pick(1)));
  return {
    worstMs: () => worstOf((index) => histograms[index].max),
    p99Ms: () => worstOf((index) => histograms[index].percentile(99)),
    stop: () => {
      clearInterval(timer);
      for (const histogram of histograms) histogram.disable();
    },
  };
}
