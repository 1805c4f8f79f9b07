import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  changeIn,
  engines,
  openTestStore,
  seedTenant,
  stopDatabase,
  type Tenant,
} from '../test-support/store-world.ts';
import {
  endSessions,
  insertOutboxMessage,
  listFrontchannelLogouts,
  noteSessionClient,
  type Store,
  updateApplication,
  updateState,
} from './index.ts';

const now = 1_800_000_000_000;
const backchannel = { backchannelLogoutUri: 'https://app.example/told' };
const frontchannel = { frontchannelLogoutUri: 'https://app.example/out' };

afterAll(stopDatabase);

describe.each(engines)('applications a session signed in to, on %s', (engine) => {
  let store: Store;
  let tenant: Tenant;
  let tenants = 0;
  beforeAll(async () => {
    store = await openTestStore(engine);
  });
  // A tenant of its own for each test.
  beforeEach(async () => {
    tenants += 1;
    tenant = await seedTenant(store, tenants, now);
  });
  afterAll(() => store?.close());

  function configure(settings: Parameters<typeof updateApplication>[2]): Promise<unknown> {
    return changeIn(store, tenant.scope, now, (change) =>
      updateApplication(change, tenant.applicationId, settings),
    );
  }

  function note(subject = 'ada'): Promise<void> {
    const { sessionId, applicationId, scope } = tenant;
    return noteSessionClient(store.db, scope, { sessionId, applicationId, subject, nowMs: now });
  }

  function end(): Promise<readonly string[]> {
    return changeIn(store, tenant.scope, now + 1, (change) =>
      endSessions(change, [tenant.sessionId], 'signed-out'),
    );
  }

  function notes() {
    return store.db
      .selectFrom('sessionClients')
      .select(['sessionId', 'applicationId', 'subject'])
      .where('instanceId', '=', tenant.scope.instanceId)
      .execute();
  }

  function messages() {
    return store.db
      .selectFrom('outbox')
      .select(['kind', 'payload', 'nextAttemptAtMs'])
      .where('instanceId', '=', tenant.scope.instanceId)
      .execute();
  }

  test('an application without a logout address costs nothing: nothing is written', async () => {
    await note();
    expect(await notes()).toEqual([]);
    await end();
    expect(await messages()).toEqual([]);
  });

  test('an application is noted once, with the name of the person it was told last', async () => {
    await configure(backchannel);
    await note();
    await note();
    await note('pairwise');
    const { sessionId, applicationId } = tenant;
    expect(await notes()).toEqual([{ sessionId, applicationId, subject: 'pairwise' }]);
  });

  test('nothing is noted of a session that has ended', async () => {
    await configure(backchannel);
    await end();
    await note();
    expect(await notes()).toEqual([]);
  });

  test('the end of a session puts one message into the outbox, in its transaction, and a second end none', async () => {
    await configure(backchannel);
    await note();
    const failing = changeIn(store, tenant.scope, now, async (change) => {
      await endSessions(change, [tenant.sessionId], 'signed-out');
      throw new Error('after all not');
    });
    await expect(failing).rejects.toThrow('after all not');
    expect(await messages()).toEqual([]);
    await end();
    await end();
    const { sessionId, applicationId, clientId } = tenant;
    expect(await messages()).toEqual([
      {
        kind: 'backchannel-logout',
        payload: { sessionId, applicationId, clientId, subject: 'ada' },
        nextAttemptAtMs: now + 1,
      },
    ]);
  });

  test('a commit says whether it put messages into the outbox', async () => {
    await configure(backchannel);
    const said: boolean[] = [];
    const forget = store.onCommitted(({ hasMessages }) => said.push(hasMessages));
    await end();
    expect(said).toEqual([false]);
    await store.db.updateTable('sessions').set({ endedAtMs: null }).execute();
    await note();
    await end();
    await changeIn(store, tenant.scope, now, (change) =>
      insertOutboxMessage(change, { kind: 'ciba-ping', payload: {} }),
    );
    forget();
    expect(said).toEqual([false, true, true]);
  });

  test('a deactivated user’s session is told of, a removed application hears nothing', async () => {
    await configure(backchannel);
    await note();
    await changeIn(store, tenant.scope, now, (change) =>
      updateState(change, 'user', tenant.userId, 'inactive'),
    );
    expect(await messages()).toHaveLength(1);
    await store.db.deleteFrom('outbox').execute();
    await store.db.updateTable('sessions').set({ endedAtMs: null }).execute();
    await changeIn(store, tenant.scope, now, (change) =>
      updateState(change, 'application', tenant.applicationId, 'removed'),
    );
    await end();
    expect(await messages()).toEqual([]);
  });

  test('front-channel addresses are listed for the sessions asked for, at most so many, and put nothing into the outbox', async () => {
    await configure(frontchannel);
    await note();
    await end();
    expect(await messages()).toEqual([]);
    const list = (ids: readonly string[], limit: number) =>
      listFrontchannelLogouts(store.db, tenant.scope, ids, limit);
    const { sessionId } = tenant;
    expect(await list([sessionId], 10)).toEqual([{ uri: frontchannel.frontchannelLogoutUri, sessionId }]);
    expect(await list([sessionId], 0)).toEqual([]);
    expect(await list(['404'], 10)).toEqual([]);
    expect(await list([], 10)).toEqual([]);
    expect(await listFrontchannelLogouts(store.db, { instanceId: 'other' }, [sessionId], 10)).toEqual([]);
  });
});
