import { constants, existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ChannelSubscribers, createChannelSubscribers } from './channel-subscribers.ts';
import { type ConnectionPool, createConnectionPool } from './connection-pool.ts';
import { createConnectionShare, maximumShareWaitMs } from './connection-share.ts';
import { ballastAdvice, ensureBallast, isVolumeFull, prepareDataFolder } from './data-folder.ts';
import { unavailable } from './database-faults.ts';
import type { DatabaseLink } from './database-link.ts';
import { DatabaseUnavailable, type Engine, FolderDamaged } from './engine.ts';
import {
  describeDamage,
  findDamagedPages,
  forgetFiles,
  noteFiles,
  refuseDamagedFolder,
} from './folder-check.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { createNamedMutex } from './named-mutex.ts';
import { openClient } from './open-client.ts';
import type { PgliteWorkerData } from './pglite-messages.ts';
import { type PgliteSession, startPgliteSession } from './pglite-session.ts';
import { startUpkeep } from './pglite-upkeep.ts';
import { createPoolDialect, pingPool, quoteIdentifier, runOnLease, type TimedQuery } from './pool-dialect.ts';
import { finishReplacement } from './replace-folder.ts';
import { createStatementNames } from './statement-names.ts';

/** How the embedded database is opened; times are milliseconds. */
export interface PgliteOptions {
  /** The data folder, created when missing, or `memory://` for a database that ends with the process. */
  readonly dataDir: string | 'memory://';
  readonly durable: 'fsync' | 'unsafe-no-fsync';
  /** The caller is let go after this, 5,000 by default; the statement itself cannot be stopped. */
  readonly statementTimeoutMs?: number;
  /** How long a statement waits for the only connection; 2,000 by default. */
  readonly acquireTimeoutMs?: number;
  /** A script may take this long; 600,000 by default. */
  readonly scriptTimeoutMs?: number;
  /** A thread that has not come back to its senses this long after a time-out is replaced; 30,000 by default. */
  readonly hungAfterMs?: number;
  /** Waiters for the connection at most, 1,000 by default; further ones are refused at once. */
  readonly maxWaiting?: number;
  /** How often it is checked whether a checkpoint or a vacuum is due; 2,000 by default. */
  readonly upkeepIntervalMs?: number;
  /** Answers what other processes of this system user ask through `askFolderHolder`. */
  readonly onRequest?: (request: unknown) => Promise<unknown>;
  /** How long to wait, instead of the times above, while the process starts; `undefined` once it serves. */
  readonly patience?: () => number | undefined;
  /** Told of faults in the background, such as a crash of the worker. */
  readonly onFault?: (error: unknown) => void;
}

/** The embedded engine, with what only it can tell. */
export interface PgliteEngine extends Engine {
  /** How many fsync calls have returned since it was opened: at least one for each group of commits when durable. */
  fsyncCount(): number;
  copyFiles(): Promise<string>;
}

const CLOSE_GRACE_MS = 5000;
const FIRST_RESTART_MS = 500;
const LAST_RESTART_MS = 10_000;

interface PgliteState {
  readonly options: PgliteOptions;
  readonly workerData: PgliteWorkerData;
  readonly subscribers: ChannelSubscribers;
  session: PgliteSession | undefined;
  restart: NodeJS.Timeout | undefined;
  starting: Promise<void> | undefined;
  failures: number;
  closed: boolean;
}

// The rows of a folder outlive a crashed worker, so a new one takes over; those of a memory database are gone.
function restartLater(state: PgliteState): void {
  if (state.closed || state.workerData.postgresDir === undefined) return;
  const delayMs = Math.min(LAST_RESTART_MS, FIRST_RESTART_MS * 2 ** state.failures);
  state.failures += 1;
  state.restart = setTimeout(() => {
    state.starting = startSession(state)
      .then(() => state.subscribers.deliverToAll(''))
      .catch((error: unknown) => {
        state.options.onFault?.(error);
        restartLater(state);
      });
  }, delayMs);
}

async function startSession(state: PgliteState): Promise<void> {
  try {
    const session = await startPgliteSession(state.workerData);
    if (state.closed) return void (await session.close(CLOSE_GRACE_MS));
    state.session = session;
    state.failures = 0;
    void session.ended.then(() => {
      if (state.session !== session) return;
      state.session = undefined;
      if (state.closed) return;
      state.options.onFault?.(unavailable('worker-crashed'));
      restartLater(state);
    });
  } catch (error) {
    throw await explainStartFailure(state, error);
  }
}

