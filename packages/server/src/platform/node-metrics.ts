import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client';
import { z } from 'zod';

const processMetrics = z.array(
  z.looseObject({ name: z.string(), type: z.string(), values: z.array(z.looseObject({})) }),
);

/** The metrics of one process as JSON, as `Metrics.report` makes them. */
export type ProcessMetrics = z.infer<typeof processMetrics>;

/** Reads what another process reported; `undefined` when it is nothing of the kind. */
export function parseProcessMetrics(value: unknown): ProcessMetrics | undefined {
  return processMetrics.safeParse(value).data;
}

/** The metrics of a node whose processes share a port. */
export interface NodeMetrics {
  /**
   * One page over the latest reports of all processes that run: counters and histograms are added up, gauges as each says.
   * What processes that ended had reported stays in the sums, so that no counter falls.
   */
  readonly text: (running: readonly ProcessMetrics[]) => Promise<string>;
  /** Keeps the counters of a process that ended, as it reported them last. */
  readonly retire: (last: ProcessMetrics) => Promise<void>;
  /** Counts a worker that ended and is replaced. */
  readonly countRestart: () => void;
}

/** Metrics of a node; `workersListening` says how many of its workers take connections now. */
export function createNodeMetrics(workersListening: () => number): NodeMetrics {
  const own = new Registry();
  new Gauge({
    name: 'latchkey_workers',
    help: 'Worker processes that take connections',
    registers: [own],
    collect() {
      this.set(workersListening());
    },
  });
  const restarts = new Counter({
    name: 'latchkey_worker_restarts_total',
    help: 'Workers that ended by themselves and were replaced',
    registers: [own],
  });
  let retired: readonly object[] = [];
  return {
    text: async (running) =>
      await AggregatorRegistry.aggregate([...running, retired, await own.getMetricsAsJSON()]).metrics(),
    retire: async (last) => {
      const counted = last.filter(({ type }) => type !== 'gauge');
      retired = await AggregatorRegistry.aggregate([retired, counted]).getMetricsAsJSON();
    },
    countRestart: () => restarts.inc(),
  };
}
