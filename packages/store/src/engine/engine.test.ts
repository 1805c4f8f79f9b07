import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTemporaryPostgres, type TemporaryPostgres } from '../../../testkit/src/temporary-postgres.ts';
import { DatabaseUnavailable, type Engine, isUniqueViolation, UnsafeInteger } from './engine.ts';
import { openPglite } from './pglite-engine.ts';
import { openPostgres } from './postgres-engine.ts';

const server: { current: TemporaryPostgres | undefined } = { current: undefined };

async function openOnServer(): Promise<Engine> {
  server.current = await startTemporaryPostgres();
  return openPostgres({ url: await server.current.createDatabase(), statementTimeoutMs: 1500 });
}

const openers = {
  pglite: () => openPglite({ dataDir: 'memory://', durable: 'unsafe-no-fsync', statementTimeoutMs: 1500 }),
  postgres: openOnServer,
};

interface Tables {
  item: { id: number; label: string | null };
}

interface Values {
  big: number;
  doc: unknown;
  raw: Buffer;
  words: string[];
  flag: boolean;
  nothing: null;
  tx: string;
  numbers: number[];
}

function signal(): { promise: Promise<void>; give: () => void } {
  let give = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { promise, give };
}

afterAll(() => server.current?.stop());

describe.each(['pglite', 'postgres'] as const)('%s', (kind) => {
  let engine: Engine;
  let db: Kysely<Tables>;

  beforeAll(async () => {
    engine = await openers[kind]();
    db = new Kysely<Tables>({ dialect: engine.dialect });
    await engine.runScript(
      'create table item (id int8 primary key, label text constraint item_label unique);',
    );
  });

  afterAll(() => engine.close());

  test('each type of value comes back as it went in', async () => {
    const bytes = Uint8Array.from([0, 1, 0x5c, 0xff]);
    const words = ['plain', 'a "quoted", {word}', 'back\\slash', '', 'NULL', 'ünï 🙂'];
    const json = JSON.stringify({ a: [1, null, 'x'], b: { c: true } });
    const { rows } = await sql<Values>`
      select ${Number.MAX_SAFE_INTEGER}::int8 as big, ${json}::jsonb as doc, ${bytes}::bytea as raw,
        ${words}::text[] as words, ${true}::boolean as flag, ${null}::text as nothing,
        pg_current_xact_id() as tx, array[1, 9007199254740991]::int8[] as numbers`.execute(db);
    const row = rows[0];
    expect(row).toMatchObject({ big: Number.MAX_SAFE_INTEGER, words, flag: true, nothing: null });
    expect(row?.doc).toEqual({ a: [1, null, 'x'], b: { c: true } });
    expect(Buffer.isBuffer(row?.raw)).toBe(true);
    expect([...(row?.raw ?? [])]).toEqual([...bytes]);
    expect(row?.tx).toMatch(/^\d+$/);
    expect(row?.numbers).toEqual([1, 9007199254740991]);
  });

  test('an int8 beyond 2^53 - 1 is an error, never a rounded number, and the connection goes on', async () => {
    await expect(sql`select 9007199254740992::int8 as big`.execute(db)).rejects.toBeInstanceOf(UnsafeInteger);
    await expect(sql`select -9007199254740992::int8 as big`.execute(db)).rejects.toBeInstanceOf(
      UnsafeInteger,
    );
    await engine.ping(1000);
  });

  test('a unique violation is recognised, with the constraint that it broke', async () => {
    await db.insertInto('item').values({ id: 1, label: 'one' }).execute();
    const error: unknown = await db
      .insertInto('item')
      .values({ id: 2, label: 'one' })
      .execute()
      .catch((reason: unknown) => reason);
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, 'item_label')).toBe(true);
    expect(isUniqueViolation(error, 'item_pkey')).toBe(false);
    const other: unknown = await sql`select * from missing`.execute(db).catch((reason: unknown) => reason);
    expect(isUniqueViolation(other)).toBe(false);
  });

  test('a change reports how many rows it touched', async () => {
    const inserted = await db.insertInto('item').values({ id: 10, label: 'ten' }).executeTakeFirst();
    expect(inserted.numInsertedOrUpdatedRows).toBe(1n);
    const none = await db.updateTable('item').set({ label: 'x' }).where('id', '=', -1).executeTakeFirst();
    expect(none.numUpdatedRows).toBe(0n);
  });

  test('a transaction commits as a whole or not at all', async () => {
    await db.transaction().execute(async (trx) => {
      await trx.insertInto('item').values({ id: 20, label: 'kept' }).execute();
    });
    const failure = new Error('changed my mind');
    const failed = db.transaction().execute(async (trx) => {
      await trx.insertInto('item').values({ id: 21, label: 'lost' }).execute();
      throw failure;
    });
    await expect(failed).rejects.toBe(failure);
    const ids = await db.selectFrom('item').select('id').where('id', 'in', [20, 21]).execute();
    expect(ids).toEqual([{ id: 20 }]);
  });

  test('after a failed statement a transaction takes nothing more, and its connection is clean afterwards', async () => {
    const failed = db.transaction().execute(async (trx) => {
      await trx.insertInto('item').values({ id: 30, label: 'thirty' }).execute();
      await sql`select * from missing`.execute(trx).catch(() => undefined);
      await trx.insertInto('item').values({ id: 31, label: 'never' }).execute();
    });
    await expect(failed).rejects.toMatchObject({ code: '25P02' });
    expect(await db.selectFrom('item').select('id').where('id', '=', 30).execute()).toEqual([]);
  });

  test('a savepoint undoes its part only', async () => {
    const trx = await db.startTransaction().execute();
    await trx.insertInto('item').values({ id: 40, label: 'forty' }).execute();
    const inner = await trx.savepoint('part').execute();
    await inner.insertInto('item').values({ id: 41, label: 'undone' }).execute();
    await inner.rollbackToSavepoint('part').execute();
    await trx.commit().execute();
    const ids = await db.selectFrom('item').select('id').where('id', 'in', [40, 41]).execute();
    expect(ids).toEqual([{ id: 40 }]);
  });

  test('what a transaction has not committed is not seen beside it', async () => {
    const written = signal();
    const proceed = signal();
    const writer = db.transaction().execute(async (trx) => {
      await trx.insertInto('item').values({ id: 50, label: 'fifty' }).execute();
      written.give();
      await proceed.promise;
    });
    await written.promise;
    const order: string[] = [];
    const reader = db
      .selectFrom('item')
      .select('id')
      .where('id', '=', 50)
      .execute()
      .then((rows) => {
        order.push('read');
        return rows;
      });
    // PGlite has one connection, so there the reader waits for the writer; PostgreSQL answers from the old state.
    if (kind === 'postgres') expect(await reader).toEqual([]);
    proceed.give();
    await writer.then(() => order.push('written'));
    expect(await reader).toEqual(kind === 'postgres' ? [] : [{ id: 50 }]);
  });

  test('of 50 transactions that take the same row, each sees what the one before left', async () => {
    await sql`create table if not exists counter (id int8 primary key, value int8 not null)`.execute(db);
    await sql`insert into counter values (1, 0)`.execute(db);
    await Promise.all(
      Array.from({ length: 50 }, () =>
        db.transaction().execute(async (trx) => {
          const { rows } = await sql<{
            value: number;
          }>`select value from counter where id = 1 for update`.execute(trx);
          await sql`update counter set value = ${(rows[0]?.value ?? 0) + 1} where id = 1`.execute(trx);
        }),
      ),
    );
    const { rows } = await sql<{ value: number }>`select value from counter`.execute(db);
    expect(rows).toEqual([{ value: 50 }]);
  });

  test('200 statements at once each get their own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const { rows } = await sql<{ value: number }>`select ${index}::int8 as value`.execute(db);
        return rows[0]?.value;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  test('a statement text is prepared once, however often it runs', async () => {
    await db.connection().execute(async (one) => {
      for (let id = 0; id < 5; id += 1)
        await one.selectFrom('item').select('label').where('id', '=', id).execute();
      const { rows } = await sql<{ calls: number; name: string }>`
        select name, generic_plans + custom_plans as calls from pg_prepared_statements
        where statement = 'select "label" from "item" where "id" = $1'`.execute(one);
      expect(rows).toEqual([{ name: expect.stringMatching(/^lk_[\w-]{27}$/), calls: 5 }]);
    });
  });

  test('a table changed under a prepared statement does not fail the next query', async () => {
    await sql`create table shape (id int8)`.execute(db);
    await sql`insert into shape values (1)`.execute(db);
    const read = () => sql`select * from shape`.execute(db).then(({ rows }) => rows);
    await Promise.all(Array.from({ length: 10 }, read));
    await sql`alter table shape add column extra text default 'new'`.execute(db);
    const answers = await Promise.all(Array.from({ length: 20 }, read));
    expect(new Set(answers.map((rows) => JSON.stringify(rows)))).toEqual(
      new Set(['[{"id":1,"extra":"new"}]']),
    );
  });

  test('NOTIFY reaches the listener after the commit, not before, and never after a rollback', async () => {
    const heard: string[] = [];
    let expected = signal();
    const unlisten = await engine.listen('news "quoted"', (payload) => {
      heard.push(payload);
      expected.give();
    });
    await db.transaction().execute(async (trx) => {
      await sql`select pg_notify('news "quoted"', 'committed')`.execute(trx);
      await sql`select 1`.execute(trx);
      expect(heard).toEqual([]);
    });
    await expected.promise;
    const rolledBack = db.transaction().execute(async (trx) => {
      await sql`select pg_notify('news "quoted"', 'rolled back')`.execute(trx);
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expected = signal();
    await sql`select pg_notify('news "quoted"', 'alone')`.execute(db);
    await expected.promise;
    expect(heard).toEqual(['committed', 'alone']);
    const other = signal();
    await unlisten();
    const stop = await engine.listen('other', other.give);
    await sql`select pg_notify('news "quoted"', 'unheard'), pg_notify('other', '')`.execute(db);
    await other.promise;
    await stop();
    expect(heard).toEqual(['committed', 'alone']);
  });

  test('a listener that throws keeps neither the others nor the statement from going on', async () => {
    const second = signal();
    const stops = [
      await engine.listen('trouble', () => {
        throw new Error('listener at fault');
      }),
      await engine.listen('trouble', second.give),
    ];
    await sql`select pg_notify('trouble', '')`.execute(db);
    await second.promise;
    for (const stop of stops) await stop();
  });

  test('a statement beyond its time is given up, and the engine goes on', async () => {
    const slow =
      kind === 'postgres'
        ? sql`select pg_sleep(20)`
        : // WASM has no timer to stop a statement, so this one ends by itself after a while.
          sql`select count(*) from generate_series(1, 12000000) a`;
    const startedAt = performance.now();
    const error: unknown = await slow.execute(db).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({ reason: kind === 'postgres' ? 'statement-timeout' : 'server-hung' });
    expect(performance.now() - startedAt).toBeLessThan(3000);
    await expect.poll(() => engine.ping(2000).then(() => 'up'), { timeout: 20_000 }).toBe('up');
  });

  test('an advisory lock lets one in at a time, while the engine serves others', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await sql`select 1`.execute(db);
      await engine.ping(1000);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => engine.withAdvisoryLock('migrate', work)));
    expect(most).toBe(1);
    const failure = new Error('mine');
    await expect(engine.withAdvisoryLock('migrate', () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await engine.withAdvisoryLock('migrate', async () => 'free again')).toBe('free again');
  });

  test('a script is all or nothing', async () => {
    await expect(
      engine.runScript('create table half (id int8); select * from missing;'),
    ).rejects.toMatchObject({
      code: '42P01',
    });
    const { rows } = await sql<{ there: boolean }>`select to_regclass('half') is not null as there`.execute(
      db,
    );
    expect(rows).toEqual([{ there: false }]);
    await engine.runScript('create index concurrently item_by_label on item (label)');
  });
});

describe.each(['pglite', 'postgres'] as const)('%s, closing', (kind) => {
  test('a closed engine refuses, and closing twice is harmless', async () => {
    const engine =
      kind === 'pglite'
        ? await openPglite({ dataDir: 'memory://', durable: 'unsafe-no-fsync' })
        : await openPostgres({ url: server.current?.url ?? '' });
    await engine.ping(2000);
    await engine.close();
    await engine.close();
    await expect(engine.ping(1000)).rejects.toMatchObject({ name: 'DatabaseUnavailable', reason: 'closed' });
  });
});
