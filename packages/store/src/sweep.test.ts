import { sql } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import {
  createDatabase,
  engines,
  openTestStore,
  seedTenant,
  stopDatabase,
} from '../test-support/store-world.ts';
import { createStore, openPostgres, type Store, sweepExpired } from './index.ts';

const now = 1_800_000_000_000;
const dayMs = 86_400_000;

afterAll(stopDatabase);

async function insertBacklog(store: Store, rows: number): Promise<void> {
  const { scope, organizationId, userId } = await seedTenant(store, 1, now);
  await store.engine.runScript(`
    insert into sessions (instance_id, id, organization_id, user_id, secret_sha256, auth_time_ms, amr, created_at_ms,
      last_seen_at_ms, expires_at_ms)
    select '${scope.instanceId}', 's' || n, '${organizationId}', '${userId}', '', 0, '{}', 0, 0, ${now - 2 * dayMs}
    from generate_series(1, ${rows}) n;
    insert into consumed (instance_id, kind, id, keep_until_ms)
    select '${scope.instanceId}', 'code', 'c' || n, ${now - 1} from generate_series(1, 10) n;`);
}

async function countOf(store: Store, table: 'sessions' | 'consumed'): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*)::int as count from ${sql.table(table)}`.execute(store.db);
  return rows[0]?.count ?? 0;
}

describe.each(engines)('the sweep on %s', (engine) => {
  test('a backlog is removed over several rounds, each keeps what it did, and no table waits behind another', async () => {
    const store = await openTestStore(engine);
    try {
      await insertBacklog(store, 20_000);
      const first = await sweepExpired(store.db, now, 1);
      expect(first.isFinished).toBe(false);
      // Every table had its turn, although sessions are not done.
      expect(await countOf(store, 'consumed')).toBe(0);
      expect(await countOf(store, 'sessions')).toBe(20_001 - (first.removed - 10));
      let rounds = 1;
      while (!(await sweepExpired(store.db, now, 1)).isFinished) rounds += 1;
      expect(rounds).toBeGreaterThan(1);
      // The one that has not expired is left.
      expect(await countOf(store, 'sessions')).toBe(1);
    } finally {
      await store.close();
    }
  });
});

test('a backlog of 200,000 sessions is removed although statements may take a few milliseconds only', async () => {
  const url = await createDatabase();
  const store = createStore(await openPostgres({ url }));
  await store.migrate();
  await insertBacklog(store, 200_000);
  const timeouts: string[] = [];
  const hurried = createStore(await openPostgres({ url, statementTimeoutMs: 25 }));
  const whole = sql`delete from sessions where expires_at_ms < ${now - dayMs}`.execute(hurried.db);
  await whole.catch((error: unknown) => timeouts.push(String(error)));
  try {
    // One statement for all of it does not come to its end.
    expect(timeouts).toHaveLength(1);
    for (let round = 0; round < 60; round += 1)
      if ((await sweepExpired(hurried.db, now, 1000)).isFinished) break;
    expect(await countOf(store, 'sessions')).toBe(1);
  } finally {
    await hurried.close();
    await store.close();
  }
});