// PGlite does not say why it failed to start, so the volume itself is asked.
async function explainStartFailure(state: PgliteState, error: unknown): Promise<unknown> {
  const { dataDir } = state.options;
  if (!(error instanceof DatabaseUnavailable) || dataDir === 'memory://') return error;
  if (error.reason === 'disk-full' || (await isVolumeFull(dataDir)))
    return unavailable('disk-full', error, ballastAdvice(dataDir));
  const { postgresDir } = state.workerData;
  if (postgresDir === undefined || !existsSync(postgresDir)) return error;
  const { damage } = await findDamagedPages(postgresDir);
  const found = damage.length === 0 ? '' : `${describeDamage(damage)}; `;
  return new FolderDamaged(dataDir, `${found}it does not start (${error.message})`, { cause: error });
}

// Every client speaks to the same PostgreSQL session, so a new one first clears what the one before left: an open
// transaction and prepared statements (but not LISTEN, which is repeated for the session of a new worker).
async function openOnSession(state: PgliteState): Promise<DatabaseLink> {
  const { session } = state;
  if (session === undefined) throw unavailable(state.closed ? 'closed' : 'worker-crashed');
  const client = await openClient({
    stream: () => session.connect(),
    user: 'postgres',
    database: 'postgres',
    password: '',
    ssl: false,
    query_timeout: state.options.statementTimeoutMs ?? 5000,
  });
  client.on('notification', (message) => state.subscribers.deliver(message.channel, message.payload ?? ''));
  const listens = state.subscribers.channels().map((channel) => `listen ${quoteIdentifier(channel)}`);
  const reset: TimedQuery = {
    text: ['rollback', 'deallocate all', ...listens].join(';'),
    query_timeout: state.options.hungAfterMs ?? 30_000,
  };
  try {
    await client.query(reset);
    return { client, keeps: 'session', isolation: 'read-committed', mode: 'writable' };
  } catch (error) {
    client.end().catch(() => undefined);
    session.terminate();
    throw unavailable('worker-crashed', error);
  }
}

async function runScript(pool: ConnectionPool, text: string, timeoutMs: number): Promise<void> {
  // Scripts run at the start, where waiting is better than ending.
  const lease = await pool.acquire(timeoutMs);
  try {
    const query: TimedQuery = { text, query_timeout: timeoutMs };
    await runOnLease(lease, query);
  } finally {
    // The script may have changed tables that prepared statements name.
    pool.renew();
    lease.release();
  }
}

async function tell(pool: ConnectionPool, text: string, waitMs?: number): Promise<void> {
  const lease = await pool.acquire(waitMs);
  try {
    await runOnLease(lease, { text });
  } finally {
    lease.release();
  }
}

async function listen(
  state: PgliteState,
  pool: ConnectionPool,
  channel: string,
  onNotify: (payload: string) => void,
): Promise<() => Promise<void>> {
  const isFirst = state.subscribers.add(channel, onNotify) === 'first';
  try {
    if (isFirst) await tell(pool, `listen ${quoteIdentifier(channel)}`, state.options.patience?.());
  } catch (error) {
    state.subscribers.remove(channel, onNotify);
    throw error;
  }
  return async () => {
    if (state.subscribers.remove(channel, onNotify) !== 'last' || state.closed) return;
    await tell(pool, `unlisten ${quoteIdentifier(channel)}`);
  };
}

// The only connection is held, so that nothing is written while the files are copied.
async function copyFiles(state: PgliteState, pool: ConnectionPool): Promise<string> {
  const { postgresDir } = state.workerData;
  if (postgresDir === undefined) throw new Error('A database in memory has no files to copy.');
  const folder = join(dirname(postgresDir), 'backup.new');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const lease = await pool.acquire();
  try {
    const checkpoint: TimedQuery = { text: 'checkpoint', query_timeout: state.options.hungAfterMs ?? 30_000 };
    await runOnLease(lease, checkpoint);
    await cp(postgresDir, join(folder, 'postgres'), { recursive: true, mode: constants.COPYFILE_FICLONE });
    return folder;
  } finally {
    lease.release();
  }
}

