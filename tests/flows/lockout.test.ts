import { createBrowserAgent, type HtmlPage, leftFor, pageOf, seedUser, setState } from '@latchkey/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { beginFlow, countRows, engines, startFlowServer } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe.each(engines)('guessing passwords on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());
  // Delays are told in whole seconds, so the time a slow machine takes must not count.
  beforeEach(() => world.server.clock.pause());
  afterEach(() => world.server.clock.resume());

  async function guesser(loginName: string) {
    const { server, spa } = world;
    const agent = createBrowserAgent(server);
    const flow = await beginFlow(server, spa);
    const name = pageOf(await agent.open(flow.url));
    const page = pageOf(await agent.submit(name, { loginName }));
    return { guess: (password: string) => agent.submit(page, { password }) };
  }

  function shapeOf(page: HtmlPage, loginName: string): readonly unknown[] {
    const sealed = /name="request" value="[^"]*"|request=[A-Za-z0-9_%-]+|nonce="[^"]*"/g;
    const html = page.html.replaceAll(loginName, 'NAME').replace(sealed, '').replace(/\s+/g, ' ');
    const [local, domain] = loginName.split('@');
    const headers = [...page.headers.keys()].sort().filter((name) => name !== 'content-length');
    return [page.status, headers, html.replaceAll(`${local}<wbr/>@${domain}`, 'NAME')];
  }

  async function responsesTo(loginName: string, attempts: number): Promise<readonly (readonly unknown[])[]> {
    const { guess } = await guesser(loginName);
    const shapes: (readonly unknown[])[] = [];
    for (let attempt = 0; attempt < attempts; attempt += 1)
      shapes.push(shapeOf(pageOf(await guess(`wrong ${attempt}`)), loginName));
    return shapes;
  }

  test('an unknown, a locked, a password-less and a real account answer alike: status, headers and page', async () => {
    const { server } = world;
    const known = await seedUser(server, { loginName: 'abcdefgh-1@example.com' });
    const locked = await seedUser(server, { loginName: 'abcdefgh-2@example.com' });
    await setState(server, 'user', locked.id, 'locked');
    const expected = await responsesTo(known.loginName, 7);
    expect(expected.map(([status]) => status)).toEqual([400, 400, 400, 400, 400, 429, 429]);
    expect(await responsesTo(locked.loginName, 7)).toEqual(expected);
    expect(await responsesTo('abcdefgh-3@example.com', 7)).toEqual(expected);
  });

  test('a locked user with the right password hears the same as with a wrong one', async () => {
    const { server } = world;
    const user = await seedUser(server);
    await setState(server, 'user', user.id, 'inactive');
    const { guess } = await guesser(user.loginName);
    const { sessions } = await countRows(server);
    expect(shapeOf(pageOf(await guess(user.password)), user.loginName)).toEqual(
      shapeOf(pageOf(await guess('wrong')), user.loginName),
    );
    expect(await countRows(server)).toMatchObject({ sessions });
  });

  test.each(['known', 'unknown'])(
    'delays of a %s name grow 1, 2, 4, 8, 16 seconds, then a quarter of an hour of rest',
    async (kind) => {
      const { server } = world;
      const user = await seedUser(server);
      const { guess } = await guesser(kind === 'known' ? user.loginName : `nobody-${user.id}@example.com`);
      for (let free = 0; free < 5; free += 1) expect(pageOf(await guess('wrong')).status).toBe(400);
      for (const seconds of [1, 2, 4, 8, 16]) {
        const refused = pageOf(await guess(user.password));
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, String(seconds)]);
        server.clock.advance(seconds * 1000);
        expect(pageOf(await guess('wrong')).status).toBe(400);
      }
      const resting = pageOf(await guess(user.password));
      expect(Number(resting.headers.get('retry-after'))).toBeGreaterThan(890);
      server.clock.advance(901_000);
      if (kind === 'known') leftFor(await guess(user.password));
      else expect(pageOf(await guess(user.password)).status).toBe(400);
    },
  );

  test('a success sets the count back', async () => {
    const user = await seedUser(world.server);
    for (let round = 0; round < 3; round += 1) {
      const { guess } = await guesser(user.loginName);
      for (let attempt = 0; attempt < 4; attempt += 1) expect(pageOf(await guess('wrong')).status).toBe(400);
      leftFor(await guess(user.password));
    }
  });

  test('of many guesses at once no more than the free ones are looked at', async () => {
    const user = await seedUser(world.server);
    const { guess } = await guesser(user.loginName);
    const pages = await Promise.all(Array.from({ length: 40 }, (_, index) => guess(`wrong ${index}`)));
    const statuses = pages.map((stop) => pageOf(stop).status);
    expect(statuses.filter((status) => status === 400).length).toBeLessThanOrEqual(5);
    expect(statuses.every((status) => status === 400 || status === 429)).toBe(true);
  });

  test('a password of more than 4,096 bytes is wrong without being hashed', async () => {
    const { guess } = await guesser(world.ada.loginName);
    expect(pageOf(await guess('x'.repeat(5000))).status).toBe(400);
    expect(pageOf(await guess('')).status).toBe(400);
  });

  test('one address that tries many names is slowed down', async () => {
    const limited = await startFlowServer(engine, { loginLimit: { perMinute: 20, burst: 20 } });
    try {
      const agent = createBrowserAgent(limited.server);
      const statuses: number[] = [];
      for (let attempt = 0; attempt < 22; attempt += 1) {
        const name = pageOf(await agent.open('/login'));
        const page = pageOf(await agent.submit(name, { loginName: `user-${attempt}` }));
        statuses.push(pageOf(await agent.submit(page, { password: 'guess' })).status);
      }
      expect(statuses.slice(0, 20).every((status) => status === 400)).toBe(true);
      expect(statuses.slice(20)).toEqual([429, 429]);
    } finally {
      await limited.stop();
    }
  });
});
