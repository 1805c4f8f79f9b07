import { afterAll, describe, expect, test } from 'vitest';
import { engines, openTestStore, seedTenant, stopDatabase } from '../test-support/store-world.ts';
import { alarmPeriodMs, raiseAlarm } from './alarms.ts';

import { findAttempts, noAttempts, releaseKeyedAttempt, reserveKeyedAttempt } from './sign-in-attempts.ts';
import { sweepExpired } from './sweep.ts';

afterAll(stopDatabase);

const now = 1_790_000_000_000;
const dayMs = 86_400_000;

describe.each(engines)('attempts and alarms on %s', (engine) => {
  test('attempts are counted exactly, one row a slot, and swept when they no longer count', async () => {
    const store = await openTestStore(engine);
    const { scope } = await seedTenant(store, 7, now);
    const key = { slot: 5, digest: 'one' };
    const step = (before: number, atMs = now) => ({
      before: before === 0 ? noAttempts : { count: before, lastAtMs: now },
      after: { count: before + 1, lastAtMs: atMs },
    });
    const reserve = (each: typeof key, before: number) =>
      reserveKeyedAttempt(store.db, scope, each, step(before));
    const first = await Promise.all(Array.from({ length: 40 }, () => reserve(key, 0)));
    expect(first.filter(Boolean)).toHaveLength(1);
    expect(await findAttempts(store.db, scope, key)).toEqual({ count: 1, lastAtMs: now });
    const second = await Promise.all(Array.from({ length: 40 }, () => reserve(key, 1)));
    expect(second.filter(Boolean)).toHaveLength(1);
    await releaseKeyedAttempt(store.db, scope, key, { ...step(1), certainty: 'counted' });
    expect(await findAttempts(store.db, scope, key)).toEqual({ count: 1, lastAtMs: now });
    // Another key takes the slot over, and what was counted there is judged as nothing.
    const other = { slot: 5, digest: 'two' };
    expect(await reserve(other, 3)).toBe(false);
    expect(await reserve(other, 0)).toBe(true);
    expect(await findAttempts(store.db, scope, key)).toEqual(noAttempts);
    expect(await store.db.selectFrom('signInAttempts').select('digest').execute()).toEqual([
      { digest: 'two' },
    ]);
    await sweepExpired(store.db, now + 2 * dayMs);
    expect((await findAttempts(store.db, scope, other)).count).toBe(1);
    await sweepExpired(store.db, now + 3 * dayMs + 1);
    expect(await findAttempts(store.db, scope, other)).toEqual(noAttempts);
    await store.close();
  });

  test('of many alarms of one kind about one object one event is written in a period', async () => {
    const store = await openTestStore(engine);
    const { scope, applicationId: objectId } = await seedTenant(store, 7, now);
    const alarm = {
      kind: 'unreadable-tokens',
      objectKind: 'application',
      objectId,
      limitPerMinute: 60,
    } as const;
    const raise = (atMs: number) => raiseAlarm(store.db, scope, alarm, atMs);
    expect((await Promise.all(Array.from({ length: 20 }, () => raise(now)))).filter(Boolean)).toHaveLength(1);
    expect(await raise(now + alarmPeriodMs)).toBe(true);
    await raiseAlarm(store.db, scope, { ...alarm, kind: 'user-code-guesses' }, now);
    const events = await store.db
      .selectFrom('events')
      .select(['objectId', 'detail'])
      .where('type', '=', 'alarm.raised')
      .orderBy('seq')
      .execute();
    const about = (kind: string) => ({ objectId, detail: { kind, limitPerMinute: 60 } });
    expect(events).toEqual([
      about('unreadable-tokens'),
      about('unreadable-tokens'),
      about('user-code-guesses'),
    ]);
    await store.close();
  });
});
