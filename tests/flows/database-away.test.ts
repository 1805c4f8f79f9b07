import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, introspect, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe('a PostgreSQL that is away', () => {
  let world: ShopWorld;
  let accessToken: string;
  beforeAll(async () => {
    world = await startShopWorld('postgres');
    ({ accessToken } = await tokensFor(world.server, world.spa, world.ada));
    expect(await introspect(world.server, world.api, accessToken)).toMatchObject({ active: true });
  });
  afterAll(() => world?.stop());

  const ask = () =>
    call(world.server, '/oauth/v2/introspect', { form: { token: accessToken }, headers: basicOf(world.api) });
  const statusOf = async (path: string): Promise<number> => (await world.server.fetch(path)).status;

  test.each(['fast', 'immediate'] as const)(
    'stopped (%s): introspection is 503 with Retry-After and never inactive, readyz 503, healthz 200; then all recover',
    async (mode) => {
      const { postgres, server, ledgerApi } = world;
      if (postgres === undefined) throw new Error('this flow needs PostgreSQL');
      await postgres.halt(mode);
      const answers: (readonly [number, unknown])[] = [];
      const asked = async (): Promise<number> => {
        const answer = await ask();
        answers.push([answer.status, answer.body.active]);
        return answer.status;
      };
      // Memory may be trusted for its bound of a second; from then on nothing may be said.
      await expect.poll(asked, { timeout: 5000, interval: 50 }).toBe(503);
      const refused = await ask();
      expect([refused.status, refused.body.error]).toEqual([503, 'temporarily_unavailable']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answers.every(([status, active]) => status === 503 || active === true)).toBe(true);
      expect(await statusOf('/readyz')).toBe(503);
      expect(await statusOf('/healthz')).toBe(200);
      const unseen = { form: { token: 'x' }, headers: basicOf(ledgerApi) };
      expect((await call(server, '/oauth/v2/introspect', unseen)).status).toBe(503);
      const info = { headers: { authorization: `Bearer ${accessToken}` } };
      expect((await call(server, '/oidc/v1/userinfo', info)).status).toBe(503);
      const page = await server.fetch('/login', {
        headers: { cookie: `latchkey_sessions=1.${'A'.repeat(43)}` },
      });
      expect([page.status, page.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await page.text()).not.toMatch(/ECONNREFUSED|postgres/i);
      await postgres.start();
      await expect.poll(() => statusOf('/readyz'), { timeout: 10_000, interval: 50 }).toBe(200);
      expect(await introspect(server, world.api, accessToken)).toMatchObject({ active: true });
      await tokensFor(server, world.spa, world.ada);
    },
  );
});
