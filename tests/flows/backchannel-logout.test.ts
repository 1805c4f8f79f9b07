import { updateApplication, updatePasswordHash } from '@latchkey/store';
import {
  changeAsOperator,
  findFreePort,
  leftFor,
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedOrganization,
  seedUser,
  setState,
  type TestServer,
} from '@latchkey/testkit';
import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  beginFlow,
  engines,
  introspect,
  payloadOf,
  sessionCookieOf,
  tokensFor as tokensOfFlow,
} from './flow-world.ts';
import { type LogoutReceiver, startLogoutReceiver } from './logout-receiver.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const minuteMs = 60_000;

describe.each(engines)('back-channel logout on $engine', ({ engine }) => {
  let world: ShopWorld;
  let server: TestServer;
  let receiver: LogoutReceiver;
  let app: SeededApplication;
  let user: SeededUser;
  let nobodysPort: number;
  beforeAll(async () => {
    receiver = await startLogoutReceiver();
    nobodysPort = await findFreePort();
    world = await startShopWorld(engine, {
      outboundAllow: [receiver.address, `127.0.0.1:${nobodysPort}`],
    });
    server = world.server;
    app = await seedListener('/told?by=us');
  });
  beforeEach(async () => {
    user = await seedUser(server);
  });
  afterEach(async () => {
    receiver.answerWith(200);
    await server.store.db.deleteFrom('outbox').execute();
    receiver.received.length = 0;
  });
  afterAll(async () => {
    await world?.stop();
    await receiver?.close();
  });

  async function seedListener(
    path: string,
    settings: Partial<Parameters<typeof seedApplication>[2]> = {},
  ): Promise<SeededApplication> {
    return await seedApplication(server, world.shop, {
      type: 'user_agent',
      backchannelLogoutUri: receiver.origin + path,
      ...settings,
    });
  }

  /** The session cookies of the browsers that signed in, by ID token. */
  const cookies = new Map<string, { readonly cookie: string }>();

  const tokensFor: typeof tokensOfFlow = async (...parameters) => {
    const tokens = await tokensOfFlow(...parameters);
    cookies.set(tokens.idToken, sessionCookieOf(tokens.signedIn.agent));
    return tokens;
  };

  function endSession(idToken: string): Promise<Response> {
    const query = new URLSearchParams({ id_token_hint: idToken });
    return server.fetch(`/oidc/v1/end_session?${query}`, { headers: cookies.get(idToken) ?? {} });
  }

  function tokenOf(index: number): string {
    return receiver.received[index]?.fields[0]?.[1] ?? '';
  }

  async function verify(token: string, audience: string): Promise<JWTPayload> {
    const keys = JSON.parse(await (await server.fetch('/oauth/v2/keys')).text());
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      typ: 'logout+jwt',
      issuer: server.issuer,
      audience,
      currentDate: new Date(server.clock.now()),
    });
    return payload;
  }

  async function waitingMessages(): Promise<number> {
    const rows = await server.store.db.selectFrom('outbox').select('id').execute();
    return rows.length;
  }

  test('Back-Channel Logout §2.5: a sign-out posts one signed logout token about the session to the application', async () => {
    const { idToken } = await tokensFor(server, app, user);
    const told = payloadOf(idToken);
    await endSession(idToken);
    await server.deliverDue();
    expect(receiver.received).toHaveLength(1);
    const [request] = receiver.received;
    expect(request?.path).toBe('/told?by=us');
    expect(request?.contentType).toBe('application/x-www-form-urlencoded');
    expect(request?.fields.map(([name]) => name)).toEqual(['logout_token']);
    const claims = await verify(tokenOf(0), app.clientId);
    expect(claims).toEqual({
      iss: server.issuer,
      sub: told.sub,
      sid: told.sid,
      aud: app.clientId,
      iat: expect.any(Number),
      exp: (claims.iat ?? 0) + 120,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(await waitingMessages()).toBe(0);
  });

  test('Back-Channel Logout §2.4: the token is signed by the algorithm of the application’s ID tokens, and names the person as they do', async () => {
    const pairwise = await seedListener('/pairwise', {
      idTokenSigningAlg: 'ES256',
      subjectType: 'pairwise',
    });
    const { idToken } = await tokensFor(server, pairwise, user);
    await endSession(idToken);
    await server.deliverDue();
    const claims = await verify(tokenOf(0), pairwise.clientId);
    expect(claims.sub).toBe(payloadOf(idToken).sub);
    expect(claims.sub).not.toBe(user.id);
    const header: unknown = JSON.parse(Buffer.from(tokenOf(0).split('.')[0] ?? '', 'base64url').toString());
    expect(header).toMatchObject({ alg: 'ES256', typ: 'logout+jwt' });
  });

  test('Back-Channel Logout §2.5: every application the session signed in to is told once, however often it did, and no other', async () => {
    const second = await seedListener('/second');
    await seedListener('/never-used');
    const { signedIn, idToken } = await tokensFor(server, app, user);
    for (const other of [second, app, world.spa])
      leftFor(await signedIn.agent.open((await beginFlow(server, other)).url));
    const stranger = await seedUser(server);
    await tokensFor(server, second, stranger);
    await endSession(idToken);
    await server.deliverDue();
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/second', '/told?by=us']);
  });

  test('Back-Channel Logout §2: a session that ends by a new password or a deactivated user or organization is told as well', async () => {
    await tokensFor(server, app, user);
    await changeAsOperator(server, (change) => updatePasswordHash(change, user.id, 'x'));
    await server.deliverDue();
    expect(receiver.received).toHaveLength(1);

    const organization = await seedOrganization(server);
    for (const kind of ['user', 'organization'] as const) {
      const other = await seedUser(server, { organizationId: organization.id });
      const { idToken } = await tokensFor(server, app, other);
      receiver.received.length = 0;
      await setState(server, kind, kind === 'user' ? other.id : organization.id, 'inactive');
      await server.deliverDue();
      const tokens = receiver.received.map((_, index) => payloadOf(tokenOf(index)).sid);
      expect(tokens, kind).toEqual([payloadOf(idToken).sid]);
    }
  });

  test('a receiver that is down or fails holds up no sign-out, and is told within a minute of its recovery, once', async () => {
    const { clock } = server;
    for (const outage of [500, 503, 404, 302] as const) {
      receiver.answerWith(outage);
      receiver.received.length = 0;
      const { idToken, accessToken } = await tokensFor(server, app, user);
      expect((await endSession(idToken)).status).toBe(302);
      expect(await introspect(server, world.api, accessToken)).toEqual({ active: false });
      for (let minute = 0; minute < 8; minute += 1) {
        await server.deliverDue();
        clock.advance(minuteMs);
      }
      const tries = receiver.received.length;
      expect(tries).toBeGreaterThan(3);
      receiver.answerWith(200);
      await server.deliverDue();
      clock.advance(minuteMs);
      await server.deliverDue();
      clock.advance(10 * minuteMs);
      await server.deliverDue();
      expect(receiver.received.length, String(outage)).toBe(tries + 1);
      expect(await waitingMessages()).toBe(0);
    }
  });

  test('a receiver that accepts and never answers holds up no sign-out, and is told after it recovered', async () => {
    receiver.answerWith('nothing');
    const { idToken } = await tokensFor(server, app, user);
    const startedAt = performance.now();
    expect((await endSession(idToken)).status).toBe(302);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    await server.deliverDue();
    expect(await waitingMessages()).toBe(1);
    receiver.answerWith(204);
    server.clock.advance(minuteMs);
    await server.deliverDue();
    expect(receiver.received).toHaveLength(2);
    expect(await waitingMessages()).toBe(0);
  });

  test('every try carries a fresh token with the same jti, so that the receiver can tell a repetition', async () => {
    receiver.answerWith(500);
    const { idToken } = await tokensFor(server, app, user);
    await endSession(idToken);
    await server.deliverDue();
    server.clock.advance(5 * minuteMs);
    await server.deliverDue();
    const [first, second] = [payloadOf(tokenOf(0)), payloadOf(tokenOf(1))];
    expect(second.jti).toBe(first.jti);
    expect(Number(second.iat)).toBeGreaterThan(Number(first.exp));
    const other = await tokensFor(server, app, user);
    await endSession(other.idToken);
    await server.deliverDue();
    expect(payloadOf(tokenOf(2)).jti).not.toBe(first.jti);
  });

  async function abandonedOf(application: SeededApplication): Promise<readonly unknown[]> {
    const rows = await server.store.db
      .selectFrom('events')
      .select('detail')
      .where('type', '=', 'outbox.abandoned')
      .where('objectKind', '=', 'application')
      .where('objectId', '=', application.id)
      .where('organizationId', '=', server.organizationId)
      .execute();
    return rows.map(({ detail }) => detail);
  }

  test('Back-Channel Logout §2.8: 400 is the receiver’s last word: not tried again, and said in the log', async () => {
    const stubborn = await seedListener('/stubborn');
    receiver.answerWith(400);
    const { idToken } = await tokensFor(server, stubborn, user);
    await endSession(idToken);
    await server.deliverDue();
    server.clock.advance(10 * minuteMs);
    await server.deliverDue();
    expect(receiver.received).toHaveLength(1);
    expect(await waitingMessages()).toBe(0);
    expect(await abandonedOf(stubborn)).toEqual([
      {
        kind: 'backchannel-logout',
        attempts: 1,
        reason: 'the application answered 400',
        address: `${receiver.origin}/stubborn`,
      },
    ]);
  });

  test('a message nobody takes for a day is given up, and said in the log', async () => {
    const gone = await seedListener('', { backchannelLogoutUri: `http://127.0.0.1:${nobodysPort}/` });
    const { idToken } = await tokensFor(server, gone, user);
    await endSession(idToken);
    await server.deliverDue();
    server.clock.advance(23 * 60 * minuteMs);
    await server.deliverDue();
    expect(await waitingMessages()).toBe(1);
    server.clock.advance(61 * minuteMs);
    await server.deliverDue();
    expect(await waitingMessages()).toBe(0);
    expect(await abandonedOf(gone)).toEqual([
      expect.objectContaining({ attempts: 3, reason: 'the address could not be reached' }),
    ]);
  });

  test('an address inside the operator’s network is not called unless the operator allows it', async () => {
    const inside = await startLogoutReceiver();
    const spy = await seedListener('', { backchannelLogoutUri: `${inside.origin}/admin` });
    const { idToken } = await tokensFor(server, spy, user);
    await endSession(idToken);
    await server.deliverDue();
    await inside.close();
    expect(inside.received).toEqual([]);
    expect(await waitingMessages()).toBe(1);
  });

  test('where the token goes is what is registered when it is sent, and an application that no longer listens is left alone', async () => {
    const moving = await seedListener('/old');
    const first = await tokensFor(server, moving, user);
    await changeAsOperator(server, (change) =>
      updateApplication(change, moving.id, { backchannelLogoutUri: `${receiver.origin}/new` }),
    );
    await endSession(first.idToken);
    await server.deliverDue();
    expect(receiver.received.map(({ path }) => path)).toEqual(['/new']);
    const second = await tokensFor(server, moving, user);
    await changeAsOperator(server, (change) =>
      updateApplication(change, moving.id, { backchannelLogoutUri: null }),
    );
    await endSession(second.idToken);
    await server.deliverDue();
    expect(receiver.received).toHaveLength(1);
    expect(await waitingMessages()).toBe(0);
  });

  test('of several nodes one delivers each message', async () => {
    const node = await server.startNode();
    const ended: string[] = [];
    for (let count = 0; count < 12; count += 1) ended.push((await tokensFor(server, app, user)).idToken);
    await Promise.all(ended.map(endSession));
    await Promise.all([server.deliverDue(), node.deliverDue(), server.deliverDue(), node.deliverDue()]);
    await node.close();
    const sessions = receiver.received.map((_, index) => payloadOf(tokenOf(index)).sid);
    expect(sessions.sort()).toEqual(ended.map((idToken) => payloadOf(idToken).sid).sort());
  });

  test('a message that a process took and died with is delivered by another when its time is over', async () => {
    const { store, clock } = server;
    const { instanceId } = server;
    const { idToken } = await tokensFor(server, app, user);
    const { sub, sid } = payloadOf(idToken);
    const nowMs = clock.now();
    await store.db
      .insertInto('outbox')
      .values({
        instanceId,
        kind: 'backchannel-logout',
        payload: JSON.stringify({
          applicationId: app.id,
          clientId: app.clientId,
          subject: sub,
          sessionId: sid,
        }),
        attempts: 1,
        nextAttemptAtMs: nowMs + minuteMs,
        createdAtMs: nowMs,
      })
      .execute();
    await server.deliverDue();
    expect(receiver.received).toHaveLength(0);
    clock.advance(minuteMs);
    await server.deliverDue();
    expect(payloadOf(tokenOf(0)).sid).toBe(sid);
  });

  test('a sign-out ends what the session’s tokens can do on every node within a second', async () => {
    const node = await server.startNode();
    const { idToken, accessToken } = await tokensFor(server, app, user);
    expect(await introspect(node, world.api, accessToken)).toMatchObject({ active: true });
    await endSession(idToken);
    const endedAt = performance.now();
    while ((await introspect(node, world.api, accessToken)).active === true)
      expect(performance.now() - endedAt).toBeLessThan(1000);
    const userinfo = await node.fetch('/oidc/v1/userinfo', {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    await node.close();
    expect(userinfo.status).toBe(401);
  });
});
