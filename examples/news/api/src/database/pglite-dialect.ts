import type { PGlite } from '@electric-sql/pglite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';

/**
 * PGlite under Kysely. PGlite has one session, so a query or transaction waits until the one before has given the
 * connection back.
 */
export function createPgliteDialect(pglite: PGlite): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      const { rows, affectedRows } = await pglite.query<Row>(sql, [...parameters]);
      return { rows, numAffectedRows: BigInt(affectedRows ?? 0) };
    },
    // biome-ignore lint/correctness/useYield: streaming is never used here
    async *streamQuery() {
      throw new Error('PGlite does not stream.');
    },
  };
  let last: Promise<void> = Promise.resolve();
  let release: () => void = () => undefined;
  const run = async (text: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(text));
  };
  return {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => ({
      init: () => pglite.waitReady,
      async acquireConnection() {
        const before = last;
        let free: () => void = () => undefined;
        last = new Promise((resolve) => {
          free = resolve;
        });
        await before;
        release = free;
        return connection;
      },
      releaseConnection: async () => release(),
      beginTransaction: () => run('begin'),
      commitTransaction: () => run('commit'),
      rollbackTransaction: () => run('rollback'),
      destroy: () => pglite.close(),
    }),
  };
}
