import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeIn,
  engines,
  openTestStore,
  seedTenant,
  stopDatabase,
  type Tenant,
} from '../test-support/store-world.ts';
import {
  advanceGrant,
  consumeCode,
  consumeOnce,
  currentTailCursor,
  endGrant,
  endSessions,
  findClient,
  findGrantStanding,
  findLoginAccount,
  findSubject,
  insertAuthorization,
  insertOrganization,
  insertSession,
  insertUser,
  isUniqueViolation,
  listEventsOf,
  listInstances,
  listLiveSessions,
  listRevocations,
  readTail,
  reserveAttempt,
  revokeToken,
  type Store,
  sweepExpired,
  updateState,
  upsertUserMetadata,
} from './index.ts';

const now = 1_800_000_000_000;
const dayMs = 86_400_000;
const rememberMs = 60_000;
const actor = { kind: 'client', id: 'test' } as const;

afterAll(stopDatabase);

function redemption(tenant: Tenant, code: string, grantId: string) {
  return {
    codeId: code,
    keepUntilMs: now + 600_000,
    grantId,
    sessionId: tenant.sessionId,
    userId: tenant.userId,
    organizationId: tenant.organizationId,
    applicationId: tenant.applicationId,
    clientId: tenant.clientId,
    scopes: ['openid', 'offline_access'],
    authTimeMs: now,
    amr: ['pwd'],
    refresh: { idleExpiresAtMs: now + dayMs, absoluteExpiresAtMs: now + 3 * dayMs },
  };
}

