import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { createBrowserAgent, leftFor, pageOf, seedUser, type TestServer } from '@latchkey/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { beginFlow, engines } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

/** Ends what holds something, and resolves once it has ended. */
type Release = () => Promise<void>;

/** Something to wait for, and what ends the wait. */
function latch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Fills every place for work that hashes, and the queue before them. */
function fillPlaces({ passwords }: TestServer): Release {
  const { opened, open } = latch();
  const held: Promise<void>[] = [];
  while (!passwords.isFull()) held.push(passwords.admit(() => opened));
  return async () => {
    open();
    await Promise.all(held);
  };
}

/** Lends every connection of the database out. */
async function takeConnections({ store }: TestServer): Promise<Release> {
  const { opened, open } = latch();
  // As many as a test server has.
  const count = store.engine.kind === 'pglite' ? 1 : 6;
  const held: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1)
    await new Promise<void>((begun, failed) => {
      const transaction = store.db.transaction().execute(async () => {
        begun();
        await opened;
      });
      transaction.catch(failed);
      held.push(transaction);
    });
  return async () => {
    open();
    await Promise.all(held);
  };
}

/** What a server says to a request that is cut off after its headers, the connection staying open. */
async function answerToHeaders(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    const headEnd = text.indexOf('\r\n\r\n');
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
    if (headEnd >= 0 && text.length >= headEnd + 4 + length) break;
  }
  socket.destroy();
  return text;
}

describe.each(engines)('a sign-in that cannot be admitted on $engine', ({ engine }) => {
  let world: ShopWorld;
  const releases: Release[] = [];
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterEach(async () => {
    for (const release of releases.splice(0)) await release();
  });
  afterAll(() => world?.stop());

  const paths = ['/login/password', '/login/new-password', '/login/register'];
  const post = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    world.server.fetch(path, { method: 'POST', body: new URLSearchParams({ password: 'x' }), headers });

  test.each(paths)(
    'POST %s is refused before its form is read and while the database has no connection',
    async (path) => {
      const { server } = world;
      releases.push(fillPlaces(server));
      releases.push(await takeConnections(server));
      const host = new URL(server.issuer).host;
      const head = [`POST ${path}?request=sealed HTTP/1.1`, `host: ${host}`, 'content-length: 5000'];
      const answer = await answerToHeaders(server.port, head);
      expect(answer).toMatch(/^HTTP\/1\.1 503 .*\r\n/);
      expect(answer).toMatch(/\r\nretry-after: 1\r\n/i);
      expect(answer).toContain('Too many people are signing in right now');
    },
  );

  test('the refusal is one small prepared page: the same bytes for everybody, with a policy that names its style by hash', async () => {
    const { server, spa } = world;
    const agent = createBrowserAgent(server);
    const user = await seedUser(server);
    const name = pageOf(await agent.open((await beginFlow(server, spa)).url));
    const page = pageOf(await agent.submit(name, { loginName: user.loginName }));
    releases.push(fillPlaces(server));
    const refused = pageOf(await agent.submit(page, { password: user.password }));
    const other = await post('/login/password?request=x', { cookie: 'latchkey_browser=x' });
    expect([refused.status, other.status]).toEqual([503, 503]);
    expect(await other.text()).toBe(refused.html);
    expect(Buffer.byteLength(refused.html)).toBeLessThan(3072);
    const [, style = ''] = /<style>(.*)<\/style>/.exec(refused.html) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'content-security-policy': expect.stringContaining(`default-src 'none'; style-src 'sha256-${hash}'`),
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'retry-after': '1',
    });
    expect(refused.headers.get('set-cookie')).toBeNull();
  });

  test('the refusal leads back to the form without a script, and the sign-in goes on where it was', async () => {
    const { server, spa } = world;
    const user = await seedUser(server);
    const agent = createBrowserAgent(server);
    const flow = await beginFlow(server, spa);
    const name = pageOf(await agent.open(flow.url));
    const page = pageOf(await agent.submit(name, { loginName: user.loginName }));
    const release = fillPlaces(server);
    const refused = pageOf(await agent.submit(page, { password: user.password }));
    expect([refused.status, refused.name]).toEqual([503, 'error']);
    await release();
    const again = pageOf(await agent.click(refused, 'again'));
    expect(again.name).toBe('password');
    expect(again.html).toContain(user.loginName);
    const left = leftFor(await agent.submit(again, { password: user.password }));
    expect(left.url.searchParams.get('code')).toMatch(/./);
    expect(left.url.searchParams.get('state')).toBe(flow.url.searchParams.get('state'));
  });

  test('the refusal is in the language of the sign-in, or of the browser', async () => {
    const { server, spa } = world;
    const agent = createBrowserAgent(server, { 'accept-language': 'en' });
    const name = pageOf(await agent.open((await beginFlow(server, spa, { ui_locales: 'fr de' })).url));
    const page = pageOf(await agent.submit(name, { loginName: 'nobody@example.com' }));
    releases.push(fillPlaces(server));
    const refused = pageOf(await agent.submit(page, { password: 'x' }));
    expect([refused.language, refused.headers.get('content-language')]).toEqual(['de', 'de']);
    const german = await post('/login/register', { 'accept-language': 'de-CH,de;q=0.9,en;q=0.8' });
    expect(german.headers.get('content-language')).toBe('de');
    const english = await post('/login/register', { 'accept-language': 'fr' });
    expect(await english.text()).toContain('<html lang="en"');
  });

  test('a form whose address does not lead back to its page is sent again by reloading', async () => {
    releases.push(fillPlaces(world.server));
    const text = await (await post('/login/password')).text();
    expect(text).toContain('reload this page to send the form again');
    expect(text).not.toContain('<a ');
  });

  test('a host that no instance has learns nothing but that', async () => {
    releases.push(fillPlaces(world.server));
    const answer = await post('/login/password', { host: 'elsewhere.example' });
    expect(answer.status).toBe(421);
  });

  test('refusals are counted, and as soon as there is a place the next sign-in is an ordinary one', async () => {
    const { server } = world;
    const counted = async (): Promise<number> => {
      const text = await (await server.fetch('/metrics')).text();
      return Number(/^latchkey_requests_turned_away_total\{kind="password"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await counted();
    const release = fillPlaces(server);
    await post('/login/password');
    await post('/login/register');
    expect(await counted()).toBe(before + 2);
    await release();
    // 400: the form names no sign-in.
    const ordinary = await post('/login/password', { origin: server.issuer });
    expect(ordinary.status).toBe(400);
  });
});
