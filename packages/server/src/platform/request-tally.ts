import { Counter, type Metric, type MetricValueWithName, type Registry } from 'prom-client';

const bucketBoundsSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] as const;
const countName = 'latchkey_http_requests_total';
const durationName = 'latchkey_http_request_duration_seconds';

interface RouteTally {
  readonly byStatus: Map<number, number>;
  /** How many took longer than the bound before and at most this one; the last of them longer than any. */
  readonly perBucket: number[];
  sumSeconds: number;
}

/** One value of a Prometheus histogram: cumulative buckets, then sum and count. */
function valuesOf(route: string, tally: RouteTally): MetricValueWithName<'route' | 'le'>[] {
  let below = 0;
  const buckets = tally.perBucket.map((count, index) => {
    below += count;
    const le = bucketBoundsSeconds[index] ?? '+Inf';
    return { metricName: `${durationName}_bucket`, labels: { le, route }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${durationName}_sum`, labels: { route }, value: tally.sumSeconds },
    { metricName: `${durationName}_count`, labels: { route }, value: below },
  ];
}

/**
 * Counts requests by route and status, and how long they took by route. It adds up by itself and makes values only when
 * somebody asks, since a histogram of prom-client looks its labels up anew for every request.
 */
export function createRequestTally(
  registry: Registry,
): (route: string, status: number, seconds: number) => void {
  const tallies = new Map<string, RouteTally>();
  new Counter({
    name: countName,
    help: 'Requests answered',
    labelNames: ['route', 'status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [route, { byStatus }] of tallies)
        for (const [status, count] of byStatus) this.inc({ route, status: String(status) }, count);
    },
  });
  const durations = {
    name: durationName,
    get: async () => ({
      name: durationName,
      help: 'Time to answer',
      type: 'histogram',
      aggregator: 'sum',
      values: [...tallies].flatMap(([route, tally]) => valuesOf(route, tally)),
    }),
  };
  // cast: a registry asks its metrics for their name and `get` alone, as its own aggregated ones have no more
  registry.registerMetric(durations as unknown as Metric);
  return (route, status, seconds) => {
    let tally = tallies.get(route);
    if (tally === undefined) {
      tally = { byStatus: new Map(), perBucket: [...bucketBoundsSeconds, 0].fill(0), sumSeconds: 0 };
      tallies.set(route, tally);
    }
    tally.byStatus.set(status, (tally.byStatus.get(status) ?? 0) + 1);
    let bucket = 0;
    while (bucket < bucketBoundsSeconds.length && seconds > (bucketBoundsSeconds[bucket] ?? 0)) bucket += 1;
    tally.perBucket[bucket] = (tally.perBucket[bucket] ?? 0) + 1;
    tally.sumSeconds += seconds;
  };
}