describe.each(engines)('store on %s', (engine) => {
  let store: Store;
  let tenant: Tenant;
  let other: Tenant;

  beforeAll(async () => {
    store = await openTestStore(engine);
    tenant = await seedTenant(store, 1, now);
    other = await seedTenant(store, 2, now);
  });
  afterAll(() => store.close());

  async function eventCount(): Promise<number> {
    const row = await store.db
      .selectFrom('events')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  async function seedSession(id: string) {
    const session = {
      id,
      organizationId: tenant.organizationId,
      userId: tenant.userId,
      secretSha256: 'hash',
      authTimeMs: now,
      amr: ['pwd'],
      createdAtMs: now,
      lastSeenAtMs: now,
      expiresAtMs: now + dayMs,
      userAgent: null,
      ip: null,
    };
    await changeIn(store, tenant.scope, now, (change) => insertSession(change, session));
    return session;
  }

  async function standing(grantId: string) {
    const found = await findGrantStanding(store.db, tenant.scope, {
      userId: tenant.userId,
      sessionId: tenant.sessionId,
      grantId,
    });
    if (found === undefined) throw new Error('the user is gone');
    return found;
  }

  test('migrations apply once', async () => {
    expect(await store.migrate()).toEqual([]);
  });

  test('a look-up in one instance never finds what is another instance’s', async () => {
    expect(await findClient(store.db, other.scope, tenant.clientId)).toBeUndefined();
    expect(await findSubject(store.db, other.scope, tenant.userId)).toBeUndefined();
    expect(await listLiveSessions(store.db, other.scope, [tenant.sessionId], now)).toEqual([]);
    expect(
      await findGrantStanding(store.db, other.scope, {
        userId: tenant.userId,
        sessionId: tenant.sessionId,
        grantId: '1',
      }),
    ).toBeUndefined();
    expect(
      await changeIn(store, other.scope, now, (change) =>
        updateState(change, 'user', tenant.userId, 'locked'),
      ),
    ).toBe('not-found');
    expect(
      await changeIn(store, other.scope, now, (change) => endSessions(change, [tenant.sessionId], 'test')),
    ).toEqual([]);
    expect((await findSubject(store.db, tenant.scope, tenant.userId))?.user.state).toBe('active');
  });

  test('a row cannot name a parent of another instance', async () => {
    const foreign = {
      id: '900',
      organizationId: tenant.organizationId,
      kind: 'human' as const,
      loginName: 'x',
      loginNameCanonical: 'x',
      displayName: 'x',
    };
    await expect(changeIn(store, other.scope, now, (change) => insertUser(change, foreign))).rejects.toThrow(
      /foreign key/,
    );
  });

  test('of fifty redemptions of a code exactly one is told so, and one grant and one event come of it', async () => {
    const before = await eventCount();
    const tries = Array.from({ length: 50 }, () =>
      consumeCode(store.db, tenant.scope, actor, redemption(tenant, 'code-1', '101'), now),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1);
    expect(await eventCount()).toBe(before + 1);
    expect((await standing('101')).grant).toMatchObject({
      generation: 1,
      scopes: ['openid', 'offline_access'],
      endedAtMs: null,
    });
  });

  test('of fifty refreshes of one generation exactly one advances it', async () => {
    await consumeCode(store.db, tenant.scope, actor, redemption(tenant, 'code-2', '102'), now);
    const step = {
      grantId: '102',
      generation: 1,
      step: 'rotate' as const,
      idleExpiresAtMs: now + 9 * dayMs,
      rememberMs,
    };
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => advanceGrant(store.db, tenant.scope, actor, step, now + 1)),
    );
    expect(outcomes.filter((outcome) => outcome === 'advanced')).toHaveLength(1);
    const { grant } = await standing('102');
    // Idling is never allowed beyond the absolute end.
    expect(grant).toMatchObject({
      generation: 2,
      rotatedAtMs: now + 1,
      recentRotationsMs: [now + 1, now],
      idleExpiresAtMs: now + 3 * dayMs,
    });
  });

  test('a generation gives out as many siblings as are asked for, and stays', async () => {
    const ask = { grantId: '102', generation: 2, step: 'sibling' as const };
    const step = { ...ask, idleExpiresAtMs: now + dayMs, rememberMs };
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => advanceGrant(store.db, tenant.scope, actor, step, now + 2)),
    );
    expect(new Set(outcomes)).toEqual(new Set(['advanced']));
    expect((await standing('102')).grant).toMatchObject({ generation: 2, rotatedAtMs: now + 1 });
  });

  test('a rotation remembers when the latest generations began, for as long as it is told and sixteen at most', async () => {
    await consumeCode(store.db, tenant.scope, actor, redemption(tenant, 'code-3', '103'), now);
    const rotate = (generation: number, atMs: number) =>
      advanceGrant(
        store.db,
        tenant.scope,
        actor,
        {
          ...{ grantId: '103', generation, step: 'rotate' as const },
          idleExpiresAtMs: now + dayMs,
          rememberMs,
        },
        atMs,
      );
    await rotate(1, now + 10);
    await rotate(2, now + 20);
    expect((await standing('103')).grant?.recentRotationsMs).toEqual([now + 20, now + 10, now]);
    await rotate(3, now + 20 + rememberMs - 1);
    expect((await standing('103')).grant?.recentRotationsMs).toEqual([now + 20 + rememberMs - 1, now + 20]);
    // A server of an earlier version rotates without noting it.
    await store.db
      .updateTable('grants')
      .set({ generation: 5, rotatedAtMs: now + 100_000 })
      .where('id', '=', '103')
      .execute();
    await rotate(5, now + 100_001);
    expect((await standing('103')).grant?.recentRotationsMs).toEqual([now + 100_001, now + 100_000]);
    for (let generation = 6; generation < 30; generation += 1)
      await rotate(generation, now + 100_002 + generation);
    expect((await standing('103')).grant?.recentRotationsMs).toHaveLength(16);
  });

  test('an ended grant advances no more, and its revocation is for good', async () => {
    await changeIn(store, tenant.scope, now + 3, (change) =>
      endGrant(change, '102', { reason: 'test', userId: tenant.userId }),
    );
    const step = {
      grantId: '102',
      generation: 2,
      step: 'rotate' as const,
      idleExpiresAtMs: now + dayMs,
      rememberMs,
    };
    expect(await advanceGrant(store.db, tenant.scope, actor, step, now + 4)).toBe('refused');
    const revocation = (await listRevocations(store.db, now)).find((row) => row.id === '102');
    expect(revocation).toMatchObject({
      instanceId: tenant.scope.instanceId,
      notAfterMs: Number.MAX_SAFE_INTEGER,
    });
  });

  test('consumeOnce tells exactly one caller, per instance and kind', async () => {
    const input = { kind: 'assertion', id: 'jti-1', keepUntilMs: now + 1000 };
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, () => consumeOnce(store.db, tenant.scope, input)),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await consumeOnce(store.db, other.scope, input)).toBe(true);
    expect(await consumeOnce(store.db, tenant.scope, { ...input, kind: 'code' })).toBe(true);
  });

  test('of fifty password attempts at once, read at the same state, one is counted', async () => {
    const account = await findLoginAccount(store.db, tenant.scope, 'ada');
    if (account === undefined) throw new Error('no account');
    const tries = Array.from({ length: 50 }, () =>
      reserveAttempt(store.db, tenant.scope, account, {
        before: { count: account.failedAttempts, lastAtMs: account.lastFailedAtMs },
        after: { count: 1, lastAtMs: now + 5 },
        ip: '127.0.0.1',
      }),
    );
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(await findLoginAccount(store.db, tenant.scope, 'ada')).toMatchObject({
      failedAttempts: 1,
      lastFailedAtMs: now + 5,
    });
  });

  test('a failed change leaves neither rows nor events', async () => {
    const before = await eventCount();
    const broken = changeIn(store, tenant.scope, now, async (change) => {
      await insertOrganization(change, { id: '950', name: 'Gone', primaryDomain: 'gone.example' });
      throw new Error('no');
    });
    await expect(broken).rejects.toThrow('no');
    expect(await eventCount()).toBe(before);
    expect(
      await store.db.selectFrom('organizations').select('id').where('id', '=', '950').executeTakeFirst(),
    ).toBeUndefined();
  });

  test('a taken login name is a unique violation, whatever its spelling was', async () => {
    const again = {
      id: '960',
      organizationId: tenant.organizationId,
      kind: 'human' as const,
      loginName: 'ADA',
      loginNameCanonical: 'ada',
      displayName: 'A',
    };
    const error = await changeIn(store, tenant.scope, now, (change) => insertUser(change, again)).catch(
      (reason: unknown) => reason,
    );
    expect(isUniqueViolation(error)).toBe(true);
  });

  test('only authorizations that count now reach the claims (CVE-2024-46999 and its like)', async () => {
    const roles = async () => (await findSubject(store.db, tenant.scope, tenant.userId))?.authorizations;
    const change = (work: Parameters<typeof changeIn>[3]) => changeIn(store, tenant.scope, now, work);
    const ids = { userId: tenant.userId, projectId: tenant.projectId, organizationId: tenant.organizationId };
    await change((tx) => insertAuthorization(tx, { id: '970', ...ids, roleKeys: ['reader'] }));
    const counting = [
      {
        projectId: tenant.projectId,
        organizationId: tenant.organizationId,
        organizationDomain: 'org.example',
        roleKeys: ['reader'],
      },
    ];
    expect(await roles()).toEqual(counting);
    for (const [kind, id] of [
      ['authorization', '970'],
      ['project', tenant.projectId],
      ['organization', tenant.organizationId],
    ] as const) {
      await change((tx) => updateState(tx, kind, id, 'inactive'));
      expect(await roles(), kind).toEqual([]);
      await change((tx) => updateState(tx, kind, id, 'active'));
      expect(await roles(), kind).toEqual(counting);
    }
  });

  test('metadata comes out as base64url without padding', async () => {
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, index) => 255 - index));
    await changeIn(store, tenant.scope, now, (change) =>
      upsertUserMetadata(change, tenant.userId, 'key', bytes),
    );
    expect((await findSubject(store.db, tenant.scope, tenant.userId))?.metadata).toEqual({
      key: bytes.toString('base64url'),
    });
  });

  test('ending a session ends its grants, once, with an event and a revocation for good', async () => {
    await consumeCode(store.db, other.scope, actor, redemption(other, 'code-9', '209'), now);
    expect(
      await changeIn(store, other.scope, now + 1, (change) =>
        endSessions(change, [other.sessionId], 'signed-out'),
      ),
    ).toEqual([other.sessionId]);
    expect(
      await changeIn(store, other.scope, now + 2, (change) =>
        endSessions(change, [other.sessionId], 'signed-out'),
      ),
    ).toEqual([]);
    const ids = { userId: other.userId, sessionId: other.sessionId, grantId: '209' };
    expect(await findGrantStanding(store.db, other.scope, ids)).toMatchObject({
      session: { isEnded: true },
      grant: { endedAtMs: now + 1 },
    });
    expect(await consumeCode(store.db, other.scope, actor, redemption(other, 'code-10', '210'), now)).toBe(
      'refused',
    );
    const types = (await listEventsOf(store.db, other.scope, 'session', other.sessionId)).map(
      (event) => event.type,
    );
    expect(types).toEqual(['session.started', 'session.ended']);
  });

  test('idle and expired sessions are not live', async () => {
    await seedSession('780');
    const live = (at: number) => listLiveSessions(store.db, tenant.scope, ['780'], at);
    expect(await live(now + 43_199_000)).toHaveLength(1);
    expect(await live(now + 43_201_000)).toEqual([]);
    expect(await live(now + dayMs + 1)).toEqual([]);
  });

  test('every change back to active revokes as well, so that nothing issued in between revives', async () => {
    const revocationAt = async () =>
      (await listRevocations(store.db, now)).find((row) => row.id === tenant.userId)?.notAfterMs;
    await changeIn(store, tenant.scope, now + 100, (change) =>
      updateState(change, 'user', tenant.userId, 'inactive'),
    );
    expect(await revocationAt()).toBe(now + 100);
    await changeIn(store, tenant.scope, now + 200, (change) =>
      updateState(change, 'user', tenant.userId, 'active'),
    );
    expect(await revocationAt()).toBe(now + 200);
    expect(await listLiveSessions(store.db, tenant.scope, [tenant.sessionId], now + 201)).toEqual([]);
  });

  test('grants that came of an application, a project or an organization end with it, also when it comes back', async () => {
    const cases = [
      ['application', tenant.applicationId],
      ['project', tenant.projectId],
      ['organization', tenant.organizationId],
    ] as const;
    for (const [index, [kind, id]] of cases.entries()) {
      const session = { ...(await seedSession(String(700 + index))) };
      const grantId = String(750 + index);
      await consumeCode(
        store.db,
        tenant.scope,
        actor,
        { ...redemption(tenant, `code-${grantId}`, grantId), sessionId: session.id },
        now,
      );
      await changeIn(store, tenant.scope, now + 300, (change) => updateState(change, kind, id, 'inactive'));
      await changeIn(store, tenant.scope, now + 301, (change) => updateState(change, kind, id, 'active'));
      expect((await standing(grantId)).grant?.endedAtMs, kind).toBe(now + 300);
    }
    const revoked = (await listRevocations(store.db, now)).map((row) => row.id);
    // A token names the project and the user's organization, not the project's: its projects are revoked by name.
    expect(revoked).toEqual(
      expect.arrayContaining([tenant.applicationId, tenant.projectId, tenant.organizationId]),
    );
  });

  test('the tail hands out every waking event after the cursor, and quiet ones never', async () => {
    const cursor = await currentTailCursor(store.db);
    await seedSession('790');
    await consumeCode(
      store.db,
      tenant.scope,
      actor,
      { ...redemption(tenant, 'code-3', '103'), sessionId: '790' },
      now,
    );
    for (let index = 0; index < 3; index += 1) {
      await changeIn(store, tenant.scope, now, (change) => revokeToken(change, `token-${index}`, {}));
    }
    const { events, next } = await readTail(store.db, cursor);
    expect(events.map((event) => event.objectId)).toEqual(['token-0', 'token-1', 'token-2']);
    expect(events[0]?.revokes).toEqual([expect.objectContaining({ id: 'token-0', kind: 'token' })]);
    expect((await readTail(store.db, next)).events).toEqual([]);
  });

  test('more events than a page come out whole and in order', async () => {
    const cursor = await currentTailCursor(store.db);
    await changeIn(store, tenant.scope, now, async (change) => {
      for (let index = 0; index < 2100; index += 1)
        await change.record({
          type: 'test.many',
          objectKind: 'token',
          objectId: String(index),
          reach: 'waking',
        });
    });
    const { events } = await readTail(store.db, cursor);
    expect(events.map((event) => event.objectId)).toEqual(
      Array.from({ length: 2100 }, (_, index) => String(index)),
    );
  });

  test('events cannot be changed or deleted', async () => {
    await expect(store.db.updateTable('events').set({ type: 'x' }).execute()).rejects.toThrow(/append-only/);
    await expect(store.db.deleteFrom('events').execute()).rejects.toThrow(/append-only/);
  });

  test('sweeping forgets what cannot matter any more, and nothing else', async () => {
    await consumeOnce(store.db, tenant.scope, { kind: 'code', id: 'old', keepUntilMs: now - 1 });
    await consumeOnce(store.db, tenant.scope, { kind: 'code', id: 'young', keepUntilMs: now + 1 });
    await sweepExpired(store.db, now);
    expect(await consumeOnce(store.db, tenant.scope, { kind: 'code', id: 'old', keepUntilMs: now + 1 })).toBe(
      true,
    );
    expect(
      await consumeOnce(store.db, tenant.scope, { kind: 'code', id: 'young', keepUntilMs: now + 1 }),
    ).toBe(false);
    expect(await listInstances(store.db)).toHaveLength(2);
  });
});
