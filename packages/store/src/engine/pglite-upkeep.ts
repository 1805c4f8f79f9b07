import type { ConnectionPool, Lease } from './connection-pool.ts';
import { DatabaseUnavailable } from './engine.ts';
import { quoteIdentifier, runOnLease, type TimedQuery } from './pool-dialect.ts';

const CHECKPOINT_WAL_BYTES = 16 * 1024 * 1024;

/** What PostgreSQL's background processes would do, of which PGlite has none. */
export interface Upkeep {
  /** Stops it; an action under way ends by itself. */
  stop(): void;
}

export interface UpkeepOptions {
  readonly pool: ConnectionPool;
  /** How often the log's growth and the tables' statistics are looked at; every thirtieth time the tables' dead rows are, too. */
  readonly intervalMs: number;
  /** How long one checkpoint, analysis or vacuum may take. */
  readonly actionTimeoutMs: number;
  readonly onFault: (error: unknown) => void;
}

async function run(lease: Lease, text: string, timeoutMs: number): Promise<unknown[]> {
  const query: TimedQuery = { text, query_timeout: timeoutMs };
  return (await runOnLease(lease, query)).rows;
}

function field(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined;
}

// Without checkpoints the log would grow, and the next start after a crash would replay all of it.
async function checkpointIfGrown(lease: Lease, timeoutMs: number): Promise<void> {
  // The log written since the last checkpoint began.
  const grown = `select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn) > ${CHECKPOINT_WAL_BYTES} as grown
    from pg_control_checkpoint()`;
  const [row] = await run(lease, grown, timeoutMs);
  if (field(row, 'grown') === true) await run(lease, 'checkpoint', timeoutMs);
}

// One table a turn, the one with most dead rows, so that statements wait for a single vacuum at most.
async function vacuumWorstTable(lease: Lease, timeoutMs: number): Promise<void> {
  // Autovacuum's own thresholds, with a larger constant.
  const worst = `select schemaname, relname from pg_stat_user_tables
    where n_dead_tup > 1000 + 0.2 * n_live_tup order by n_dead_tup desc limit 1`;
  const [row] = await run(lease, worst, timeoutMs);
  const schema = field(row, 'schemaname');
  const table = field(row, 'relname');
  if (typeof schema !== 'string' || typeof table !== 'string') return;
  await run(lease, `vacuum (analyze) ${quoteIdentifier(schema)}.${quoteIdentifier(table)}`, timeoutMs);
}

// Autovacuum's own thresholds; and tables that have rows and were never looked at, as after a crash forgot the counts.
const stalest = `select s.schemaname, s.relname from pg_stat_user_tables s join pg_class c on c.oid = s.relid
  where s.n_mod_since_analyze > 50 + 0.1 * s.n_live_tup or (c.reltuples < 0 and pg_relation_size(s.relid) > 0)
  order by s.n_mod_since_analyze / (1.0 + s.n_live_tup) desc limit 1`;
// A tenth of the usual sample: enough to choose between indexes, and it takes milliseconds while others wait.
const statisticsTarget = 10;
const ANALYZE_FOR_MS = 50;

// Without statistics the planner takes every table for nearly empty, and joins a few hundred rows one by one.
async function analyzeStaleTables(lease: Lease, timeoutMs: number): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < ANALYZE_FOR_MS) {
    const [row] = await run(lease, stalest, timeoutMs);
    const schema = field(row, 'schemaname');
    const table = field(row, 'relname');
    if (typeof schema !== 'string' || typeof table !== 'string') return;
    const name = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
    const text = `begin; set local default_statistics_target = ${statisticsTarget}; analyze ${name}; commit`;
    await run(lease, text, timeoutMs);
  }
}

/** Keeps the log short, the statistics true and the tables clean while the engine runs, between the statements of others. */
export function startUpkeep(options: UpkeepOptions): Upkeep {
  let turn = 0;
  let busy: 'no' | 'yes' = 'no';
  const work = async (): Promise<void> => {
    if (busy === 'yes') return;
    busy = 'yes';
    turn += 1;
    try {
      const lease = await options.pool.acquire();
      try {
        await checkpointIfGrown(lease, options.actionTimeoutMs);
        await analyzeStaleTables(lease, options.actionTimeoutMs);
        if (turn % 30 === 0) await vacuumWorstTable(lease, options.actionTimeoutMs);
      } finally {
        lease.release();
      }
    } catch (error) {
      // A busy or absent database is looked after at the next turn; those who need it hear of it themselves.
      if (!(error instanceof DatabaseUnavailable)) options.onFault(error);
    } finally {
      busy = 'no';
    }
  };
  const timer = setInterval(() => void work(), options.intervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
