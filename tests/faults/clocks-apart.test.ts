import { createLogger } from '@latchkey/server';
import {
  createBrowserAgent,
  createFakeClock,
  seedMachine,
  setState,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, introspect, signIn } from '../flows/flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from '../flows/shop-world.ts';

const cases = [
  { name: '30 seconds', apartMs: 30_000 },
  { name: '48 hours', apartMs: 172_800_000 },
] as const;

describe.each(cases)('two nodes whose clocks are $name ahead and behind', ({ apartMs }) => {
  let world: ShopWorld;
  let ahead: TestServer;
  let behind: TestServer;
  const lines: string[] = [];
  beforeAll(async () => {
    world = await startShopWorld('postgres', { time: 'of-database' });
    const node = (byMs: number): Promise<TestServer> => {
      const clock = createFakeClock();
      clock.set(byMs);
      const log = createLogger('info', { write: (line: string) => void lines.push(line) });
      return world.server.startNode({ clock, log });
    };
    ahead = await node(apartMs);
    behind = await node(-apartMs);
  });
  afterAll(async () => {
    await ahead?.close();
    await behind?.close();
    await world?.stop();
  });

  async function machineToken(
    node: TestServer,
  ): Promise<{ readonly token: string; readonly robotId: string }> {
    const robot = await seedMachine(world.server);
    return { token: await tokenOf(node, robot), robotId: robot.id };
  }

  async function tokenOf(node: TestServer, machine: Parameters<typeof basicOf>[0]): Promise<string> {
    const form = { grant_type: 'client_credentials', scope: `openid ${audienceScope(world.shop)}` };
    const { status, body } = await call(node, '/oauth/v2/token', { form, headers: basicOf(machine) });
    expect(status, String(body.error_description)).toBe(200);
    return String(body.access_token);
  }

  test('RFC 6749 §4.1.2: a code of one is redeemed at the other, and both know its token', async () => {
    const pairs = [
      [ahead, behind],
      [behind, ahead],
    ] as const;
    for (const [first, second] of pairs) {
      const signedIn = await signIn(first, world.spa, world.ada, { agent: createBrowserAgent(first) });
      const form = {
        grant_type: 'authorization_code',
        client_id: world.spa.clientId,
        redirect_uri: world.spa.redirectUri,
        code: signedIn.code,
        code_verifier: signedIn.flow.verifier,
      };
      const { status, body } = await call(second, '/oauth/v2/token', { form });
      expect(status, String(body.error_description)).toBe(200);
      for (const node of [ahead, behind])
        expect((await introspect(node, world.api, String(body.access_token))).active).toBe(true);
    }
  });

  test('RFC 7519 §4.1.6: what either says it issued was issued now', async () => {
    for (const node of [ahead, behind]) {
      const { token } = await machineToken(node);
      const { iat } = await introspect(node, world.api, token);
      expect(Math.abs(Number(iat) - Date.now() / 1000)).toBeLessThan(5);
    }
  });

  test('deactivating and activating a user at the slow node revives no token of the fast one', async () => {
    const { token, robotId } = await machineToken(ahead);
    expect((await introspect(behind, world.api, token)).active).toBe(true);
    // What is written at the slow node has its time, as if one of its requests did it.
    const slow = { ...world.server, store: behind.store, clock: behind.clock };
    await setState(slow, 'user', robotId, 'inactive');
    await setState(slow, 'user', robotId, 'active');
    for (const node of [ahead, behind]) await isInactive(node, token);
  });

  test('a token issued after the user was activated is good, whichever node issues it', async () => {
    const robot = await seedMachine(world.server);
    for (const [changing, issuing] of [
      [ahead, behind],
      [behind, ahead],
    ] as const) {
      const there = { ...world.server, store: changing.store, clock: changing.clock };
      await setState(there, 'user', robot.id, 'inactive');
      await setState(there, 'user', robot.id, 'active');
      await new Promise((resolve) => setTimeout(resolve, 50));
      const token = await tokenOf(issuing, robot);
      expect((await introspect(changing, world.api, token)).active).toBe(true);
    }
  });

  test('the operator hears that a clock is wrong, in the log and in the metrics', async () => {
    const warnings = lines.filter((line) => line.includes("clock is not the database's"));
    expect(warnings.length).toBe(2);
    for (const [node, sign] of [
      [ahead, 1],
      [behind, -1],
    ] as const) {
      const text = await (await node.fetch('/metrics')).text();
      const [, seconds] = /^latchkey_clock_ahead_seconds (-?[0-9.e+]+)$/m.exec(text) ?? [];
      expect(Math.abs(Number(seconds) - (sign * apartMs) / 1000)).toBeLessThan(5);
    }
  });

  async function isInactive(node: TestServer, token: string): Promise<void> {
    // A node hears of a change within its bound of a second.
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await introspect(node, world.api, token)).active === false) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('the token is still active');
  }
});
