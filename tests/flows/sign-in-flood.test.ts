import { defaultLockoutPolicy } from '@latchkey/identity';
import { createBrowserAgent, pageOf, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, beginFlow, call, engines } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const crowd = 300;
const generous = { ...defaultLockoutPolicy, freeAttempts: 100_000, softLockAttempts: 200_000 };

describe.each(engines)('a flood of sign-ins on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    // Hashes that take long on one thread: two seconds of work is a queue of a few.
    const argon2 = { memoryKib: 8192, passes: 20, threads: 1 };
    world = await startShopWorld(engine, { argon2, lockout: generous });
  });
  afterAll(() => world?.stop());

  /** The same password form, sent by many at once. */
  async function sendAtOnce(loginName: string, password: string): Promise<readonly Response[]> {
    const { server, spa } = world;
    const agent = createBrowserAgent(server);
    const name = pageOf(await agent.open((await beginFlow(server, spa)).url));
    const page = pageOf(await agent.submit(name, { loginName }));
    const [form] = page.forms;
    if (form === undefined) throw new Error('the password page has no form');
    const body = new URLSearchParams({ ...form.fields, password });
    const headers = { origin: server.issuer, cookie: agent.cookies.header() };
    const path = new URL(form.action, page.url).pathname;
    return await Promise.all(
      Array.from({ length: crowd }, () => server.fetch(path, { method: 'POST', body, headers })),
    );
  }

  async function attemptsAt(userId: string): Promise<number> {
    const row = await world.server.store.db
      .selectFrom('users')
      .select('failedAttempts')
      .where('id', '=', userId)
      .executeTakeFirstOrThrow();
    return row.failedAttempts;
  }

  test.each(['known', 'unknown'])(
    'of many at once with a %s name two seconds of work are done; the rest is 503 with Retry-After and has asked nothing of the database',
    async (kind) => {
      const { server } = world;
      const user = await seedUser(server);
      const answers = await sendAtOnce(kind === 'known' ? user.loginName : 'nobody@example.com', 'wrong');
      const refused = answers.filter(({ status }) => status === 503);
      // 429: attempts at one account at the same moment stand in each other's way.
      expect(answers.every(({ status }) => [400, 429, 503].includes(status))).toBe(true);
      expect(refused.length).toBeGreaterThan(200);
      expect(answers.length - refused.length).toBeGreaterThan(2);
      for (const answer of refused) {
        expect(answer.headers.get('retry-after')).toBe('1');
        expect(answer.headers.get('content-type')).toContain('text/html');
      }
      expect(await refused[0]?.text()).toContain('Too many people are signing in right now');
      // Each attempt that was looked at is counted in the account's row; the refused ones never came so far.
      if (kind === 'known')
        expect(await attemptsAt(user.id)).toBe(answers.filter(({ status }) => status === 400).length);
    },
  );

  test('a refused sign-in counts against no limit: it may come again as Retry-After says', async () => {
    const { server } = world;
    const user = await seedUser(server);
    const answers = await sendAtOnce(user.loginName, user.password);
    expect(answers.some(({ status }) => status === 503)).toBe(true);
    expect(answers.filter(({ status }) => status === 303).length).toBeGreaterThan(2);
    expect(await attemptsAt(user.id)).toBe(0);
  });

  test('tokens are introspected and issued while a flood waits', async () => {
    const { server, api, robot } = world;
    const flood = sendAtOnce('nobody@example.com', 'wrong');
    const form = { grant_type: 'client_credentials', scope: 'openid' };
    const token = await call(server, '/oauth/v2/token', { form, headers: basicOf(robot) });
    expect(token.status).toBe(200);
    const introspected = await call(server, '/oauth/v2/introspect', {
      form: { token: String(token.body.access_token) },
      headers: basicOf(api),
    });
    expect(introspected.status).toBe(200);
    expect((await flood).every(({ status }) => [400, 429, 503].includes(status))).toBe(true);
  });
});
