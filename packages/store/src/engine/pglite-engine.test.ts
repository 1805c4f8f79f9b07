import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DatabaseUnavailable, FolderInUse, FolderNotWritable } from './engine.ts';
import { askFolderHolder, lockFolder } from './folder-lock.ts';
import { openPglite, type PgliteEngine, type PgliteOptions } from './pglite-engine.ts';

interface Tables {
  note: { id: number };
}

let scratch: string;
let dataDir: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lk-engine-'));
  dataDir = join(scratch, 'made', 'data');
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(scratch, { recursive: true, force: true });
});

async function using<T>(
  options: Partial<PgliteOptions>,
  work: (engine: PgliteEngine) => Promise<T>,
): Promise<T> {
  const engine = await openPglite({ dataDir, durable: 'fsync', ...options });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

function kysely(engine: PgliteEngine): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: engine.dialect });
}

async function refusal(folder: string): Promise<{ error: unknown; tookMs: number }> {
  const startedAt = performance.now();
  const error: unknown = await openPglite({ dataDir: folder, durable: 'fsync' }).catch(
    (reason: unknown) => reason,
  );
  return { error, tookMs: performance.now() - startedAt };
}

/** A process that opens the folder, inserts notes for ever and prints each id once it is committed. */
async function startHolder(
  folder: string,
): Promise<{ child: ChildProcess; pid: number; lastId: () => number }> {
  const program = `
    const { openPglite } = await import(${JSON.stringify(new URL('./pglite-engine.ts', import.meta.url).href)});
    const { Kysely, sql } = await import('kysely');
    const engine = await openPglite({ dataDir: ${JSON.stringify(folder)}, durable: 'fsync' });
    const db = new Kysely({ dialect: engine.dialect });
    for (;;) {
      const { rows } = await sql\`insert into note select coalesce(max(id), 0) + 1 from note returning id\`.execute(db);
      console.log(rows[0].id);
    }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  let id = 0;
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the holder ended')));
    lines.on('line', (line) => {
      id = Number(line);
      if (id > 20) resolve();
    });
  });
  return { child, pid: child.pid ?? 0, lastId: () => id };
}

describe('a data folder', () => {
  test('is made with mode 0700, keeps its rows, and holds 16 MB in reserve', async () => {
    await using({}, async (engine) => {
      await engine.runScript('create table note (id int8 primary key)');
      await kysely(engine).insertInto('note').values({ id: 1 }).execute();
    });
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'latchkey.ballast'))).size).toBe(16 * 1024 * 1024);
    const rows = await using({}, (engine) => kysely(engine).selectFrom('note').selectAll().execute());
    expect(rows).toEqual([{ id: 1 }]);
  });

  test('every commit in durable mode waits for at least one fsync; without it there is none', async () => {
    const commits = 50;
    const insertAll = async (engine: PgliteEngine, first: number): Promise<number> => {
      const before = engine.fsyncCount();
      for (let id = first; id < first + commits; id += 1) {
        const seen = engine.fsyncCount();
        await kysely(engine).insertInto('note').values({ id }).execute();
        if (engine.fsyncCount() === seen) return engine.fsyncCount() - before;
      }
      return engine.fsyncCount() - before;
    };
    expect(await using({}, (engine) => insertAll(engine, 100))).toBeGreaterThanOrEqual(commits);
    expect(await using({ durable: 'unsafe-no-fsync' }, (engine) => insertAll(engine, 200))).toBe(0);
    const settings = await using({}, async (engine) => {
      const { rows } = await sql`select current_setting('fsync') f, current_setting('synchronous_commit') c,
        current_setting('full_page_writes') w, current_setting('wal_sync_method') m`.execute(kysely(engine));
      return rows;
    });
    expect(settings).toEqual([{ f: 'on', c: 'on', w: 'on', m: 'fsync' }]);
  });

  test('a second open is refused within a second and names the process that holds it', async () => {
    await using({}, async () => {
      const { error, tookMs } = await refusal(dataDir);
      expect(error).toBeInstanceOf(FolderInUse);
      expect(error).toMatchObject({ pid: process.pid, dataDir });
      expect(tookMs).toBeLessThan(1000);
    });
  });

  test('another process holds it until kill -9: refused while it lives or is stopped, nothing acknowledged lost', async () => {
    const holder = await startHolder(dataDir);
    const alive = await refusal(dataDir);
    expect(alive.error).toMatchObject({ name: 'FolderInUse', pid: holder.pid });
    expect(String(alive.error)).toContain(String(holder.pid));
    expect(alive.tookMs).toBeLessThan(1000);
    holder.child.kill('SIGSTOP');
    const stopped = await refusal(dataDir);
    expect(stopped.error).toMatchObject({ name: 'FolderInUse', pid: holder.pid });
    expect(stopped.tookMs).toBeLessThan(1000);
    const ended = new Promise((resolve) => holder.child.once('exit', resolve));
    holder.child.kill('SIGKILL');
    await ended;
    const count = await using({}, async (engine) => {
      const { rows } = await sql<{ max: number }>`select max(id) from note`.execute(kysely(engine));
      return rows[0]?.max ?? 0;
    });
    expect(count).toBeGreaterThanOrEqual(holder.lastId());
  });

  test('of 8 that start at once on a folder left by a dead process, one gets it', async () => {
    const holder = await startHolder(dataDir);
    const ended = new Promise((resolve) => holder.child.once('exit', resolve));
    holder.child.kill('SIGKILL');
    await ended;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => openPglite({ dataDir, durable: 'unsafe-no-fsync' })),
    );
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    for (const engine of won) await engine.close();
    expect(won).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(FolderInUse);
    }
  });

  test('what is not a folder, or cannot be written, is refused with advice', async () => {
    const file = join(scratch, 'file');
    await writeFile(file, '');
    for (const folder of [file, join(file, 'below'), '/proc/latchkey']) {
      const { error } = await refusal(folder);
      expect(error).toBeInstanceOf(FolderNotWritable);
      expect(String(error)).toContain(folder);
    }
  });
});

describe('the admin channel of a data folder', () => {
  test('carries requests to the holder and its answers or errors back, for this user only', async () => {
    const onRequest = async (request: unknown): Promise<unknown> => {
      if (request === 'fail') throw new Error('no such command');
      if (request === 'long') return 'x'.repeat(2 * 1024 * 1024);
      return { echo: request };
    };
    await using({ durable: 'unsafe-no-fsync', onRequest }, async () => {
      const question = { kind: 'create-user', name: 'ünï\n🙂' };
      expect(await askFolderHolder(dataDir, question)).toEqual({ echo: question });
      await expect(askFolderHolder(dataDir, 'fail')).rejects.toThrow('no such command');
      await expect(askFolderHolder(dataDir, 'long')).rejects.toThrow('longer');
      await expect(askFolderHolder(dataDir, 'x'.repeat(2 * 1024 * 1024))).rejects.toThrow(RangeError);
      expect((await stat(join(dataDir, 'latchkey.sock'))).mode & 0o777).toBe(0o600);
    });
    await expect(askFolderHolder(dataDir, 'anyone?')).rejects.toThrow('No server runs');
  });

  test('a request that is never answered ends with its time-out, and does not hold up closing', async () => {
    await using({ durable: 'unsafe-no-fsync', onRequest: () => new Promise(() => undefined) }, async () => {
      await expect(askFolderHolder(dataDir, 'wait', { timeoutMs: 100 })).rejects.toThrow('in time');
    });
  });

  test('works where the path of the folder is longer than a socket address', async () => {
    const long = join(scratch, 'a'.repeat(60), 'b'.repeat(60));
    await mkdir(long, { recursive: true });
    const lock = await lockFolder(long, async () => 'here');
    expect(await askFolderHolder(long, 'where?')).toBe('here');
    expect((await refusal(long)).error).toMatchObject({ pid: process.pid });
    await lock.release();
    await expect(askFolderHolder(long, 'where?')).rejects.toThrow('No server runs');
  });
});

describe('the worker', () => {
  test('one that hangs is replaced: what waits fails as unavailable, ping fails, then all is well again', async () => {
    const faults: unknown[] = [];
    const options: Partial<PgliteOptions> = {
      durable: 'unsafe-no-fsync',
      statementTimeoutMs: 1000,
      hungAfterMs: 2500,
      onFault: (error) => faults.push(error),
    };
    await using(options, async (engine) => {
      const db = kysely(engine);
      let caughtUp = 0;
      await engine.listen('news', () => {
        caughtUp += 1;
      });
      const endless = sql`select count(*) from generate_series(1, 4000000000) a`.execute(db);
      const waiting = db.selectFrom('note').selectAll().execute();
      const outcomes = await Promise.allSettled([endless, waiting]);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailable) });
      }
      await expect(engine.ping(100)).rejects.toBeInstanceOf(DatabaseUnavailable);
      await expect.poll(() => engine.ping(1000).then(() => 'up'), { timeout: 15_000 }).toBe('up');
      expect((await db.selectFrom('note').selectAll().execute()).length).toBeGreaterThan(20);
      expect(faults).toEqual([expect.objectContaining({ reason: 'worker-crashed' })]);
      expect(caughtUp).toBe(1);
      await sql`select pg_notify('news', '')`.execute(db);
      await expect.poll(() => caughtUp).toBe(2);
    });
  });

  test('the log stays short and dead rows go, though PGlite has no background processes', async () => {
    await using(
      { durable: 'unsafe-no-fsync', upkeepIntervalMs: 20, acquireTimeoutMs: 10_000 },
      async (engine) => {
        const db = kysely(engine);
        await engine.runScript('create table churn (id int8, body text)');
        const grow = () =>
          sql`insert into churn select g, repeat(md5(g::text), 30) from generate_series(1, 45000) g`;
        await grow().execute(db);
        const sinceCheckpoint = async (): Promise<number> => {
          const { rows } = await sql<{ bytes: number }>`
          select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::int8 as bytes from pg_control_checkpoint()`.execute(
            db,
          );
          return rows[0]?.bytes ?? Number.POSITIVE_INFINITY;
        };
        await expect.poll(sinceCheckpoint, { timeout: 10_000 }).toBeLessThan(16 * 1024 * 1024);
        await sql`delete from churn`.execute(db);
        const vacuums = async (): Promise<number | undefined> => {
          const { rows } = await sql<{ vacuums: number }>`
          select vacuum_count as vacuums from pg_stat_user_tables where relname = 'churn'`.execute(db);
          return rows[0]?.vacuums;
        };
        await expect.poll(vacuums, { timeout: 10_000 }).toBeGreaterThan(0);
        const { rows } = await sql<{
          bytes: number;
        }>`select pg_relation_size('churn')::int8 as bytes`.execute(db);
        expect(rows).toEqual([{ bytes: 0 }]);
      },
    );
  });

  test('what was inserted is looked at soon, so that the planner chooses the index that narrows', async () => {
    await using({ durable: 'unsafe-no-fsync', upkeepIntervalMs: 20 }, async (engine) => {
      const db = kysely(engine);
      await engine.runScript(`create table sheep (flock text, id text, name text, primary key (flock, id));
        create index sheep_of_flock on sheep (flock) where name is not null`);
      await sql`insert into sheep select 'one', g::text, 'Dolly' from generate_series(1, 2000) g`.execute(db);
      const rowsKnown = async (): Promise<number | undefined> => {
        const { rows } = await sql<{ count: number }>`
          select reltuples::int8 as count from pg_class where relname = 'sheep'`.execute(db);
        return rows[0]?.count;
      };
      await expect.poll(rowsKnown, { timeout: 10_000 }).toBe(2000);
      const { rows } = await sql<Readonly<Record<string, string>>>`
        explain select id from sheep where flock = 'one' and id = '7' and name is not null`.execute(db);
      expect(JSON.stringify(rows)).toContain('sheep_pkey');
    });
  });

  test('while a slow statement runs, this thread goes on', async () => {
    await using({ durable: 'unsafe-no-fsync' }, async (engine) => {
      let ticks = 0;
      const ticking = setInterval(() => {
        ticks += 1;
      }, 5);
      await sql`select count(*) from generate_series(1, 3000000) a`.execute(kysely(engine));
      clearInterval(ticking);
      expect(ticks).toBeGreaterThan(10);
    });
  });

  test('waiters beyond the bound are refused at once, those within it wait no longer than they may', async () => {
    const options: Partial<PgliteOptions> = {
      durable: 'unsafe-no-fsync',
      maxWaiting: 2,
      acquireTimeoutMs: 1500,
    };
    await using(options, async (engine) => {
      const db = kysely(engine);
      await db.transaction().execute(async () => {
        const refused = await Promise.allSettled(Array.from({ length: 3 }, () => sql`select 1`.execute(db)));
        const reasons = refused.map((one) => (one.status === 'rejected' ? one.reason.reason : 'served'));
        expect(reasons).toEqual(['acquire-timeout', 'acquire-timeout', 'queue-full']);
      });
      await engine.ping(1000);
    });
  });
});

test('a flood on the share waits among itself: what comes beside it waits behind one statement at most', async () => {
  await using({ dataDir: 'memory://' }, async (engine) => {
    const share = new Kysely<Tables>({ dialect: engine.shareDialect });
    const order: string[] = [];
    const flood = Array.from({ length: 100 }, async () => {
      await sql`select 1`.execute(share);
      order.push('flood');
    });
    await sql`select 2`.execute(kysely(engine));
    order.push('beside');
    await Promise.all(flood);
    expect(order.indexOf('beside')).toBeLessThanOrEqual(2);
    expect(order).toHaveLength(101);
  });
}, 120_000);
