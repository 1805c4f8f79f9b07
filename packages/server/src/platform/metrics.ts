import { Counter, Gauge, Registry } from 'prom-client';
import { type ProcessMetrics, parseProcessMetrics } from './node-metrics.ts';
import { createRequestTally } from './request-tally.ts';

/** What `/metrics` shows (Prometheus text format). */
export interface Metrics {
  readonly text: () => Promise<string>;
  readonly contentType: string;
  /** The same as JSON, to be added to those of other processes. */
  readonly report: () => Promise<ProcessMetrics>;
  readonly observeRequest: (route: string, status: number, seconds: number) => void;
  readonly countToken: (grantType: string, kind: 'opaque' | 'jwt') => void;
  readonly countIntrospection: (outcome: 'active' | 'inactive') => void;
  readonly countRefusedToken: (reason: string) => void;
  /** A reason that did not reach the event log, because too many came at once. */
  readonly countUnloggedRefusal: () => void;
  readonly countLogin: (outcome: 'success' | 'failure' | 'delayed' | 'busy') => void;
  /** A request refused because too many came at once, by what it would have waited for. */
  readonly countTurnedAway: (kind: 'password' | 'database') => void;
  readonly countDelivery: (kind: string, outcome: 'delivered' | 'refused' | 'failed') => void;
}

/** Values read when the page is asked for. */
export interface Gauges {
  readonly liveStateAgeMs: () => number;
  readonly revocations: () => number;
  readonly passwordQueue: () => number;
  /** How far the machine's clock is ahead of the database's. */
  readonly clockAheadMs: () => number;
  /** The longest time the event loop was blocked within the last seconds. */
  readonly loopLagMs: () => number;
  /** Access tokens kept opened. */
  readonly openedTokens: () => number;
}

/**
 * A counter that adds up by itself and tells the registry only when somebody asks, since finding the registry's entry
 * for some labels costs more than the counting. Values come in the order of `labelNames`.
 */
function createTally(
  registry: Registry,
  counter: { readonly name: string; readonly help: string; readonly labelNames: readonly string[] },
): (...values: readonly string[]) => void {
  const tallies = new Map<string, { readonly values: readonly string[]; untold: number }>();
  const { name, help } = counter;
  new Counter({
    name,
    help,
    labelNames: [...counter.labelNames],
    registers: [registry],
    collect() {
      for (const tally of tallies.values()) {
        this.labels(...tally.values).inc(tally.untold);
        tally.untold = 0;
      }
    },
  });
  return (...values) => {
    const [only = ''] = values;
    const key = values.length > 1 ? values.join(' ') : only;
    const tally = tallies.get(key);
    if (tally === undefined) tallies.set(key, { values, untold: 1 });
    else tally.untold += 1;
  };
}

function showGauges(registry: Registry, gauges: Gauges): void {
  const registers = [registry];
  new Gauge({
    name: 'latchkey_live_state_age_seconds',
    help: 'Age of what memory knows of the event log',
    aggregator: 'max',
    registers,
    collect() {
      this.set(gauges.liveStateAgeMs() / 1000);
    },
  });
  new Gauge({
    name: 'latchkey_revocations',
    help: 'Revocations held in memory',
    aggregator: 'max',
    registers,
    collect() {
      this.set(gauges.revocations());
    },
  });
  new Gauge({
    name: 'latchkey_event_loop_lag_seconds',
    help: 'Longest time the event loop was blocked within the last five to ten seconds',
    aggregator: 'max',
    registers,
    collect() {
      this.set(gauges.loopLagMs() / 1000);
    },
  });
  new Gauge({
    name: 'latchkey_opened_tokens',
    help: 'Access tokens kept in memory as opened',
    aggregator: 'max',
    registers,
    collect() {
      this.set(gauges.openedTokens());
    },
  });
  new Gauge({
    name: 'latchkey_clock_ahead_seconds',
    help: "How far the machine's clock is ahead of the database's, which is used; negative when behind",
    aggregator: 'max',
    registers,
    collect() {
      this.set(gauges.clockAheadMs() / 1000);
    },
  });
  new Gauge({
    name: 'latchkey_password_queue',
    help: 'Sign-ins waiting to be admitted and passwords waiting to be hashed',
    registers,
    collect() {
      this.set(gauges.passwordQueue());
    },
  });
}

/** The metrics of one process; names begin with `latchkey_`. */
export function createMetrics(gauges: Gauges): Metrics {
  const registry = new Registry();
  const observeRequest = createRequestTally(registry);
  const countToken = createTally(registry, {
    name: 'latchkey_access_tokens_issued_total',
    help: 'Access tokens issued',
    labelNames: ['grant_type', 'kind'],
  });
  const countIntrospection = createTally(registry, {
    name: 'latchkey_introspections_total',
    help: 'Introspection answers',
    labelNames: ['outcome'],
  });
  const countRefusedToken = createTally(registry, {
    name: 'latchkey_introspection_refusals_total',
    help: 'Negative introspection answers by reason',
    labelNames: ['reason'],
  });
  const countUnloggedRefusal = createTally(registry, {
    name: 'latchkey_introspection_refusals_unlogged_total',
    help: 'Reasons of refusals left out of the event log',
    labelNames: [],
  });
  const countLogin = createTally(registry, {
    name: 'latchkey_password_logins_total',
    help: 'Password checks',
    labelNames: ['outcome'],
  });
  const countTurnedAway = createTally(registry, {
    name: 'latchkey_requests_turned_away_total',
    help: 'Requests refused because too many came at once',
    labelNames: ['kind'],
  });
  const countDelivery = createTally(registry, {
    name: 'latchkey_outbox_deliveries_total',
    help: 'Tries to deliver a message of the outbox',
    labelNames: ['kind', 'outcome'],
  });
  showGauges(registry, gauges);
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    report: async () => parseProcessMetrics(await registry.getMetricsAsJSON()) ?? [],
    observeRequest,
    countToken,
    countIntrospection,
    countRefusedToken,
    countUnloggedRefusal,
    countLogin,
    countTurnedAway,
    countDelivery,
  };
}
