import { readdir } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { changeIn, createDatabase, seedTenant, stopDatabase } from '../test-support/store-world.ts';
import {
  activateSigningKey,
  createStore,
  currentTailCursor,
  insertSigningKey,
  listSigningKeys,
  openPostgres,
  readTail,
  revokeToken,
} from './index.ts';

const now = 1_800_000_000_000;

afterAll(stopDatabase);

describe('several connections', () => {
  test('of nodes that activate one key at once, one does; there is always exactly one that signs', async () => {
    const store = createStore(await openPostgres({ url: await createDatabase() }));
    await store.migrate();
    const { scope } = await seedTenant(store, 1, now);
    const key = (id: string, state: 'active' | 'next') => ({
      id,
      algorithm: 'ES256' as const,
      state,
      publicJwk: {},
      privateKeySealed: Buffer.from('x'),
    });
    await changeIn(store, scope, now, (change) => insertSigningKey(change, key('old', 'active')));
    await changeIn(store, scope, now, (change) => insertSigningKey(change, key('new', 'next')));
    await Promise.all(
      [1, 2, 3, 4].map(() =>
        changeIn(store, scope, now + 1, (change) => activateSigningKey(change, 'new', 'ES256')),
      ),
    );
    const states = (await listSigningKeys(store.db, scope)).map((row) => [row.id, row.state]).sort();
    expect(states).toEqual([
      ['new', 'active'],
      ['old', 'retiring'],
    ]);
    await store.close();
  });

  test('the tail never passes a transaction that is still running: a late commit is handed out, an early one once', async () => {
    const url = await createDatabase();
    const [a, b] = [createStore(await openPostgres({ url })), createStore(await openPostgres({ url }))];
    await a.migrate();
    const tenant = await seedTenant(a, 1, now);
    const cursor = await currentTailCursor(a.db);
    let commit = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let recorded = (): void => undefined;
    const isRecorded = new Promise<void>((resolve) => {
      recorded = resolve;
    });
    const slow = changeIn(a, tenant.scope, now, async (change) => {
      await revokeToken(change, 'slow', {});
      recorded();
      await held;
    });
    await isRecorded;
    await changeIn(b, tenant.scope, now, (change) => revokeToken(change, 'quick', {}));
    const first = await readTail(b.db, cursor);
    expect(first.events.map((event) => event.objectId)).toEqual(['quick']);
    commit();
    await slow;
    const second = await readTail(b.db, first.next);
    // The quick one comes again, since the cursor waited for the slow one; readers drop it by seq.
    expect(second.events.map((event) => event.objectId)).toEqual(['slow', 'quick']);
    expect((await readTail(b.db, second.next)).events).toEqual([]);
    await Promise.all([a.close(), b.close()]);
  });

  test('two processes that migrate one empty database at once both find it migrated', async () => {
    const url = await createDatabase();
    const stores = await Promise.all([1, 2, 3].map(async () => createStore(await openPostgres({ url }))));
    const applied = await Promise.all(stores.map((store) => store.migrate()));
    const names = (await readdir(new URL('./migrations/', import.meta.url))).sort();
    expect(applied.flat()).toEqual(names);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('a migration that was applied with another text is refused', async () => {
    const store = createStore(await openPostgres({ url: await createDatabase() }));
    await store.migrate();
    await store.engine.runScript("update schema_migrations set sha256 = 'other'");
    await expect(store.migrate()).rejects.toThrow(/another text/);
    await store.close();
  });
});
