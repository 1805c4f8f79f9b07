import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { QueryConfig } from 'pg';
import type { ConnectionPool, Lease } from './connection-pool.ts';
import { asEngineError, breaksConnection, isStalePlan, unavailable } from './database-faults.ts';
import { type BeginSettings, beginStatement, type SessionLimits } from './database-link.ts';
import { DatabaseUnavailable } from './engine.ts';
import type { NameStatement } from './statement-names.ts';

/** One statement for pg, with pg's own client-side time-out in milliseconds. */
export interface TimedQuery extends QueryConfig<unknown[]> {
  query_timeout?: number;
}

interface RawResult {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: unknown[];
}

/** Runs one statement on a lease and maps its failure; a connection that cannot be trusted any more is marked. */
export async function runOnLease(lease: Lease, query: TimedQuery): Promise<RawResult> {
  if (lease.isBroken()) throw unavailable('connection-lost');
  try {
    return await lease.client.query(query);
  } catch (error) {
    if (breaksConnection(error)) lease.markBroken();
    throw asEngineError(error);
  }
}

/** One round trip through the pool, within `timeoutMs` in all. */
export async function pingPool(pool: ConnectionPool, timeoutMs: number): Promise<void> {
  const startedAtMs = performance.now();
  const lease = await pool.acquire(timeoutMs);
  try {
    const leftMs = Math.max(1, timeoutMs - (performance.now() - startedAtMs));
    const query: TimedQuery = { text: 'select 1', query_timeout: leftMs };
    await runOnLease(lease, query);
  } finally {
    lease.release();
  }
}

// A migration changed a table under the prepared statements: every connection re-prepares, and a statement of its own
// (outside a transaction, which the error has aborted) is repeated at once.
async function runPrepared(pool: ConnectionPool, lease: Lease, query: TimedQuery): Promise<RawResult> {
  const inTransaction = lease.client.getTransactionStatus() !== 'I';
  try {
    return await runOnLease(lease, query);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isStalePlan(cause)) {
      if (error instanceof DatabaseUnavailable && error.reason === 'read-only') pool.renew();
      throw error;
    }
    pool.renew();
    if (inTransaction || query.name === undefined) throw error;
    return runOnLease(lease, { text: query.text, values: query.values ?? [] });
  }
}

function affectedRows(result: RawResult): { numAffectedRows: bigint } | undefined {
  if (!/^(?:INSERT|UPDATE|DELETE|MERGE)$/.test(result.command) || result.rowCount === null) return undefined;
  return { numAffectedRows: BigInt(result.rowCount) };
}

interface PoolConnection extends DatabaseConnection {
  readonly lease: Lease;
}

/** What statements are run with: connections, names for PREPARE, and limits that go along with each transaction over a pooler. */
export interface PoolDialectOptions {
  readonly pool: ConnectionPool;
  readonly nameOf: NameStatement;
  readonly limits?: SessionLimits;
  /** Milliseconds that connections and answers are waited for instead of the usual ones; `undefined` when the usual ones hold. */
  readonly patience?: () => number | undefined;
}

// A lone statement takes the isolation level of the role, where a pooler's session is not ours to set: it gets a transaction.
async function runAlone(
  { pool, limits }: PoolDialectOptions,
  lease: Lease,
  query: TimedQuery,
): Promise<RawResult> {
  const { link, client } = lease;
  if (link.isolation === 'read-committed' || client.getTransactionStatus() !== 'I')
    return runPrepared(pool, lease, query);
  await runOnLease(lease, { text: beginStatement(link, limits) });
  try {
    const result = await runOnLease(lease, query);
    await runOnLease(lease, { text: 'commit' });
    return result;
  } catch (error) {
    if (!lease.isBroken()) await runOnLease(lease, { text: 'rollback' });
    throw error;
  }
}

function createConnection(options: PoolDialectOptions, lease: Lease): PoolConnection {
  return {
    lease,
    executeQuery: async <R>(compiled: CompiledQuery): Promise<QueryResult<R>> => {
      const name = lease.link.keeps === 'session' ? options.nameOf(compiled.sql) : undefined;
      const values = [...compiled.parameters];
      const patienceMs = options.patience?.();
      const query: TimedQuery = {
        text: compiled.sql,
        values,
        ...(name === undefined ? {} : { name }),
        ...(patienceMs === undefined ? {} : { query_timeout: patienceMs }),
      };
      const result = await runAlone(options, lease, query);
      // cast: pg types rows as `any`; Kysely's R is what the query builder derived from the tables.
      return { ...affectedRows(result), rows: (result.rows ?? []) as R[] };
    },
    streamQuery: () => {
      throw new Error('Streaming is not supported by this engine; page the query instead.');
    },
  };
}

function createDriver(options: PoolDialectOptions): Driver {
  const { pool, limits } = options;
  // Kysely hands back the object it was given; this finds the lease under it again.
  const leases = new WeakMap<DatabaseConnection, Lease>();
  const command = async (connection: DatabaseConnection, text: string): Promise<void> => {
    const lease = leases.get(connection);
    if (lease !== undefined) await runPrepared(pool, lease, { text });
  };
  const begin = async (connection: DatabaseConnection, settings: BeginSettings): Promise<void> => {
    const lease = leases.get(connection);
    if (lease !== undefined)
      await runPrepared(pool, lease, { text: beginStatement(lease.link, limits, settings) });
  };
  return {
    init: async () => undefined,
    acquireConnection: async () => {
      const lease = await pool.acquire(options.patience?.());
      const connection = createConnection(options, lease);
      leases.set(connection, lease);
      return connection;
    },
    beginTransaction: (connection, settings) => begin(connection, settings),
    commitTransaction: (connection) => command(connection, 'commit'),
    rollbackTransaction: async (connection) => {
      // A dead connection has rolled back already; asking it again would only hide the first error.
      if (leases.get(connection)?.isBroken() === true) return;
      await command(connection, 'rollback');
    },
    savepoint: (connection, name) => command(connection, `savepoint ${quoteIdentifier(name)}`),
    rollbackToSavepoint: (connection, name) => command(connection, `rollback to ${quoteIdentifier(name)}`),
    releaseSavepoint: (connection, name) => command(connection, `release ${quoteIdentifier(name)}`),
    releaseConnection: async (connection) => leases.get(connection)?.release(),
    // The engine owns the pool and outlives any Kysely built on it.
    destroy: async () => undefined,
  };
}

/** Quotes a name for SQL text. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Kysely's PostgreSQL dialect over a connection pool: one round trip a statement, prepared under a hashed name where the
 * session is ours.
 */
export function createPoolDialect(options: PoolDialectOptions): Dialect {
  return {
    createDriver: () => createDriver(options),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}
