import fc from 'fast-check';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import type { ConnectionPool, Lease } from './connection-pool.ts';
import { createConnectionShare } from './connection-share.ts';
import { DatabaseUnavailable } from './engine.ts';

/** A pool that lends without end and says how many it has lent; nothing is connected. */
function endlessPool() {
  const state = { lent: 0, most: 0, mode: 'lends' as 'lends' | 'refuses' };
  const pool: ConnectionPool = {
    acquire: async () => {
      if (state.mode === 'refuses') throw new DatabaseUnavailable('connection-refused', 'away');
      state.lent += 1;
      state.most = Math.max(state.most, state.lent);
      return {
        client: new Client(),
        link: {
          client: new Client(),
          keeps: 'session' as const,
          isolation: 'read-committed' as const,
          mode: 'writable' as const,
        },
        isBroken: () => false,
        markBroken: () => undefined,
        release: () => {
          state.lent -= 1;
        },
      };
    },
    renew: () => undefined,
    close: async () => undefined,
  };
  return { pool, state };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

test('a share lends as many connections as it may; others wait in order, and the rest is refused at once', async () => {
  const { pool, state } = endlessPool();
  const share = createConnectionShare(pool, { size: 5, maximumWaitMs: 100, acquireTimeoutMs: 60_000 });
  const leases: Lease[] = [];
  const refused: unknown[] = [];
  for (let index = 0; index < 500; index += 1)
    share.acquire().then(
      (lease) => leases.push(lease),
      (error: unknown) => refused.push(error),
    );
  await settle();
  expect(leases).toHaveLength(5);
  // A hundred milliseconds of 5 ms each on five connections.
  expect(refused).toHaveLength(500 - 5 - 100);
  expect(
    refused.every((error) => error instanceof DatabaseUnavailable && error.reason === 'share-full'),
  ).toBe(true);
  for (let index = 0; index < 105; index += 1) {
    leases[index]?.release();
    await settle();
  }
  expect(leases).toHaveLength(105);
  expect([state.lent, state.most]).toEqual([0, 5]);
});

test('a connection that could not be had gives its place to the next', async () => {
  const { pool, state } = endlessPool();
  const share = createConnectionShare(pool, { size: 1, maximumWaitMs: 1000, acquireTimeoutMs: 60_000 });
  state.mode = 'refuses';
  const outcomes = await Promise.allSettled([share.acquire(), share.acquire(), share.acquire()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  state.mode = 'lends';
  const lease = await share.acquire();
  lease.release();
  lease.release();
  expect(state.lent).toBe(0);
  await share.acquire();
  expect(state.most).toBe(1);
});

test('whatever is taken and given back, in whatever order, the share holds no more than its size and forgets nobody', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat({ max: 9 }), { maxLength: 80 }),
      async (size, moves) => {
        const { pool, state } = endlessPool();
        const share = createConnectionShare(pool, { size, maximumWaitMs: 60_000, acquireTimeoutMs: 60_000 });
        const leases: Lease[] = [];
        let [asked, given] = [0, 0];
        for (const move of moves) {
          if (move < 6) {
            asked += 1;
            void share.acquire().then((lease) => leases.push(lease));
          } else if (leases.length > 0) {
            given += 1;
            leases.splice(move % leases.length, 1)[0]?.release();
          }
          await settle();
          expect(state.lent).toBe(Math.min(size, asked - given));
          expect(leases).toHaveLength(state.lent);
        }
        while (leases.length > 0) {
          leases.pop()?.release();
          given += 1;
          await settle();
        }
        expect(given).toBe(asked);
      },
    ),
  );
});
