import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { basicOf, call, engines } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const path = '/oauth/v2/device_authorization';
const from = (address: string) => ({ 'x-forwarded-for': address });

describe.each(engines)('requests that have proved nothing on $engine', ({ engine }) => {
  let world: ShopWorld;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    const deviceLimit = { perMinute: 100_000, burst: 100_000 };
    world = await startShopWorld(engine, { deviceLimit, trustedProxies: ['127.0.0.1'] });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(() => world?.stop());

  /** A request that stays under way, since its body does not come. */
  function leaveOpen(address: string): void {
    const { server } = world;
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    const lines = [
      `POST ${path} HTTP/1.1`,
      `host: ${new URL(server.issuer).host}`,
      `x-forwarded-for: ${address}`,
      'content-type: application/x-www-form-urlencoded',
      'content-length: 100',
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    sockets.push(socket);
  }

  test('one caller has half of the places at most: more is refused with 503, and other callers and other endpoints go on', async () => {
    const { server, spa, api, robot } = world;
    const begin = (address: string) => {
      const form = { client_id: spa.clientId, scope: 'openid' };
      return call(server, path, { form, headers: from(address) });
    };
    const half = Math.floor(server.store.engine.sharePlaces() / 2);
    for (let index = 0; index < half - 5; index += 1) leaveOpen('203.0.113.7');
    expect((await begin('203.0.113.7')).status).not.toBe(503);
    // The database may have become faster meanwhile, which makes the half larger.
    await vi.waitFor(
      async () => {
        for (let index = 0; index < 50; index += 1) leaveOpen('203.0.113.7');
        const refused = await begin('203.0.113.7');
        expect([refused.status, refused.body.error]).toEqual([503, 'temporarily_unavailable']);
        expect(refused.headers.get('retry-after')).toBe('1');
      },
      { timeout: 20_000, interval: 50 },
    );
    const page = await server.fetch('/device', { headers: from('203.0.113.7') });
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('href="">Try again</a>');
    expect((await begin('203.0.113.8')).status).not.toBe(503);
    expect((await server.fetch('/device', { headers: from('203.0.113.8') })).status).toBe(200);
    const form = { grant_type: 'client_credentials', scope: 'openid' };
    const headers = { ...basicOf(robot), ...from('203.0.113.7') };
    const token = await call(server, '/oauth/v2/token', { form, headers });
    const introspected = await call(server, '/oauth/v2/introspect', {
      form: { token: String(token.body.access_token) },
      headers: { ...basicOf(api), ...from('203.0.113.7') },
    });
    expect([token.status, introspected.status]).toEqual([200, 200]);
    for (const socket of sockets.splice(0)) socket.destroy();
    await vi.waitFor(async () => expect((await begin('203.0.113.7')).status).not.toBe(503));
  }, 60_000);
});
