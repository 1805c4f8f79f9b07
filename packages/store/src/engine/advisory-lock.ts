import { createHash } from 'node:crypto';
import type { QueryConfig, QueryResult } from 'pg';
import { asEngineError, unavailable } from './database-faults.ts';
import { beginStatement, type DatabaseLink } from './database-link.ts';

const firstPauseMs = 20;
const longestPauseMs = 500;
const firstWordMs = 3000;
const furtherWordsMs = 10_000;

/** How a lock is waited for. */
export interface LockWait {
  readonly timeoutMs: number;
  /** Told who holds the lock, after three seconds of waiting and every ten from then on. */
  readonly onWait: (message: string) => void;
}

type Run = (query: QueryConfig<unknown[]>) => Promise<QueryResult>;

function lockKey(name: string): string {
  return createHash('sha256').update(`latchkey:${name}`).digest().readBigInt64BE(0).toString();
}

interface Holder {
  readonly pid: number;
  readonly application: string | null;
  readonly address: string | null;
}

/** Who holds the lock, in words; sessions of other users show their process id only. */
async function describeHolder(run: Run, values: readonly string[]): Promise<string> {
  const { rows } = await run({
    text: `select pid, application_name as application, host(client_addr) as address
      from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and objsubid = 1
        and (classid::bigint << 32) | objid::bigint = $1::bigint`,
    values: [...values],
  });
  // cast: the shape of the statement above
  const [holder] = rows as Holder[];
  if (holder === undefined) return '';
  const origin = [holder.application, holder.address].filter((part) => part !== null && part !== '');
  const who = origin.length === 0 ? '' : ` (${origin.join(', ')})`;
  return ` Server process ${holder.pid}${who} holds it; if that is a leftover, run: select pg_terminate_backend(${holder.pid})`;
}

/**
 * Waits for the lock in short transactions, so that those who wait keep no session of a pooler from the one who works. When
 * this resolves, the transaction that holds the lock is open.
 */
async function take(run: Run, link: DatabaseLink, key: string, wait: LockWait): Promise<void> {
  const startedAt = performance.now();
  let [pauseMs, wordAtMs] = [firstPauseMs, firstWordMs];
  for (;;) {
    await run({ text: beginStatement(link, { statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 }) });
    const { rows } = await run({
      text: 'select pg_try_advisory_xact_lock($1::bigint) as taken',
      values: [key],
    });
    if (rows[0]?.taken === true) return;
    const waitedMs = performance.now() - startedAt;
    const isOver = waitedMs > wait.timeoutMs;
    const holder = isOver || waitedMs > wordAtMs ? await describeHolder(run, [key]) : '';
    await run({ text: 'rollback' });
    if (isOver) throw unavailable('lock-held', undefined, holder.trim());
    if (waitedMs > wordAtMs) {
      wait.onWait(`${unavailable('lock-held').message}${holder}`);
      wordAtMs = waitedMs + furtherWordsMs;
    }
    const pause = pauseMs;
    await new Promise((resolve) => setTimeout(resolve, pause));
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
}

/**
 * Runs `fn` while a transaction on this link holds the lock of that name. A lock of a transaction ends with it, also when a
 * pooler has given the session to somebody else, so none is ever left behind. Rejects with `lock-held` past the time-out.
 */
export async function whileLocked<T>(
  link: DatabaseLink,
  name: string,
  wait: LockWait,
  fn: () => Promise<T>,
): Promise<T> {
  // Only the statements' errors are mapped: what else `fn` throws is the caller's own.
  const run: Run = (query) =>
    link.client.query(query).catch((error: unknown) => {
      throw asEngineError(error);
    });
  await take(run, link, lockKey(name), wait);
  const result = await fn();
  // That the transaction can still commit proves that the lock was held all the time: it dies with its connection.
  await run({ text: 'commit' });
  return result;
}
