import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createDataKey, parseMasterKeys } from '../../packages/server/src/platform/master-keys.ts';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import { isActive, obtainTokens } from './relying-party.ts';
import { type Place, placeSettings, seedPlace, withStore } from './seed.ts';
import {
  launch,
  newMasterKeys,
  type ServerProcess,
  settingsFor,
  startServer,
  untilTrue,
} from './server-process.ts';

// Several processes are started and ended one after the other.
vi.setConfig({ testTimeout: 240_000 });

let postgres: TemporaryPostgres;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
});
afterAll(() => postgres?.stop());

/** Further instances, so that rewrapping takes a while. */
async function insertInstances(place: Place, masterKeys: string, count: number): Promise<void> {
  const ring = parseMasterKeys(masterKeys);
  const ids = Array.from({ length: count }, (_, index) => `9${index}`);
  await withStore(place, async ({ db }) => {
    await db
      .insertInto('instances')
      .values(ids.map((id) => ({ id, name: id, createdAtMs: 0 })))
      .execute();
    const keys = ids.map((id) => ({
      ...createDataKey(ring, id, 1),
      instanceId: id,
      version: 1,
      createdAtMs: 0,
    }));
    await db.insertInto('instanceDataKeys').values(keys).execute();
  });
}

async function countWrapped(place: Place, masterKeyId: string): Promise<number> {
  return await withStore(place, async ({ db }) => {
    const rows = await db
      .selectFrom('instanceDataKeys')
      .select('version')
      .where('masterKeyId', '=', masterKeyId)
      .execute();
    return rows.length;
  });
}

test('a master key is retired: rewrapping is killed and resumed by three at once while people sign in', async () => {
  const place = { kind: 'postgres', url: await postgres.createDatabase() } as const;
  const [k1, k2] = [newMasterKeys('k1'), newMasterKeys('k2')];
  const seed = await seedPlace(place, k1);
  const count = 2000;
  await insertInstances(place, k1, count);
  const settings = { ...placeSettings(place), LATCHKEY_MASTER_KEYS: `${k2},${k1}` };
  const only = (keys: string) => settingsFor({ ...settings, LATCHKEY_MASTER_KEYS: keys });
  const server = await startServer(settings);
  servers.push(server);
  const before = await obtainTokens(server.http, seed, 'user-0@example.com');

  // Too early: refused, and it says what is still wrapped.
  const early = launch(only(k2));
  expect((await early.ended).code).toBe(1);
  expect(early.output()).toMatch(
    /master key k1 is not configured, but still wraps 2001 data keys of 2001 instances/,
  );

  const killed = launch(settingsFor(settings), ['keys', 'rewrap']);
  await untilTrue('some keys are rewrapped', 60_000, async () => (await countWrapped(place, 'k2')) > 20);
  killed.kill('SIGKILL');
  await killed.ended;
  const left = await countWrapped(place, 'k1');
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(count);

  const three = [1, 2, 3].map(() => launch(settingsFor(settings), ['keys', 'rewrap']));
  const signIns = Promise.all(seed.users.map(({ loginName }) => obtainTokens(server.http, seed, loginName)));
  for (const each of three) expect((await each.ended).code, each.output()).toBe(0);
  await signIns;
  expect(await countWrapped(place, 'k1')).toBe(0);
  const told = three.map((each) => Number(/(\d+) data keys are wrapped anew/.exec(each.output())?.[1]));
  expect(told.reduce((sum, each) => sum + each, 0)).toBe(left);

  // The retired key is gone from the settings, and what was issued before counts.
  const after = await startServer({ ...settings, LATCHKEY_MASTER_KEYS: k2 });
  servers.push(after);
  expect(await isActive(after.http, seed, before.accessToken)).toBe(true);
  await obtainTokens(after.http, seed, 'user-1@example.com');
});
