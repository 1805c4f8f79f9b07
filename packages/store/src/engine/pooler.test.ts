import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startTemporaryPgbouncer,
  type TemporaryPgbouncer,
} from '../../../testkit/src/temporary-pgbouncer.ts';
import { startTemporaryPostgres, type TemporaryPostgres } from '../../../testkit/src/temporary-postgres.ts';
import { createStore } from '../store.ts';
import type { Engine } from './engine.ts';
import { openPostgres, type PostgresOptions } from './postgres-engine.ts';

let server: TemporaryPostgres;
let pooler: TemporaryPgbouncer;

beforeAll(async () => {
  server = await startTemporaryPostgres();
  pooler = await startTemporaryPgbouncer(server.port);
});

afterAll(async () => {
  await pooler?.stop();
  await server?.stop();
});

async function using<T>(
  options: PostgresOptions,
  work: (engine: Engine, db: Kysely<unknown>) => Promise<T>,
): Promise<T> {
  const engine = await openPostgres(options);
  try {
    return await work(engine, new Kysely<unknown>({ dialect: engine.dialect }));
  } finally {
    await engine.close();
  }
}

interface SessionRow {
  readonly locks: number;
  readonly prepared: number;
  readonly listening: number;
}

/** What sessions of the pooler hold beyond a transaction, asked in one of them. */
async function leftovers(db: Kysely<unknown>): Promise<SessionRow | undefined> {
  const { rows } = await sql<SessionRow>`select
    (select count(*)::int from pg_locks where locktype = 'advisory') locks,
    (select count(*)::int from pg_prepared_statements) prepared,
    (select count(*)::int from pg_listening_channels()) listening`.execute(db);
  return rows[0];
}

describe('PgBouncer in transaction mode with stock settings', () => {
  test('statements and transactions of 200 callers at once all succeed, with one session or twenty', async () => {
    for (const poolSize of ['1', '20']) {
      const narrow = await startTemporaryPgbouncer(server.port, { default_pool_size: poolSize });
      try {
        await using({ url: narrow.through(server.url), poolSize: 20 }, async (_engine, db) => {
          const answers = await Promise.all(
            Array.from({ length: 200 }, async (_, index) =>
              index % 2 === 0
                ? (await sql<{ n: number }>`select ${index}::int n`.execute(db)).rows[0]?.n
                : await db.transaction().execute(async (trx) => {
                    await sql`select 1 where ${index}::int > 0`.execute(trx);
                    return (await sql<{ n: number }>`select ${index}::int n`.execute(trx)).rows[0]?.n;
                  }),
            ),
          );
          expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => index));
        });
      } finally {
        await narrow.stop();
      }
    }
  });

  test('nothing of a session is used: no prepared statements, no LISTEN, no lock left behind, no setting', async () => {
    const url = pooler.through(await server.createDatabase());
    const heard: unknown[] = [];
    await using(
      { url, statementTimeoutMs: 4321, onFault: (error) => heard.push(error) },
      async (engine, db) => {
        const stop = await engine.listen('news', () => undefined);
        await engine.withAdvisoryLock('x', () =>
          Promise.all(Array.from({ length: 30 }, () => sql`select 1`.execute(db))),
        );
        await stop();
        expect(await leftovers(db)).toEqual({ locks: 0, prepared: 0, listening: 0 });
        const { rows } = await sql`select current_setting('statement_timeout') t`.execute(db);
        expect(rows).toEqual([{ t: '0' }]);
        // Within a transaction the limits hold, since they are its own.
        const inside = await db
          .transaction()
          .execute((trx) => sql`select current_setting('statement_timeout') t`.execute(trx));
        expect(inside.rows).toEqual([{ t: '4321ms' }]);
      },
    );
    expect(heard).toEqual([]);
  });

  test('several processes migrate one database through it, once, and leave no lock', async () => {
    const url = pooler.through(await server.createDatabase());
    const applied = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const store = createStore(await openPostgres({ url, poolSize: 3 }));
        try {
          return (await store.migrate()).length;
        } finally {
          await store.close();
        }
      }),
    );
    expect(applied.filter((count) => count > 0)).toHaveLength(1);
    await using({ url }, async (_engine, db) => {
      expect((await leftovers(db))?.locks).toBe(0);
    });
  });

  test('those who wait for a lock hold no session, so the one who works gets on with two', async () => {
    const narrow = await startTemporaryPgbouncer(server.port, { default_pool_size: '2' });
    try {
      await using({ url: narrow.through(server.url), poolSize: 4 }, async (engine, db) => {
        const order: string[] = [];
        await Promise.all(
          Array.from({ length: 6 }, (_, index) =>
            engine.withAdvisoryLock('narrow', async () => {
              order.push(`begin ${index}`);
              await sql`select 1`.execute(db);
              order.push(`end ${index}`);
            }),
          ),
        );
        expect(order).toHaveLength(12);
        for (let at = 0; at < order.length; at += 2)
          expect(order[at + 1]).toBe(order[at]?.replace('begin', 'end'));
      });
    } finally {
      await narrow.stop();
    }
  });

  test('a URL may say so itself: pgbouncer=true names no statements', async () => {
    await using({ url: `${server.url}?pgbouncer=true`, poolSize: 1 }, async (_engine, db) => {
      await sql`select 1 where ${1}::int = 1`.execute(db);
      expect((await leftovers(db))?.prepared).toBe(0);
    });
    await using({ url: server.url, poolSize: 1 }, async (_engine, db) => {
      await sql`select 1 where ${1}::int = 1`.execute(db);
      expect((await leftovers(db))?.prepared).toBeGreaterThan(0);
    });
  });
});

describe.each([
  ['direct', (url: string) => url],
  ['through PgBouncer', (url: string) => pooler.through(url)],
])('a role whose default isolation level is another, %s', (_name, route) => {
  test.each(['repeatable read', 'serializable'])(
    '%s: changes of one row at once all succeed',
    async (level) => {
      const url = await server.createDatabase();
      const name = new URL(url).pathname.slice(1);
      await using({ url }, async (engine) => {
        await engine.runScript(
          'create table counters (id int primary key, n int not null); insert into counters values (1, 0)',
        );
        await engine.runScript(`alter database ${name} set default_transaction_isolation = '${level}'`);
      });
      await using({ url: route(url) }, async (_engine, db) => {
        await Promise.all(
          Array.from({ length: 100 }, (_, index) =>
            index % 2 === 0
              ? sql`update counters set n = n + 1 where id = ${1}::int`.execute(db)
              : db
                  .transaction()
                  .execute((trx) => sql`update counters set n = n + 1 where id = ${1}::int`.execute(trx)),
          ),
        );
        const { rows } = await sql`select n from counters`.execute(db);
        expect(rows).toEqual([{ n: 100 }]);
      });
    },
  );
});
