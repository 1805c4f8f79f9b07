import { epochMs } from '@latchkey/protocol';
import { createStore, openPglite, type Store } from '@latchkey/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { createRefusalLog } from './refusal-log.ts';

const scope = { instanceId: 'i1' };
const caller = { scope, applicationId: 'app', clientId: 'client' };
let store: Store;
beforeAll(async () => {
  store = createStore(await openPglite({ dataDir: 'memory://', durable: 'unsafe-no-fsync' }));
  await store.migrate();
});
afterAll(() => store?.close());

function createCounting(over: Store) {
  const counted = { refused: 0, unlogged: 0 };
  const metrics = {
    countRefusedToken: () => {
      counted.refused += 1;
    },
    countUnloggedRefusal: () => {
      counted.unlogged += 1;
    },
  };
  const clock = { now: () => epochMs(1_700_000_000_000) };
  return {
    counted,
    refusals: createRefusalLog({ store: over, clock, log: createLogger('silent'), metrics }),
  };
}

async function reports(): Promise<readonly { readonly objectId: string; readonly detail: unknown }[]> {
  const query = store.db.selectFrom('events').select(['objectId', 'detail']);
  return await query.where('type', '=', 'introspection.refused').orderBy('seq').execute();
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

test('without the database the reasons are lost and nothing else', async () => {
  const gone = createStore(await openPglite({ dataDir: 'memory://', durable: 'unsafe-no-fsync' }));
  await gone.close();
  const { refusals } = createCounting(gone);
  refusals.note({ ...caller, tokenId: 't', reason: 'expired' });
  await expect(refusals.flush()).resolves.toBeUndefined();
});
