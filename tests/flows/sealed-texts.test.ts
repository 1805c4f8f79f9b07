import { randomBytes } from 'node:crypto';
import {
  createBrowserAgent,
  pageOf,
  seedApplication,
  seedMachine,
  startTestServer,
  type TestServer,
} from '@latchkey/testkit';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, beginFlow, call, countRows, engines, introspect, signIn, tokensFor } from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

interface Texts {
  readonly opaque: string;
  readonly jwt: string;
  readonly refresh: string;
  readonly code: string;
  readonly loginStep: string;
  readonly signOut: string;
}

const kinds = ['opaque', 'jwt', 'refresh', 'code', 'loginStep', 'signOut'] as const;

function flipBit(text: string, at: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const index = alphabet.indexOf(text.charAt(at));
  return index < 0
    ? `${text.slice(0, at)}A${text.slice(at + 1)}`
    : text.slice(0, at) + alphabet.charAt(index ^ 1) + text.slice(at + 1);
}

describe.each(engines)('sealed texts on $engine', ({ engine }) => {
  let world: ShopWorld;
  let texts: Texts;
  let signOutCookie: string;
  let loginCookie: string;
  let verifier: string;

  beforeAll(async () => {
    world = await startShopWorld(engine);
    const { server, shop, spa, ada } = world;
    const jwtApp = await seedApplication(server, shop, { type: 'user_agent', accessTokenType: 'jwt' });
    const opaque = await tokensFor(server, spa, ada);
    const signedIn = await signIn(server, spa, ada);
    verifier = signedIn.flow.verifier;
    const agent = createBrowserAgent(server);
    const login = pageOf(await agent.open((await beginFlow(server, spa, { login_hint: ada.loginName })).url));
    loginCookie = agent.cookies.header();
    const signOut = pageOf(await signedIn.agent.open('/logout'));
    signOutCookie = signedIn.agent.cookies.header();
    texts = {
      opaque: opaque.accessToken,
      jwt: (await tokensFor(server, jwtApp, ada)).accessToken,
      refresh: opaque.refreshToken,
      code: signedIn.code,
      loginStep: login.forms[0]?.fields.request ?? '',
      signOut: signOut.forms[0]?.fields.request ?? '',
    };
  });
  afterAll(() => world?.stop());

  /** Where a text of each kind is accepted; resolves to whether it was. Every text but the right one must not be. */
  const doors: Readonly<
    Record<(typeof kinds)[number], (text: string, server?: TestServer) => Promise<boolean>>
  > = {
    opaque: async (text, server = world.server) =>
      (await introspect(server, world.api, text)).active === true,
    jwt: async (text, server = world.server) => (await introspect(server, world.api, text)).active === true,
    refresh: async (refresh_token) => {
      const form = { grant_type: 'refresh_token', refresh_token, client_id: world.spa.clientId };
      return (await call(world.server, '/oauth/v2/token', { form })).status === 200;
    },
    code: async (code) => {
      const { redirectUri: redirect_uri, clientId: client_id } = world.spa;
      const form = {
        grant_type: 'authorization_code',
        code,
        redirect_uri,
        client_id,
        code_verifier: verifier,
      };
      return (await call(world.server, '/oauth/v2/token', { form })).status === 200;
    },
    loginStep: async (request) => {
      const path = `/login/password?${new URLSearchParams({ request })}`;
      return (await world.server.fetch(path, { headers: { cookie: loginCookie } })).status === 200;
    },
    signOut: async (request) => {
      const path = `/logout?${new URLSearchParams({ request })}`;
      return (await world.server.fetch(path, { headers: { cookie: signOutCookie } })).status === 200;
    },
  };

  test.each(kinds)(
    '%s: cut off, padded, doubled, spaced or with any bit flipped it does not open',
    async (kind) => {
      const text = texts[kind];
      const before = await countRows(world.server);
      const fixed = ['=', '==', 'A', ' ', '.', '\n', '%00'].flatMap((extra) => [text + extra, extra + text]);
      for (const changed of [
        ...fixed,
        text + text,
        text.slice(1),
        text.toUpperCase(),
        text.replace(/_/, '/'),
      ])
        if (changed !== text) expect(await doors[kind](changed), changed.slice(0, 40)).toBe(false);
      const cuts = fc.integer({ min: 1, max: text.length - 1 });
      await fc.assert(
        fc.asyncProperty(cuts, async (at) => {
          expect(await doors[kind](text.slice(0, at))).toBe(false);
          expect(await doors[kind](flipBit(text, at))).toBe(false);
        }),
        { numRuns: 60 },
      );
      expect(await countRows(world.server)).toEqual(before);
    },
  );

  test.each(kinds)(
    '%s: a text of another kind does not open in its place, whatever its prefix',
    async (kind) => {
      const bare = (text: string): string => text.replace(/^lk_[a-z]+_/, '');
      const jti: unknown = JSON.parse(Buffer.from(texts.jwt.split('.')[1] ?? '', 'base64url').toString()).jti;
      const others = kinds.filter(
        (other) =>
          other !== kind &&
          !(kind === 'jwt' && other === 'opaque') &&
          !(kind === 'opaque' && other === 'jwt'),
      );
      const foreign = [...others.map((other) => texts[other]), String(jti)];
      for (const text of foreign) {
        for (const prefix of ['', 'lk_at_', 'lk_rt_', 'lk_ac_'])
          expect(await doors[kind](prefix + bare(text)), `${prefix}${text.slice(0, 20)}`).toBe(false);
        expect(await doors[kind](text)).toBe(false);
      }
    },
  );

  test('the texts themselves open, so that the doors above can say yes', async () => {
    for (const kind of kinds) expect(await doors[kind](texts[kind]), kind).toBe(true);
  });

  test('nothing of one instance opens in another, not even with the same master key', async () => {
    const masterKeys = `same:${randomBytes(32).toString('base64')}`;
    const [one, two] = await Promise.all([
      startTestServer({ engine: 'pglite', masterKeys }),
      startTestServer({ engine: 'pglite', masterKeys }),
    ]);
    try {
      for (const accessTokenType of ['opaque', 'jwt'] as const) {
        const robot = await seedMachine(one, { accessTokenType });
        const form = { grant_type: 'client_credentials', scope: `openid ${audienceScope(world.shop)}` };
        const { body } = await call(one, '/oauth/v2/token', { form, headers: basicOf(robot) });
        const authorization = `Bearer ${body.access_token}`;
        expect((await call(one, '/oidc/v1/userinfo', { headers: { authorization } })).status).toBe(200);
        for (const other of [two, world.server])
          expect((await call(other, '/oidc/v1/userinfo', { headers: { authorization } })).status).toBe(401);
      }
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });
});
