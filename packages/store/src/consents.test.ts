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
  consumeCode,
  findConsent,
  findRegistrationOrganization,
  insertOrganization,
  insertRegisteredUser,
  isSignInNameTaken,
  listEventsOf,
  listRevocations,
  removeConsent,
  type Store,
  updateState,
  upsertConsent,
} from './index.ts';

const now = 1_800_000_000_000;

afterAll(stopDatabase);

describe.each(engines)('consents and registrations on %s', (engine) => {
  let store: Store;
  let one: Tenant;
  let two: Tenant;
  let tenants = 0;
  beforeAll(async () => {
    store = await openTestStore(engine);
  });
  afterAll(() => store?.close());
  beforeEach(async () => {
    tenants += 2;
    one = await seedTenant(store, tenants, now);
    two = await seedTenant(store, tenants + 1, now);
  });

  const keyOf = ({ userId, applicationId }: Tenant) => ({ userId, applicationId });
  const give = (tenant: Tenant, scopes: readonly string[]) =>
    changeIn(store, tenant.scope, now, (change) => upsertConsent(change, { ...keyOf(tenant), scopes }));

  test('a consent grows by what is added to it, each thing once', async () => {
    expect(await findConsent(store.db, one.scope, keyOf(one))).toBeUndefined();
    await give(one, ['openid', 'email']);
    await give(one, ['phone', 'openid']);
    expect(await findConsent(store.db, one.scope, keyOf(one))).toEqual(['email', 'openid', 'phone']);
  });

  test('a consent is of one instance, person and application', async () => {
    await give(one, ['openid']);
    expect(await findConsent(store.db, two.scope, keyOf(one))).toBeUndefined();
    expect(await findConsent(store.db, one.scope, { ...keyOf(one), userId: two.userId })).toBeUndefined();
    const elsewhere = await changeIn(store, two.scope, now, (change) => removeConsent(change, keyOf(one)));
    expect(elsewhere).toBe('not-found');
    expect(await findConsent(store.db, one.scope, keyOf(one))).toEqual(['openid']);
  });

  test('a consent taken back ends the families of that person at that application and says so in one event', async () => {
    const begin = (tenant: Tenant, grantId: string, applicationId: string) =>
      consumeCode(
        store.db,
        tenant.scope,
        { kind: 'client', id: 'test' },
        {
          ...tenant,
          ...{ codeId: `code-${grantId}`, keepUntilMs: now, grantId, applicationId, scopes: ['openid'] },
          ...{ authTimeMs: now, amr: ['pwd'] },
          refresh: { idleExpiresAtMs: now + 1000, absoluteExpiresAtMs: now + 1000 },
        },
        now,
      );
    await begin(one, '901', one.applicationId);
    await begin(two, '902', two.applicationId);
    await give(one, ['openid']);
    await give(two, ['openid']);
    expect(await changeIn(store, one.scope, now + 1, (change) => removeConsent(change, keyOf(one)))).toBe(
      'removed',
    );
    const open = await store.db.selectFrom('grants').select('id').where('endedAtMs', 'is', null).execute();
    expect(open.map(({ id }) => id)).toEqual(['902']);
    const revocations = await listRevocations(store.db, now);
    expect(revocations.map(({ instanceId, id }) => `${instanceId} ${id}`).sort()).toEqual(
      ['901', `${one.userId}:${one.applicationId}`].map((id) => `${one.scope.instanceId} ${id}`).sort(),
    );
    const events = await listEventsOf(store.db, one.scope, 'consent', `${one.userId}:${one.applicationId}`);
    expect(events.map(({ type }) => type)).toEqual(['consent.given', 'consent.revoked']);
  });

  function register(tenant: Tenant, id: string, name: string) {
    return changeIn(store, tenant.scope, now, (change) =>
      insertRegisteredUser(change, {
        id,
        organizationId: tenant.organizationId,
        loginName: name,
        loginNameCanonical: name,
        displayName: name,
        givenName: name,
        familyName: name,
        email: name,
        emailCanonical: name,
        preferredLanguage: 'en',
        passwordHash: 'hash',
      }),
    );
  }

  test('a name is taken in its instance alone, and of several who want it one gets it', async () => {
    const isTaken = (tenant: Tenant) => isSignInNameTaken(store.db, tenant.scope, 'mary@example.com');
    expect(await isTaken(one)).toBe(false);
    const outcomes = await Promise.all(['31', '32', '33'].map((id) => register(one, id, 'mary@example.com')));
    expect(outcomes.sort()).toEqual(['inserted', 'taken', 'taken']);
    expect([await isTaken(one), await isTaken(two)]).toEqual([true, false]);
    expect(await register(two, '34', 'mary@example.com')).toBe('inserted');
  });

  test('the organization to register into is the wanted one or the first, and active', async () => {
    const find = (wanted: { organizationId?: string; organizationDomain?: string }) =>
      findRegistrationOrganization(store.db, one.scope, wanted);
    const late = { id: '77', name: 'Late', primaryDomain: 'Late.example' };
    await changeIn(store, one.scope, now + 1, (change) => insertOrganization(change, late));
    expect((await find({}))?.id).toBe(one.organizationId);
    expect((await find({ organizationId: '77' }))?.name).toBe('Late');
    expect((await find({ organizationDomain: 'late.example' }))?.id).toBe('77');
    expect(
      await find({ organizationId: one.organizationId, organizationDomain: 'late.example' }),
    ).toBeUndefined();
    expect(await find({ organizationId: two.organizationId })).toBeUndefined();
    await changeIn(store, one.scope, now + 2, (change) =>
      updateState(change, 'organization', '77', 'inactive'),
    );
    expect(await find({ organizationId: '77' })).toBeUndefined();
  });
});
