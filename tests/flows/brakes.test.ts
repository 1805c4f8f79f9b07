import {
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  seedApplication,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { basic, basicOf, call, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code' as const;

describe('brakes on guesses of many callers', () => {
  let world: ShopWorld;
  let tv: SeededApplication;
  let callers = 0;
  beforeAll(async () => {
    world = await startShopWorld('pglite', {
      trustedProxies: ['127.0.0.0/8', '::1'],
      userCodeLimit: { perMinute: 5, burst: 5 },
      brakeLimits: {
        clientAndCaller: { perMinute: 10, burst: 10 },
        client: { perMinute: 30, burst: 30 },
        userCodes: { perMinute: 20, burst: 20 },
        unreadableTokens: { perMinute: 20, burst: 20 },
      },
    });
    tv = await seedApplication(world.server, world.shop, { type: 'native', grantTypes: [deviceGrant] });
  });
  afterAll(() => world?.stop());

  /** The headers of a caller nobody has seen before. */
  function newcomer(): Readonly<Record<string, string>> {
    callers += 1;
    return { 'x-forwarded-for': `2001:db8:0:${callers.toString(16)}::1` };
  }

  async function alarms(server: TestServer): Promise<readonly string[]> {
    const rows = await server.store.db
      .selectFrom('events')
      .select(['objectKind', 'objectId', 'detail'])
      .where('type', '=', 'alarm.raised')
      .orderBy('seq')
      .execute();
    // cast: the detail of alarms
    return rows.map((row) => `${(row.detail as { kind: string }).kind} ${row.objectKind} ${row.objectId}`);
  }

  async function expectOneAlarm(alarm: string): Promise<void> {
    await vi.waitFor(async () =>
      expect((await alarms(world.server)).filter((each) => each === alarm)).toHaveLength(1),
    );
  }

  async function clientFailure(headers: Readonly<Record<string, string>>, clientId = world.web.clientId) {
    const form = { grant_type: 'client_credentials' };
    const sent = { form, headers: { ...headers, ...basic(clientId, 'wrong') } };
    return (await call(world.server, '/oauth/v2/token', sent)).status;
  }

  const clientSuccess = async (headers: Readonly<Record<string, string>>) => {
    const sent = { form: { token: 'x' }, headers: { ...headers, ...basicOf(world.web) } };
    return (await call(world.server, '/oauth/v2/introspect', sent)).status;
  };

  test('security.md, limits: one caller has ten failures a minute at one client, and its success is never limited', async () => {
    const { server, api } = world;
    const me = newcomer();
    const found: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) found.push(await clientFailure(me));
    expect(found).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    expect(await clientSuccess(me)).toBe(200);
    expect(await clientFailure(me, api.clientId)).toBe(401);
    expect(await clientFailure(newcomer())).toBe(401);
    expect(await alarms(server)).toEqual([]);
  });

  test('security.md, limits: failures at one client from many callers leave each one a minute and raise one alarm', async () => {
    for (let attempt = 0; attempt < 40; attempt += 1) await clientFailure(newcomer());
    const me = newcomer();
    expect([await clientFailure(me), await clientFailure(me)]).toEqual([401, 429]);
    expect(await clientSuccess(me)).toBe(200);
    expect(await clientFailure(me, world.api.clientId)).toBe(401);
    await expectOneAlarm(`client-authentication-failures application ${world.web.id}`);
  });

  test('security.md, limits: failures at clients that do not exist are counted together', async () => {
    for (let attempt = 0; attempt < 40; attempt += 1) await clientFailure(newcomer(), `nobody-${attempt}`);
    const me = newcomer();
    expect([await clientFailure(me, 'nobody-a'), await clientFailure(me, 'nobody-b')]).toEqual([401, 429]);
    await expectOneAlarm(`client-authentication-failures instance ${world.server.instanceId}`);
  });

  test('RFC 8628 §5.1: user codes tried from many addresses and browsers are braked, and a right one still passes', async () => {
    const { server } = world;
    const guess = async (headers: Readonly<Record<string, string>>, userCode: string) => {
      const agent = createBrowserAgent(server, headers);
      return pageOf(await agent.submit(pageOf(await agent.open('/device')), { userCode }));
    };
    for (let attempt = 0; attempt < 25; attempt += 1) await guess(newcomer(), 'BBBB-BBBB');
    const me = newcomer();
    expect((await guess(me, 'BBBB-BBBB')).status).toBe(400);
    expect((await guess(me, 'BBBB-BBBB')).status).toBe(429);
    const form = { client_id: tv.clientId, scope: 'openid' };
    const { body } = await call(server, '/oauth/v2/device_authorization', { form });
    expect((await guess(newcomer(), String(body.user_code))).name).not.toBe('device-code');
    await expectOneAlarm(`user-code-guesses instance ${server.instanceId}`);
  });

  test('RFC 7662 §4: a client that introspects random texts is braked, and its live tokens are answered', async () => {
    const { server, api } = world;
    const ask = (token: string) =>
      call(server, '/oauth/v2/introspect', { form: { token }, headers: basicOf(api) });
    const found: number[] = [];
    for (let attempt = 0; attempt < 25; attempt += 1) found.push((await ask(`lk_at_${attempt}`)).status);
    expect(found.slice(0, 20)).toEqual(found.slice(0, 20).map(() => 200));
    expect(found.slice(22)).toEqual([429, 429, 429]);
    const { accessToken } = await tokensFor(server, world.spa, world.ada);
    expect((await ask(accessToken)).body).toMatchObject({ active: true });
    await expectOneAlarm(`unreadable-tokens application ${api.id}`);
  });
});
