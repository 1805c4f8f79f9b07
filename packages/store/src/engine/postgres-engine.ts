import { createHash } from 'node:crypto';
import type { ClientConfig, QueryConfig, QueryResult } from 'pg';
import { createConnectionPool } from './connection-pool.ts';
import { createConnectionShare, maximumShareWaitMs } from './connection-share.ts';
import { asEngineError, unavailable } from './database-faults.ts';
import type { Engine } from './engine.ts';
import { createPoolDialect, pingPool } from './pool-dialect.ts';
import { createOpenWritable, type OpenWritable } from './postgres-connect.ts';
import { createPostgresListener } from './postgres-listener.ts';
import { createStatementNames } from './statement-names.ts';

/** How the connection to a PostgreSQL server is opened; times are milliseconds. */
export interface PostgresOptions {
  /** A libpq URL; several hosts are tried in order for the writable one (`postgres://h1,h2/db`). */
  readonly url: string;
  /** Connections at most, 10 by default (one more listens; scripts and locks take their own). */
  readonly poolSize?: number;
  /** How long a statement waits for a connection, connecting included; 2,000 by default. */
  readonly acquireTimeoutMs?: number;
  /** The server ends a statement after this; 5,000 by default. */
  readonly statementTimeoutMs?: number;
  /** We give up on a server that does not answer after this and drop the connection; 4,500 by default. */
  readonly queryTimeoutMs?: number;
  /** The server ends a connection that idles inside a transaction for this long; 10,000 by default. */
  readonly idleInTransactionTimeoutMs?: number;
  /** A script, or the wait for an advisory lock, may take this long; 600,000 by default. */
  readonly scriptTimeoutMs?: number;
  /** Waiters for a connection at most, 1,000 by default; further ones are refused at once. */
  readonly maxWaiting?: number;
  /** How often the listening connection is checked; 10,000 by default. */
  readonly heartbeatMs?: number;
  readonly applicationName?: string;
  /** Told of faults in the background that heal by themselves, such as a lost listening connection. */
  readonly onFault?: (error: unknown) => void;
}

const CLOSE_GRACE_MS = 5000;

function clientConfig(options: PostgresOptions): ClientConfig {
  return {
    application_name: options.applicationName ?? 'latchkey',
    statement_timeout: options.statementTimeoutMs ?? 5000,
    query_timeout: options.queryTimeoutMs ?? 4500,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 10_000,
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 2000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

// A script or a lock may outlast what a request may take, so it has a connection without the requests' limits.
async function onOwnConnection<T>(
  open: OpenWritable,
  timeoutMs: number,
  work: (run: (query: QueryConfig<unknown[]>) => Promise<QueryResult>) => Promise<T>,
): Promise<T> {
  const client = await open({
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs,
    idle_in_transaction_session_timeout: 0,
  });
  try {
    // Only the statements' errors are mapped: what else `work` throws is the caller's own.
    return await work((query) =>
      client.query(query).catch((error: unknown) => {
        throw asEngineError(error);
      }),
    );
  } finally {
    client.end().catch(() => undefined);
  }
}

function lockKey(name: string): string {
  return createHash('sha256').update(`latchkey:${name}`).digest().readBigInt64BE(0).toString();
}

function whileLocked<T>(
  open: OpenWritable,
  timeoutMs: number,
  name: string,
  fn: () => Promise<T>,
): Promise<T> {
  const values = [lockKey(name)];
  return onOwnConnection(open, timeoutMs, async (run) => {
    // Waits for its turn; the lock lives as long as this connection.
    await run({ text: 'select pg_advisory_lock($1::bigint)', values });
    const result = await fn();
    // Unlocking also proves that the lock was held all the time: it dies with its connection.
    const { rows } = await run({ text: 'select pg_advisory_unlock($1::bigint) as held', values });
    if (rows[0]?.held !== true)
      throw unavailable('connection-lost', undefined, `The lock ${name} was not held.`);
    return result;
  });
}

/**
 * Opens PostgreSQL (15 or newer). Nothing is connected yet, so this resolves while the server is away: `ping` tells.
 * Rejects with TypeError when the URL cannot be read.
 */
export async function openPostgres(options: PostgresOptions): Promise<Engine> {
  const open = createOpenWritable(options.url, clientConfig(options));
  const scriptTimeoutMs = options.scriptTimeoutMs ?? 600_000;
  const [size, acquireTimeoutMs] = [options.poolSize ?? 10, options.acquireTimeoutMs ?? 2000];
  const pool = createConnectionPool({
    size,
    maxWaiting: options.maxWaiting ?? 1000,
    acquireTimeoutMs,
    idleTimeoutMs: 30_000,
    open: () => open(),
  });
  const share = createConnectionShare(pool, {
    size: Math.ceil(size / 2),
    maximumWaitMs: maximumShareWaitMs,
    acquireTimeoutMs,
  });
  const nameOf = createStatementNames();
  const listener = createPostgresListener({
    open: () => open({ application_name: `${options.applicationName ?? 'latchkey'} listener` }),
    heartbeatMs: options.heartbeatMs ?? 10_000,
    onFault: options.onFault ?? (() => undefined),
  });
  return {
    kind: 'postgres',
    dialect: createPoolDialect(pool, nameOf),
    shareDialect: createPoolDialect(share, nameOf),
    sharePlaces: share.places,
    runScript: async (sql) => {
      await onOwnConnection(open, scriptTimeoutMs, (run) => run({ text: sql }));
      // The script may have changed tables that prepared statements name.
      pool.renew();
    },
    ping: (timeoutMs) => pingPool(pool, timeoutMs),
    listen: listener.listen,
    withAdvisoryLock: (name, fn) => whileLocked(open, scriptTimeoutMs, name, fn),
    close: async () => {
      await listener.close();
      await pool.close(CLOSE_GRACE_MS);
    },
  };
}
