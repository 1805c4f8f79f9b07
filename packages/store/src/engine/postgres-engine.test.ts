import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTemporaryPostgres, type TemporaryPostgres } from '../../../testkit/src/temporary-postgres.ts';
import { DatabaseUnavailable, type Engine } from './engine.ts';
import { openPostgres, type PostgresOptions } from './postgres-engine.ts';

let first: TemporaryPostgres;
let second: TemporaryPostgres;

beforeAll(async () => {
  [first, second] = await Promise.all([
    startTemporaryPostgres(),
    startTemporaryPostgres({ settings: { log_min_messages: 'log' } }),
  ]);
});

afterAll(() => Promise.all([first?.stop(), second?.stop()]));

async function using<T>(
  options: Partial<PostgresOptions>,
  work: (engine: Engine, db: Kysely<unknown>) => Promise<T>,
): Promise<T> {
  const engine = await openPostgres({ url: first.url, ...options });
  try {
    return await work(engine, new Kysely<unknown>({ dialect: engine.dialect }));
  } finally {
    await engine.close();
  }
}

const one = (db: Kysely<unknown>) => sql`select 1`.execute(db);

async function failure(work: Promise<unknown>): Promise<DatabaseUnavailable> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (!(error instanceof DatabaseUnavailable))
    throw new Error('expected DatabaseUnavailable', { cause: error });
  return error;
}

async function whichPort(db: Kysely<unknown>): Promise<number | undefined> {
  const { rows } = await sql<{ port: number }>`select inet_server_port() as port`.execute(db);
  return rows[0]?.port;
}

async function setReadOnly(server: TemporaryPostgres, value: 'on' | 'off'): Promise<void> {
  const engine = await openPostgres({ url: server.url });
  await engine.runScript(`alter system set default_transaction_read_only = ${value}`);
  await engine.runScript('select pg_reload_conf()');
  // The reload reaches a session between two statements, so a fresh one shows that the server has taken it up.
  await expect
    .poll(async () => {
      const db = new Kysely<unknown>({ dialect: engine.dialect });
      const { rows } = await sql<{
        v: string;
      }>`select current_setting('default_transaction_read_only') v`.execute(db);
      return rows[0]?.v;
    })
    .toBe(value);
  await engine.close();
}

