import { newId } from '@latchkey/server';
import { updateInstanceSettings } from '@latchkey/store';
import {
  changeAsOperator,
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  seedApplication,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { basic, call } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const three = { perMinute: 1, burst: 3 } as const;
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code' as const;

/** Forwarded headers in which one caller may appear; `$` is different in each group. */
const spellings = {
  'addresses of one /64': [
    '2001:db8:$:1::1',
    '2001:db8:$:1::2',
    '2001:db8:$:1:ffff:ffff:ffff:fffe',
    '[2001:DB8:$:1::9]:443',
  ],
  'an IPv4 address and its mapped twins': [
    '203.0.113.$',
    '::ffff:203.0.113.$',
    '[::ffff:203.0.113.$]:9',
    '203.0.113.$',
  ],
  'an address with changing ports': [
    '198.51.100.$:1000',
    '198.51.100.$:1001',
    '198.51.100.$',
    '198.51.100.$:65535',
  ],
  'hops left of the caller': [
    '198.51.101.$',
    '10.1.1.1, 198.51.101.$',
    'unknown, 198.51.101.$',
    '203.0.113.200, 198.51.101.$',
  ],
} as const;

type CallerWorld = ShopWorld & { readonly tv: SeededApplication };
type Attempt = (world: CallerWorld, headers: Readonly<Record<string, string>>) => Promise<number>;

const attempts: Readonly<Record<string, Attempt>> = {
  'failed client authentication': async ({ server, web }, headers) => {
    const form = { grant_type: 'client_credentials' };
    const authorization = basic(web.clientId, 'wrong');
    return (await call(server, '/oauth/v2/token', { form, headers: { ...headers, ...authorization } }))
      .status;
  },
  'failed grant assertions': async ({ server }, headers) => {
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'a.b.c' };
    return (await call(server, '/oauth/v2/token', { form, headers })).status;
  },
  'device authorizations': async ({ server, tv }, headers) => {
    const form = { client_id: tv.clientId, scope: 'openid' };
    return (await call(server, '/oauth/v2/device_authorization', { form, headers })).status;
  },
  'client registrations': async ({ server }, headers) => {
    const response = await server.fetch('/oauth/v2/register', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['https://corner.example.com/callback'] }),
    });
    return response.status;
  },
  'sign-ins': async ({ server }, headers) => {
    const agent = createBrowserAgent(server, headers);
    // Another name each time, so that no account has to wait.
    const loginName = `nobody-${newId(server.clock.now())}`;
    const page = pageOf(await agent.submit(pageOf(await agent.open('/login')), { loginName }));
    return pageOf(await agent.submit(page, { password: 'guess' })).status;
  },
  'self-registrations': async ({ server }, headers) => {
    const agent = createBrowserAgent(server, headers);
    const page = pageOf(await agent.open('/login/register'));
    return pageOf(await agent.submit(page, { loginName: 'x@example.com', password: 'short' })).status;
  },
  'user codes': async ({ server }, headers) => {
    const agent = createBrowserAgent(server, headers);
    return pageOf(await agent.submit(pageOf(await agent.open('/device')), { userCode: 'BBBB-BBBB' })).status;
  },
};

describe('limits count callers', () => {
  let world: CallerWorld;
  let group = 0;
  beforeAll(async () => {
    const started = await startShopWorld('pglite', {
      trustedProxies: ['127.0.0.0/8', '::1', '10.0.0.0/8'],
      loginLimit: three,
      clientAuthLimit: three,
      deviceLimit: three,
      userCodeLimit: three,
      registrationLimits: [three],
      clientRegistrationLimit: three,
    });
    const { server, shop } = started;
    const tv = await seedApplication(server, shop, { type: 'native', grantTypes: [deviceGrant] });
    world = { ...started, tv };
    await changeAsOperator(server, (change) =>
      updateInstanceSettings(change, { isSelfRegistrationEnabled: true, dynamicRegistration: 'open' }),
    );
    await vi.waitFor(async () => expect((await server.fetch('/login/register')).status).toBe(302));
  });
  afterAll(() => world?.stop());

  const rows = Object.keys(attempts).flatMap((what) =>
    Object.keys(spellings).map((how) => [what, how] as const),
  );

  test.each(rows)('security.md, limits: %s are counted alike for %s', async (what, how) => {
    group += 1;
    const attempt = attempts[what] ?? (() => Promise.reject(new Error(what)));
    const statuses: number[] = [];
    for (const spelling of spellings[how as keyof typeof spellings]) // cast: the rows are made of its keys
      statuses.push(await attempt(world, { 'x-forwarded-for': spelling.replace('$', String(group)) }));
    expect(statuses.slice(0, 3)).not.toContain(429);
    expect(statuses[3]).toBe(429);
  });

  test('security.md, limits: a caller who writes unreadable hops is counted as the last trusted proxy', async () => {
    const attempt = attempts['failed client authentication'];
    if (attempt === undefined) throw new Error('there is no such row');
    const statuses: number[] = [];
    for (const hop of ['unknown', 'garbage', '_secret', 'a b c'])
      statuses.push(await attempt(world, { 'x-forwarded-for': `${hop}, 10.9.9.9` }));
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  test('security.md, limits: another /64 is another caller', async () => {
    const attempt = attempts['failed client authentication'];
    if (attempt === undefined) throw new Error('there is no such row');
    for (let network = 0; network < 6; network += 1)
      expect(await attempt(world, { 'x-forwarded-for': `2001:db8:ffff:${network}::1` })).toBe(401);
  });

  test('the event log keeps the whole address', async () => {
    const { server, tv } = world;
    const form = { client_id: tv.clientId, scope: 'openid' };
    const headers = { 'x-forwarded-for': '[2001:DB8:77::0007]:443' };
    expect((await call(server, '/oauth/v2/device_authorization', { form, headers })).status).toBe(200);
    const { ip } = await server.store.db
      .selectFrom('events')
      .select('ip')
      .where('ip', 'like', '2001:db8:77:%')
      .executeTakeFirstOrThrow();
    expect(ip).toBe('2001:db8:77::7');
  });
});
