import type { ClientConfig } from 'pg';
import { whileLocked } from './advisory-lock.ts';
import { createConnectionPool } from './connection-pool.ts';
import { createConnectionShare, maximumShareWaitMs } from './connection-share.ts';
import { asEngineError } from './database-faults.ts';
import type { DatabaseLink } from './database-link.ts';
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
  /** How long to wait, instead of the times above, while the process starts; `undefined` once it serves. */
  readonly patience?: () => number | undefined;
  /** Told of faults in the background that heal by themselves, such as a lost listening connection. */
  readonly onFault?: (error: unknown) => void;
  /** Told in words, every few seconds, who holds a lock that is waited for. */
  readonly onWait?: (message: string) => void;
}

const CLOSE_GRACE_MS = 5000;

function clientConfig(options: PostgresOptions): ClientConfig {
  return {
    application_name: options.applicationName ?? 'latchkey',
    query_timeout: options.queryTimeoutMs ?? 4500,
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 2000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

// A script or a lock may outlast what a request may take, so it has a connection without the requests' limits.
async function onOwnConnection<T>(
  open: OpenWritable,
  timeoutMs: number,
  patienceMs: number | undefined,
  work: (link: DatabaseLink) => Promise<T>,
): Promise<T> {
  const link = await open({
    config: {
      query_timeout: timeoutMs,
      ...(patienceMs === undefined ? {} : { connectionTimeoutMillis: Math.min(patienceMs, 10_000) }),
    },
    limits: { statementTimeoutMs: timeoutMs, idleInTransactionTimeoutMs: 0 },
  });
  try {
    return await work(link);
  } finally {
    link.client.end().catch(() => undefined);
  }
}

async function runScript({ client }: DatabaseLink, text: string): Promise<void> {
  try {
    await client.query({ text });
  } catch (error) {
    throw asEngineError(error);
  }
}

/**
 * Opens PostgreSQL (15 or newer). Nothing is connected yet, so this resolves while the server is away: `ping` tells.
 * Rejects with TypeError when the URL cannot be read.
 */
export async function openPostgres(options: PostgresOptions): Promise<Engine> {
  const limits = {
    statementTimeoutMs: options.statementTimeoutMs ?? 5000,
    idleInTransactionTimeoutMs: options.idleInTransactionTimeoutMs ?? 10_000,
  };
  const open = createOpenWritable(options.url, clientConfig(options), limits);
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
  const patience = options.patience === undefined ? {} : { patience: options.patience };
  const listener = createPostgresListener({
    open: () => open({ config: { application_name: `${options.applicationName ?? 'latchkey'} listener` } }),
    heartbeatMs: options.heartbeatMs ?? 10_000,
    onFault: options.onFault ?? (() => undefined),
  });
  return {
    kind: 'postgres',
    dialect: createPoolDialect({ pool, nameOf, limits, ...patience }),
    shareDialect: createPoolDialect({ pool: share, nameOf, limits, ...patience }),
    sharePlaces: share.places,
    runScript: async (sql) => {
      await onOwnConnection(open, scriptTimeoutMs, options.patience?.(), (link) => runScript(link, sql));
      // The script may have changed tables that prepared statements name.
      pool.renew();
    },
    ping: (timeoutMs) => pingPool(pool, timeoutMs),
    listen: listener.listen,
    withAdvisoryLock: (name, fn) =>
      onOwnConnection(open, scriptTimeoutMs, options.patience?.(), (link) => {
        const wait = { timeoutMs: scriptTimeoutMs, onWait: options.onWait ?? (() => undefined) };
        return whileLocked(link, name, wait, fn);
      }),
    close: async () => {
      await listener.close();
      await pool.close(CLOSE_GRACE_MS);
    },
  };
}