describe('a server that goes away', () => {
  test('restarts, fast and immediate, heal without reopening, within 2 s', async () => {
    await using({}, async (engine, db) => {
      for (const mode of ['fast', 'immediate'] as const) {
        await Promise.all(Array.from({ length: 10 }, () => one(db)));
        await first.halt(mode);
        expect((await failure(one(db))).reason).toMatch(/^connection-(?:refused|lost)$/);
        await failure(engine.ping(500));
        await first.start();
        const acceptedAt = performance.now();
        await expect.poll(() => engine.ping(1000).then(() => 'up')).toBe('up');
        expect(performance.now() - acceptedAt).toBeLessThan(2000);
      }
    });
  });

  test('kill -9 under load gives only DatabaseUnavailable, and an open transaction says so too', async () => {
    await using({}, async (_engine, db) => {
      const open = await db.startTransaction().execute();
      let running = true;
      const outcomes = new Set<unknown>();
      const load = Array.from({ length: 20 }, async () => {
        while (running) {
          const error: unknown = await one(db).then(
            () => undefined,
            (reason: unknown) => reason,
          );
          outcomes.add(error instanceof DatabaseUnavailable ? 'unavailable' : (error ?? 'served'));
          // While the pool refuses at once, nothing of the loop would ever let the test go on.
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      await expect.poll(() => outcomes.has('served')).toBe(true);
      await first.kill();
      await expect.poll(() => outcomes.has('unavailable')).toBe(true);
      expect((await failure(sql`select 1`.execute(open))).reason).toBe('connection-lost');
      await open.rollback().execute();
      await first.start();
      running = false;
      await Promise.all(load);
      expect(outcomes).toEqual(new Set(['served', 'unavailable']));
      await Promise.all(Array.from({ length: 30 }, () => one(db)));
    });
  });

  test('a hung server fails requests within 5 s, and they are served within 2 s of its return', async () => {
    await using({ poolSize: 3 }, async (_engine, db) => {
      await Promise.all(Array.from({ length: 3 }, () => one(db)));
      await first.freeze();
      const startedAt = performance.now();
      const requests = [
        ...Array.from({ length: 6 }, () => one(db)),
        db.transaction().execute((trx) => sql`select 1`.execute(trx)),
      ];
      const errors = await Promise.all(requests.map(failure));
      expect(performance.now() - startedAt).toBeLessThan(5000);
      expect(new Set(errors.map(({ reason }) => reason))).toEqual(
        new Set(['server-hung', 'acquire-timeout']),
      );
      expect((await failure(one(db))).reason).toMatch(/^(?:server-hung|acquire-timeout)$/);
      await first.resume();
      const resumedAt = performance.now();
      await expect.poll(() => one(db).then(() => 'up'), { timeout: 5000 }).toBe('up');
      expect(performance.now() - resumedAt).toBeLessThan(2000);
      await Promise.all(Array.from({ length: 30 }, () => one(db)));
    });
  });

  test('a listener comes back by itself and calls back once so that its reader catches up', async () => {
    const faults: unknown[] = [];
    await using({ onFault: (error) => faults.push(error) }, async (_engine, db) => {
      const heard: string[] = [];
      const stop = await _engine.listen('news', (payload) => heard.push(payload));
      await sql`select pg_notify('news', 'before')`.execute(db);
      await expect.poll(() => heard).toEqual(['before']);
      await first.restart('fast');
      await expect.poll(() => heard, { timeout: 5000 }).toEqual(['before', '']);
      expect(faults.length).toBeGreaterThan(0);
      await sql`select pg_notify('news', 'after')`.execute(db);
      await expect.poll(() => heard).toEqual(['before', '', 'after']);
      await stop();
    });
  });

  test('an engine opened while the server is away listens and serves once it is there', async () => {
    await first.halt('fast');
    await using({}, async (engine, db) => {
      const heard: string[] = [];
      await engine.listen('news', (payload) => heard.push(payload));
      expect((await failure(engine.ping(1000))).reason).toBe('connection-refused');
      await first.start();
      await engine.ping(2000);
      await expect
        .poll(
          async () => {
            await sql`select pg_notify('news', 'hello')`.execute(db);
            return heard.includes('hello');
          },
          { timeout: 5000 },
        )
        .toBe(true);
    });
  });
});

describe('limits', () => {
  test('a free connection is waited for no longer than allowed, and the queue has a bound', async () => {
    await using({ poolSize: 1, acquireTimeoutMs: 200, maxWaiting: 2 }, async (engine, db) => {
      await db.transaction().execute(async (trx) => {
        await one(trx);
        const errors = await Promise.all(Array.from({ length: 3 }, () => failure(one(db))));
        expect(errors.map(({ reason }) => reason)).toEqual([
          'acquire-timeout',
          'acquire-timeout',
          'queue-full',
        ]);
      });
      await engine.ping(1000);
    });
  });

  test('a transaction left idle is ended by the server, and its connection is not used again', async () => {
    await using({ poolSize: 1, idleInTransactionTimeoutMs: 100 }, async (engine, db) => {
      const abandoned = await db.startTransaction().execute();
      await one(abandoned);
      await expect
        .poll(
          () =>
            one(abandoned).then(
              () => 'open',
              () => 'ended',
            ),
          { interval: 300 },
        )
        .toBe('ended');
      await abandoned.rollback().execute();
      await engine.ping(1000);
    });
  });

  test('the limits are set in the session of each connection, whatever the role has by default', async () => {
    const settings = {
      statementTimeoutMs: 4321,
      idleInTransactionTimeoutMs: 8765,
      applicationName: 'latchkey test',
    };
    await using(settings, async (_engine, db) => {
      const { rows } = await sql`select current_setting('statement_timeout') s,
        current_setting('idle_in_transaction_session_timeout') i, current_setting('application_name') a`.execute(
        db,
      );
      expect(rows).toEqual([{ s: '4321ms', i: '8765ms', a: 'latchkey test' }]);
    });
  });
});

describe('a URL that cannot work', () => {
  const secret = 'pa55-w0rd';

  test.each([
    ['unknown role', (url: URL) => Object.assign(url, { username: 'nobody-here' }), 'authentication-failed'],
    ['missing database', (url: URL) => Object.assign(url, { pathname: '/nowhere' }), 'database-missing'],
    ['closed port', (url: URL) => Object.assign(url, { port: '1' }), 'connection-refused'],
  ])('%s: the message helps and holds no password', async (_name, change, reason) => {
    const url = change(new URL(first.url));
    url.password = secret;
    await using({ url: url.href }, async (engine) => {
      const error = await failure(engine.ping(2000));
      expect(error.reason).toBe(reason);
      expect(error.message).toContain(`127.0.0.1:${url.port}`);
      expect(JSON.stringify([error, String(error), String(error.cause), error.stack])).not.toContain(secret);
    });
  });
});

describe('several hosts', () => {
  const both = (a: TemporaryPostgres, b: TemporaryPostgres): string =>
    `postgres://postgres@127.0.0.1:${a.port},127.0.0.1:${b.port}/postgres?target_session_attrs=read-write`;

  test('the writable one is found, wherever it stands, and again when it changes', async () => {
    await setReadOnly(second, 'on');
    await using({ url: both(second, first) }, async (_engine, db) => {
      expect(await whichPort(db)).toBe(first.port);
      await setReadOnlyByForce(second, 'off');
      await first.halt('fast');
      await expect.poll(() => whichPort(db).catch(() => undefined), { timeout: 5000 }).toBe(second.port);
      await first.start();
      await setReadOnly(second, 'on');
      const write = () => sql`create table if not exists written (id int8)`.execute(db);
      expect((await failure(write())).reason).toBe('read-only');
      await write();
      expect(await whichPort(db)).toBe(first.port);
    });
    await setReadOnlyByForce(second, 'off');
  });

  test('when all are read-only the error says so', async () => {
    await setReadOnly(second, 'on');
    await using({ url: both(second, second) }, async (engine) => {
      expect((await failure(engine.ping(2000))).reason).toBe('read-only');
    });
    await setReadOnlyByForce(second, 'off');
  });

  async function setReadOnlyByForce(server: TemporaryPostgres, value: 'on' | 'off'): Promise<void> {
    const url = new URL(server.url);
    url.searchParams.set('options', '-c default_transaction_read_only=off');
    const engine = await openPostgres({ url: url.href });
    await engine.runScript(`alter system set default_transaction_read_only = ${value}`);
    await engine.runScript('select pg_reload_conf()');
    await engine.close();
  }
});

test('a flood on the share of the connections leaves the others free: what comes beside it is answered before it ends', async () => {
  await using({ poolSize: 4, acquireTimeoutMs: 30_000 }, async (engine, db) => {
    const share = new Kysely<unknown>({ dialect: engine.shareDialect });
    const state = { ended: 0, most: 0 };
    const slow = async (): Promise<void> => {
      const { rows } = await sql<{ busy: number }>`select pg_sleep(0.01),
        (select count(*)::int from pg_stat_activity where query like '%share-flood%' and state = 'active') as busy
        /* share-flood */`.execute(share);
      state.most = Math.max(state.most, rows[0]?.busy ?? 0);
      state.ended += 1;
    };
    const flood = Promise.allSettled(Array.from({ length: 1500 }, slow));
    // Every one of these has a connection at once, or waits behind one statement at most.
    await Promise.all(Array.from({ length: 20 }, () => one(db)));
    expect(state.ended).toBeLessThan(20);
    const outcomes = await flood;
    expect(state.most).toBeLessThanOrEqual(2);
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused.length).toBeGreaterThan(400);
    expect(refused.filter((reason) => reason.reason === 'share-full').length).toBeGreaterThan(400);
    await one(share);
  });
}, 60_000);