function buildEngine(state: PgliteState, lock: FolderLock | undefined): PgliteEngine {
  const { options } = state;
  const acquireTimeoutMs = options.acquireTimeoutMs ?? 2000;
  const pool = createConnectionPool({
    size: 1,
    maxWaiting: options.maxWaiting ?? 1000,
    acquireTimeoutMs,
    idleTimeoutMs: 0,
    open: () => openOnSession(state),
  });
  // There is one connection for all: the share queues for it one at a time, so that others wait behind one at most.
  const share = createConnectionShare(pool, { size: 1, maximumWaitMs: maximumShareWaitMs, acquireTimeoutMs });
  const nameOf = createStatementNames();
  const patience = options.patience === undefined ? {} : { patience: options.patience };
  const upkeep = startUpkeep({
    pool,
    intervalMs: options.upkeepIntervalMs ?? 2000,
    actionTimeoutMs: options.hungAfterMs ?? 30_000,
    onFault: (error) => {
      if (!state.closed) options.onFault?.(error);
    },
  });
  return {
    kind: 'pglite',
    dialect: createPoolDialect({ pool, nameOf, ...patience }),
    shareDialect: createPoolDialect({ pool: share, nameOf, ...patience }),
    sharePlaces: share.places,
    runScript: (sql) => runScript(pool, sql, options.scriptTimeoutMs ?? 600_000),
    ping: (timeoutMs) => pingPool(pool, timeoutMs),
    listen: (channel, onNotify) => listen(state, pool, channel, onNotify),
    // The folder's lock leaves no other process to be kept out.
    withAdvisoryLock: createNamedMutex(),
    fsyncCount: () => Atomics.load(new Int32Array(state.workerData.fsyncCounter), 0),
    copyFiles: () => copyFiles(state, pool),
    close: async () => {
      if (state.closed) return;
      state.closed = true;
      upkeep.stop();
      clearTimeout(state.restart);
      await pool.close(CLOSE_GRACE_MS);
      await state.starting;
      await closeSession(state);
      await lock?.release();
    },
  };
}

// Before PostgreSQL starts, which would take a table that was cut off for a short one.
async function checkFolder(dataDir: string): Promise<void> {
  const postgresDir = join(dataDir, 'postgres');
  await finishReplacement(dataDir);
  await refuseDamagedFolder(postgresDir);
  await forgetFiles(postgresDir);
}

// What the next start compares with; a stop that was cut short leaves nothing to compare with.
async function closeSession(state: PgliteState): Promise<void> {
  const { postgresDir } = state.workerData;
  const end = await state.session?.close(CLOSE_GRACE_MS);
  if (end === 'in-order' && postgresDir !== undefined) await noteFiles(postgresDir).catch(() => undefined);
}

/**
 * Opens the embedded database in its data folder, alone: PostgreSQL in a worker thread, one connection, waiters in
 * order. Rejects with FolderInUse, FolderNotWritable, FolderDamaged or DatabaseUnavailable.
 */
export async function openPglite(options: PgliteOptions): Promise<PgliteEngine> {
  const inMemory = options.dataDir === 'memory://';
  const dataDir = inMemory ? undefined : resolve(options.dataDir);
  if (dataDir !== undefined) await prepareDataFolder(dataDir);
  const lock = dataDir === undefined ? undefined : await lockFolder(dataDir, options.onRequest);
  const state: PgliteState = {
    options,
    workerData: {
      postgresDir: dataDir === undefined ? undefined : join(dataDir, 'postgres'),
      durable: inMemory ? 'unsafe-no-fsync' : options.durable,
      fsyncCounter: new SharedArrayBuffer(4),
    },
    subscribers: createChannelSubscribers(options.onFault ?? (() => undefined)),
    session: undefined,
    restart: undefined,
    starting: undefined,
    failures: 0,
    closed: false,
  };
  try {
    if (dataDir !== undefined) await checkFolder(dataDir);
    await startSession(state);
    if (dataDir !== undefined) await ensureBallast(dataDir);
  } catch (error) {
    await state.session?.close(CLOSE_GRACE_MS);
    await lock?.release();
    throw error;
  }
  return buildEngine(state, lock);
}
