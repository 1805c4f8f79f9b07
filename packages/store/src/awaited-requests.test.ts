import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  engines,
  openTestStore,
  seedTenant,
  stopDatabase,
  type Tenant,
} from '../test-support/store-world.ts';
import {
  decideAwaited,
  findDeviceAuthorization,
  findWaitingDevice,
  insertDeviceAuthorization,
  type NewGrant,
  redeemAwaited,
  type Store,
  sweepExpired,
} from './index.ts';

const now = 1_800_000_000_000;
const dayMs = 86_400_000;
const actor = { kind: 'client', id: 'test' } as const;

afterAll(stopDatabase);

describe.each(engines)('awaited requests on %s', (engine) => {
  let store: Store;
  let tenant: Tenant;
  let other: Tenant;

  beforeAll(async () => {
    store = await openTestStore(engine);
    tenant = await seedTenant(store, 1, now);
    other = await seedTenant(store, 2, now);
  });
  afterAll(() => store.close());

  function insert(of: Tenant, id: string, userCode: string, expiresAtMs = now + 600_000) {
    return store.change({ scope: of.scope, actor, nowMs: now }, (change) =>
      insertDeviceAuthorization(change, {
        id,
        deviceCodeSha256: `device ${id}`,
        userCodeSha256: userCode,
        applicationId: of.applicationId,
        clientId: of.clientId,
        scopes: ['openid'],
        resources: [],
        grantId: `grant ${id}`,
        intervalSeconds: 5,
        expiresAtMs,
      }),
    );
  }

  function decide(of: Tenant, id: string, nowMs = now) {
    const { userId, organizationId, sessionId } = of;
    const session = { id: sessionId, authTimeMs: now, amr: ['pwd'] };
    return store.change({ scope: of.scope, actor, nowMs }, (change) =>
      decideAwaited(change, 'device', { id, word: 'approved', userId, organizationId, session }),
    );
  }

  function grantOf(of: Tenant, id: string): NewGrant {
    const { userId, organizationId, sessionId, applicationId, clientId } = of;
    const refresh = { idleExpiresAtMs: now + dayMs, absoluteExpiresAtMs: now + 3 * dayMs };
    const ids = { userId, organizationId, sessionId, applicationId, clientId };
    return { grantId: `grant ${id}`, ...ids, scopes: ['openid'], authTimeMs: now, amr: ['pwd'], refresh };
  }

  async function eventsOf(id: string): Promise<readonly string[]> {
    const rows = await store.db
      .selectFrom('events')
      .select('type')
      .where('objectId', 'in', [id, `grant ${id}`])
      .orderBy('seq')
      .execute();
    return rows.map(({ type }) => type);
  }

  test('a user code that waits is given out once, and again when it no longer waits', async () => {
    expect(await insert(tenant, 'd1', 'same')).toBe('inserted');
    expect(await insert(tenant, 'd2', 'same')).toBe('taken');
    expect(await eventsOf('d2')).toEqual([]);
    expect(await decide(tenant, 'd1')).toBe('decided');
    expect(await insert(tenant, 'd3', 'same')).toBe('inserted');
  });

  test('a request is decided and redeemed once, and the log tells of each step', async () => {
    await insert(tenant, 'd4', 'code 4');
    const request = { kind: 'device', id: 'd4' } as const;
    const redeem = () => redeemAwaited(store.db, tenant.scope, actor, request, grantOf(tenant, 'd4'), now);
    expect(await redeem()).toBe('refused');
    expect(await decide(tenant, 'd4')).toBe('decided');
    expect(await decide(tenant, 'd4')).toBe('gone');
    const outcomes = await Promise.all(Array.from({ length: 20 }, redeem));
    expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1);
    expect([...(await eventsOf('d4'))].sort()).toEqual([
      'device-authorization.approved',
      'device-authorization.redeemed',
      'device-authorization.started',
      'grant.started',
    ]);
  });

  test('an expired request is neither decided nor redeemed', async () => {
    await insert(tenant, 'd5', 'code 5', now + 1000);
    expect(await decide(tenant, 'd5', now + 1000)).toBe('gone');
    expect(await decide(tenant, 'd5', now + 999)).toBe('decided');
    const request = { kind: 'device', id: 'd5' } as const;
    const at = (nowMs: number) =>
      redeemAwaited(store.db, tenant.scope, actor, request, grantOf(tenant, 'd5'), nowMs);
    expect(await at(now + 1000)).toBe('refused');
    expect(await at(now + 999)).toBe('redeemed');
  });

  test('a request of one instance does not exist in another', async () => {
    await insert(tenant, 'd6', 'code 6');
    expect(await decide(other, 'd6')).toBe('gone');
    expect(await findDeviceAuthorization(store.db, other.scope, 'device d6')).toBeUndefined();
    expect(await findWaitingDevice(store.db, other.scope, { userCodeSha256: 'code 6' }, now)).toBeUndefined();
    expect(await findWaitingDevice(store.db, tenant.scope, { userCodeSha256: 'code 6' }, now)).toBeDefined();
  });

  test('sweeping forgets requests a day after their time', async () => {
    await insert(tenant, 'd7', 'code 7', now + 1000);
    await sweepExpired(store.db, now + 1000 + dayMs);
    expect(await findDeviceAuthorization(store.db, tenant.scope, 'device d7')).toBeDefined();
    await sweepExpired(store.db, now + 1001 + dayMs);
    expect(await findDeviceAuthorization(store.db, tenant.scope, 'device d7')).toBeUndefined();
  });
});
