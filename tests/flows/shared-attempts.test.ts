import { updatePasswordHash } from '@latchkey/store';
import {
  type BrowserAgent,
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  type HtmlPage,
  pageOf,
  type SeededUser,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { beginFlow } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe('attempts at passwords over two nodes on one PostgreSQL', () => {
  let world: ShopWorld;
  let other: TestServer;
  beforeAll(async () => {
    world = await startShopWorld('postgres');
    other = await world.server.startNode();
  });
  afterAll(async () => {
    await other?.close();
    await world?.stop();
  });
  // Delays are told in whole seconds, so the time a slow machine takes must not count.
  beforeEach(() => world.server.clock.pause());
  afterEach(() => world.server.clock.resume());

  /** A browser whose requests go to the nodes in turn. */
  function browser(): BrowserAgent {
    const nodes = [world.server, other];
    let turn = 0;
    return createBrowserAgent({
      issuer: world.server.issuer,
      fetch: (path, init) => {
        turn += 1;
        return (nodes[turn % 2] ?? other).fetch(path, init);
      },
    });
  }

  async function passwordPage(agent: BrowserAgent, loginName: string): Promise<HtmlPage> {
    // Signed out, so that the page asks for a name.
    agent.cookies.set('latchkey_sessions', '');
    const flow = await beginFlow(world.server, world.spa);
    return pageOf(await agent.submit(pageOf(await agent.open(flow.url)), { loginName }));
  }

  async function statusOf(agent: BrowserAgent, page: HtmlPage, password: string): Promise<number> {
    const stop = await agent.submit(page, { password });
    return stop.kind === 'left' ? 200 : stop.page.status;
  }

  async function statuses(agent: BrowserAgent, loginName: string, passwords: readonly string[]) {
    const page = await passwordPage(agent, loginName);
    const found: number[] = [];
    for (const password of passwords) found.push(await statusOf(agent, page, password));
    return found;
  }

  const nineWrong = Array.from({ length: 9 }, (_, index) => `wrong ${index}`);

  async function rest(user: SeededUser): Promise<void> {
    const stranger = browser();
    const found = await statuses(stranger, user.loginName, [...nineWrong, user.password]);
    expect(found.at(-1)).toBe(429);
  }

  /** A browser that has signed in to an account. */
  async function knownBrowser(user: SeededUser): Promise<BrowserAgent> {
    const agent = browser();
    const flow = await beginFlow(world.server, world.spa);
    await completeSignIn(agent, await agent.open(flow.url), user);
    expect(agent.cookies.names()).toContain('latchkey_known');
    return agent;
  }

  test('security.md, limits: nine wrong passwords get the same answers for a known and an unknown name', async () => {
    const user = await seedUser(world.server);
    const known = await statuses(browser(), user.loginName, nineWrong);
    const unknown = await statuses(browser(), `nobody-${user.id}@example.com`, nineWrong);
    expect(known).toEqual([400, 400, 400, 400, 400, 429, 429, 429, 429]);
    expect(unknown).toEqual(known);
    const spelled = await statuses(browser(), ` NOBODY-${user.id}@Example.com.`, ['wrong']);
    expect(spelled).toEqual([429]);
  });

  test('security.md, limits: counts of known and unknown names are forgotten after the same time', async () => {
    const user = await seedUser(world.server);
    const nobody = `nobody-${user.id}@example.com`;
    for (const name of [user.loginName, nobody]) await statuses(browser(), name, nineWrong);
    world.server.clock.advance(48 * 3_600_000 + 1000);
    const again = [...nineWrong.slice(0, 6)];
    const forgotten = [400, 400, 400, 400, 400, 429];
    expect(await statuses(browser(), user.loginName, again)).toEqual(forgotten);
    expect(await statuses(browser(), nobody, again)).toEqual(forgotten);
  });

  test('two right passwords of one account at the same moment both sign in', async () => {
    for (let round = 0; round < 5; round += 1) {
      const user = await seedUser(world.server);
      const agents = [browser(), browser()];
      const pages = await Promise.all(agents.map((agent) => passwordPage(agent, user.loginName)));
      const found = await Promise.all(
        agents.map((agent, index) => statusOf(agent, pages[index] as HtmlPage, user.password)), // cast: a page for each agent
      );
      expect(found).toEqual([200, 200]);
    }
  });

  test.each(['known', 'unknown'])(
    'of twelve guesses of a %s name at once five are looked at',
    async (kind) => {
      const user = await seedUser(world.server);
      const name = kind === 'known' ? user.loginName : `nobody-${user.id}@example.com`;
      const agents = Array.from({ length: 12 }, () => browser());
      const pages = await Promise.all(agents.map((agent) => passwordPage(agent, name)));
      const found = await Promise.all(
        agents.map((agent, index) => statusOf(agent, pages[index] as HtmlPage, `wrong ${index}`)), // cast: a page for each agent
      );
      expect(found.sort()).toEqual([400, 400, 400, 400, 400, 429, 429, 429, 429, 429, 429, 429]);
    },
  );

  test('a browser the account knows signs in while the account rests', async () => {
    const user = await seedUser(world.server);
    const agent = await knownBrowser(user);
    await rest(user);
    expect(await statuses(agent, user.loginName, ['mistyped', user.password])).toEqual([400, 200]);
  });

  test('a known browser has no more guesses than an account, and they are logged', async () => {
    const user = await seedUser(world.server);
    const agent = await knownBrowser(user);
    await rest(user);
    const found = await statuses(agent, user.loginName, [...nineWrong, user.password]);
    expect(found).toEqual([400, 400, 400, 400, 400, 429, 429, 429, 429, 429]);
    const { rows } = await world.server.store.db
      .selectFrom('events')
      .select((eb) => eb.fn.countAll().as('rows'))
      .where('type', '=', 'user.password.attempted')
      .where('objectId', '=', user.id)
      .executeTakeFirstOrThrow();
    // One sign-in, five of the stranger, five of the browser.
    expect(Number(rows)).toBe(11);
  });

  test('the cookie of one account is worth nothing at another, nor is one that was tampered with', async () => {
    const mine = await seedUser(world.server);
    const theirs = await seedUser(world.server);
    const agent = await knownBrowser(mine);
    await rest(theirs);
    expect(await statuses(agent, theirs.loginName, [theirs.password])).toEqual([429]);
    await rest(mine);
    const sealed = agent.cookies.get('latchkey_known') ?? '';
    const swapped = sealed.at(-3) === 'A' ? 'B' : 'A';
    agent.cookies.set('latchkey_known', `${sealed.slice(0, -3)}${swapped}${sealed.slice(-2)}`);
    expect(await statuses(agent, mine.loginName, [mine.password])).toEqual([429]);
  });

  test('a new password ends what browsers are known by', async () => {
    const user = await seedUser(world.server);
    const agent = await knownBrowser(user);
    world.server.clock.advance(1000);
    const hash = await world.server.passwords.hash('another-password-of-mine');
    await changeAsOperator(world.server, (change) => updatePasswordHash(change, user.id, hash));
    await rest({ ...user, password: 'another-password-of-mine' });
    expect(await statuses(agent, user.loginName, ['another-password-of-mine'])).toEqual([429]);
  });

  test('a browser is known to the last five accounts it signed in to', async () => {
    const agent = browser();
    const users = await Promise.all(Array.from({ length: 6 }, () => seedUser(world.server)));
    for (const user of users) {
      expect(await statuses(agent, user.loginName, [user.password])).toEqual([200]);
      world.server.clock.advance(1000);
    }
    const [oldest, second] = users;
    if (oldest === undefined || second === undefined) throw new Error('no users');
    await rest(oldest);
    await rest(second);
    expect(await statuses(agent, oldest.loginName, [oldest.password])).toEqual([429]);
    expect(await statuses(agent, second.loginName, [second.password])).toEqual([200]);
  });
});
