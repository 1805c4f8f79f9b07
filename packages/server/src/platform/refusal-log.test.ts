import { epochMs } from '@latchkey/protocol';
import { createStore, openPglite, type Store } from '@latchkey/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { createRefusalLog } from './refusal-log.ts';

const scope = { instanceId: 'i1' };
const caller = { type: 'introspection.refused', scope, applicationId: 'app', clientId: 'client' } as const;
let store: Store;
beforeAll(async () => {
  store = createStore(await openPglite({ dataDir: 'memory://', durable: 'unsafe-no-fsync' }));
  await store.migrate();
});
afterAll(() => store?.close());

function createCounting(over: Store, at = { nowMs: 1_700_000_000_000 }) {
  const counted = { refused: 0, unlogged: 0 };
  const metrics = {
    countRefusedToken: () => {
      counted.refused += 1;
    },
    countUnloggedRefusal: () => {
      counted.unlogged += 1;
    },
  };
  const clock = { now: () => epochMs(at.nowMs), monotonicMs: () => at.nowMs };
  return {
    counted,
    refusals: createRefusalLog({ store: over, clock, log: createLogger('silent'), metrics }),
  };
}

async function reports(
  type = 'introspection.refused',
): Promise<readonly { readonly objectId: string; readonly detail: unknown }[]> {
  const query = store.db.selectFrom('events').select(['objectId', 'detail']);
  return await query.where('type', '=', type).orderBy('seq').execute();
}

test('equal refusals become one event with their number', async () => {
  const { counted, refusals } = createCounting(store);
  for (let time = 0; time < 1000; time += 1)
    refusals.note({ ...caller, tokenId: undefined, reason: 'not an access token of this instance' });
  refusals.note({ ...caller, tokenId: 't1', reason: 'expired' });
  await refusals.flush();
  await refusals.flush();
  expect(await reports()).toEqual([
    { objectId: 'app', detail: { reason: 'not an access token of this instance', count: 1000 } },
    { objectId: 't1', detail: { reason: 'expired', count: 1 } },
  ]);
  expect(counted).toEqual({ refused: 1001, unlogged: 0 });
});

test('a flood of different refusals is counted, and its beginning kept', async () => {
  const { counted, refusals } = createCounting(store);
  const before = (await reports()).length;
  for (let token = 0; token < 250; token += 1)
    refusals.note({ ...caller, tokenId: `flood-${token}`, reason: 'revoked' });
  await refusals.flush();
  expect(await reports()).toHaveLength(before + 200);
  expect(counted).toEqual({ refused: 250, unlogged: 50 });
  refusals.note({ ...caller, tokenId: 'later', reason: 'revoked' });
  await refusals.flush();
  expect(await reports()).toHaveLength(before + 201);
});

test('a stranger writes twenty reports at once and ten a minute; the others wait, and equal ones become one', async () => {
  const at = { nowMs: 1_700_000_000_000 };
  const { counted, refusals } = createCounting(store, at);
  const note = (name: number, ip = '203.0.113.9') =>
    refusals.noteUnproven({
      ...{ type: 'authorization.refused', scope, applicationId: undefined, ip },
      ...{ clientId: `guess-${name}`, reason: 'no such client', facts: { error: 'client-unknown' } },
    });
  for (let name = 0; name < 60; name += 1) note(name);
  await refusals.flush();
  expect(await reports('authorization.refused')).toHaveLength(20);
  expect(counted).toEqual({ refused: 0, unlogged: 10 });
  note(30);
  note(0, '203.0.113.10');
  await refusals.flush();
  const [other] = (await reports('authorization.refused')).slice(20);
  expect(other).toEqual({
    objectId: 'guess-0',
    detail: { reason: 'no such client', count: 1, error: 'client-unknown' },
  });
  at.nowMs += 60_000;
  await refusals.flush();
  const later = (await reports('authorization.refused')).slice(21);
  expect(later).toHaveLength(10);
  expect(later).toContainEqual({
    objectId: 'guess-29',
    detail: { reason: 'no such client', count: 1, error: 'client-unknown' },
  });
  at.nowMs += 120_000;
  await refusals.flush();
  const last = (await reports('authorization.refused')).slice(31);
  expect(last).toContainEqual({
    objectId: 'guess-30',
    detail: { reason: 'no such client', count: 2, error: 'client-unknown' },
  });
  expect(last).toHaveLength(20);
});

test('without the database the reasons are lost and nothing else', async () => {
  const gone = createStore(await openPglite({ dataDir: 'memory://', durable: 'unsafe-no-fsync' }));
  await gone.close();
  const { refusals } = createCounting(gone);
  refusals.note({ ...caller, tokenId: 't', reason: 'expired' });
  await expect(refusals.flush()).resolves.toBeUndefined();
});
