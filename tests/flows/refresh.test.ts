import { seedApplication } from '@latchkey/testkit';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  call,
  countRows,
  discover,
  engines,
  introspect,
  payloadOf,
  tokensFor,
} from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const scope = 'openid profile email offline_access';

describe.each(engines)('refresh tokens on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());

  function refresh(refreshToken: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const form = {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: world.spa.clientId,
      ...more,
    };
    return call(world.server, '/oauth/v2/token', { form });
  }

  const started = () => tokensFor(world.server, world.spa, world.ada, scope);

  test('RFC 6749 §6: openid-client refreshes; the token rotates and the person stays the same', async () => {
    const { server, spa, ada, api } = world;
    const config = await discover(server, spa);
    const first = await started();
    const second = await client.refreshTokenGrant(config, first.refreshToken);
    expect(second.refresh_token).toMatch(/^lk_rt_/);
    expect(second.refresh_token).not.toBe(first.refreshToken);
    expect(second.claims()?.sub).toBe(ada.id);
    const third = await client.refreshTokenGrant(config, second.refresh_token ?? '');
    expect(await introspect(server, api, third.access_token)).toMatchObject({ active: true, scope });
    // OpenID Connect Core §12.2: the time of authentication does not move, and there is no new nonce.
    expect(third.claims()?.auth_time).toBe(payloadOf(first.idToken).auth_time);
    expect(third.claims()?.sid).toBe(payloadOf(first.idToken).sid);
    expect(third.claims()?.nonce).toBeUndefined();
  });

  test('RFC 6749 §6: a narrower scope is granted for one token, a wider one is invalid_scope and spends nothing', async () => {
    const first = await started();
    const narrow = await refresh(first.refreshToken, { scope: 'openid' });
    expect(narrow.body.scope).toBe('openid');
    const before = await countRows(world.server);
    const wider = await refresh(String(narrow.body.refresh_token), { scope: 'openid phone' });
    expect([wider.status, wider.body.error]).toEqual([400, 'invalid_scope']);
    expect(await countRows(world.server)).toEqual(before);
    const whole = await refresh(String(narrow.body.refresh_token));
    expect(whole.body.scope).toBe(scope);
  });

  test('RFC 9700 §4.14: within the grace every use of a token gets tokens, and each of them goes on', async () => {
    const { server, api } = world;
    const first = await started();
    const answers = [];
    for (let use = 0; use < 4; use += 1) answers.push(await refresh(first.refreshToken));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    for (const { body } of answers)
      expect(await introspect(server, api, String(body.access_token))).toMatchObject({ active: true });
    for (const { body } of answers) expect((await refresh(String(body.refresh_token))).status).toBe(200);
  });

  test('two tabs that refresh more than the grace and less than a minute apart: the later is refused, and the other goes on', async () => {
    const { server, api } = world;
    const first = await started();
    const second = await refresh(first.refreshToken);
    server.clock.advance(11_000);
    const third = await refresh(String(second.body.refresh_token));
    for (const waitMs of [0, 40_000]) {
      server.clock.advance(waitMs);
      const before = await countRows(server);
      const late = await refresh(first.refreshToken);
      expect([late.status, late.body.error]).toEqual([400, 'invalid_grant']);
      expect(await countRows(server)).toEqual(before);
    }
    expect(await introspect(server, api, String(third.body.access_token))).toMatchObject({ active: true });
    expect((await refresh(String(third.body.refresh_token))).status).toBe(200);
  });

  test('RFC 9700 §4.14.2: a token that comes back a minute after its use ends the family and every token of it', async () => {
    const { server, api } = world;
    const first = await started();
    const second = await refresh(first.refreshToken);
    server.clock.advance(61_000);
    const replay = await refresh(first.refreshToken);
    expect([replay.status, replay.body.error]).toEqual([400, 'invalid_grant']);
    const tokens = [first.accessToken, String(second.body.access_token)];
    for (const token of tokens) expect(await introspect(server, api, token)).toEqual({ active: false });
    expect((await refresh(String(second.body.refresh_token))).body.error).toBe('invalid_grant');
  });

  test('RFC 9700 §4.14.2: a stolen token is noticed however often the family has rotated since', async () => {
    const { server } = world;
    const first = await started();
    let { refreshToken } = first;
    for (let rotation = 0; rotation < 3; rotation += 1) {
      server.clock.advance(25_000);
      refreshToken = String((await refresh(refreshToken)).body.refresh_token);
    }
    server.clock.advance(20_000);
    expect((await refresh(first.refreshToken)).body.error).toBe('invalid_grant');
    expect((await refresh(refreshToken)).body.error).toBe('invalid_grant');
  });

  test('of fifty refreshes at once with one token, over two nodes, all get a token of the same next generation', async () => {
    const { server, api, spa } = world;
    const node = await server.startNode();
    try {
      const first = await started();
      const form = {
        grant_type: 'refresh_token',
        refresh_token: first.refreshToken,
        client_id: spa.clientId,
      };
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          call(index % 2 === 0 ? server : node, '/oauth/v2/token', { form }),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const { sid } = payloadOf(first.idToken);
      const grants = await server.store.db
        .selectFrom('grants')
        .select('generation')
        .where('sessionId', '=', String(sid))
        .execute();
      expect(grants).toEqual([{ generation: 2 }]);
      for (const { body } of answers.slice(0, 5))
        expect(await introspect(server, api, String(body.access_token))).toMatchObject({ active: true });
    } finally {
      await node.close();
    }
  });

  test('RFC 6749 §10.4: another client’s refresh token is refused and stays good for its owner', async () => {
    const { server, shop } = world;
    const other = await seedApplication(server, shop, { type: 'user_agent' });
    const first = await started();
    const before = await countRows(server);
    const stolen = await refresh(first.refreshToken, { client_id: other.clientId });
    expect([stolen.status, stolen.body.error]).toEqual([400, 'invalid_grant']);
    expect(await countRows(server)).toEqual(before);
    expect((await refresh(first.refreshToken)).status).toBe(200);
  });

  test('a refresh token dies when it idles too long, and an active family at its absolute end', async () => {
    const { server } = world;
    const dayMs = 86_400_000;
    const idle = await started();
    server.clock.advance(30 * dayMs + 1000);
    expect((await refresh(idle.refreshToken)).body.error).toBe('invalid_grant');
    let { refreshToken } = await started();
    for (const days of [29, 29, 29]) {
      server.clock.advance(days * dayMs);
      const answer = await refresh(refreshToken);
      expect(answer.status).toBe(200);
      refreshToken = String(answer.body.refresh_token);
    }
    server.clock.advance(4 * dayMs);
    expect((await refresh(refreshToken)).body.error).toBe('invalid_grant');
  });

  test.each(['lk_rt_', 'nonsense', 'lk_rt_AAAA'])('RFC 6749 §5.2: %s is no refresh token', async (text) => {
    expect((await refresh(text)).body.error).toBe('invalid_grant');
  });

  test('an access token, an ID token and a code are no refresh tokens', async () => {
    const { accessToken, idToken, signedIn } = await started();
    for (const text of [accessToken, idToken, signedIn.code, accessToken.replace('lk_at_', 'lk_rt_')])
      expect((await refresh(text)).body.error).toBe('invalid_grant');
  });
});
