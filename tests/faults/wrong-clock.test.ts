import { createBrowserAgent, leftFor, seedUser, type TestServer } from '@latchkey/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { basic, beginFlow, call, signIn } from '../flows/flow-world.ts';
import { type ShopWorld, startShopWorld } from '../flows/shop-world.ts';
import { tryPasswords } from './try-passwords.ts';

const twoDaysMs = 172_800_000;
const three = { perMinute: 3, burst: 3 };

describe('a clock that was two days ahead and is set right', () => {
  let world: ShopWorld;
  let limited: TestServer;
  beforeAll(async () => {
    world = await startShopWorld('postgres');
    limited = await world.server.startNode({
      loginLimit: three,
      clientAuthLimit: three,
      brakeLimits: { clientAndCaller: three, client: three },
    });
  });
  afterAll(async () => {
    await limited?.close();
    await world?.stop();
  });
  afterEach(() => world.server.clock.resume());

  test('limits of callers open after their own time: nobody behind one address waits for two days', async () => {
    const { clock } = world.server;
    const authenticate = async (): Promise<number> => {
      const form = { grant_type: 'client_credentials' };
      return (await call(limited, '/oauth/v2/token', { form, headers: basic('nobody', 'nothing') })).status;
    };
    clock.pause();
    clock.set(twoDaysMs);
    expect(await tryPasswords(limited, 'nobody-1@example.com', ['a', 'b', 'c', 'd'])).toEqual([
      400, 400, 400, 429,
    ]);
    const statuses = [await authenticate(), await authenticate(), await authenticate(), await authenticate()];
    expect(statuses).toEqual([401, 401, 401, 429]);
    clock.set(-twoDaysMs);
    clock.advance(61_000);
    expect(await tryPasswords(limited, 'nobody-1@example.com', ['wrong'])).toEqual([400]);
    expect(await authenticate()).toBe(401);
  });

  test.each(['known', 'unknown'])(
    'the lockout of a %s name lasts as long as its policy says, and one attempt is all the wrong time gives',
    async (kind) => {
      const { clock } = world.server;
      const user = await seedUser(world.server);
      const name = kind === 'known' ? user.loginName : `nobody-${user.id}@example.com`;
      clock.pause();
      clock.set(twoDaysMs);
      const six = Array.from({ length: 6 }, (_, index) => `wrong ${index}`);
      expect(await tryPasswords(world.server, name, six)).toEqual([400, 400, 400, 400, 400, 429]);
      clock.set(-twoDaysMs);
      expect(await tryPasswords(world.server, name, ['wrong', 'wrong'])).toEqual([400, 429]);
      clock.advance(2000);
      const [status] = await tryPasswords(world.server, name, [user.password]);
      expect(status).toBe(kind === 'known' ? 200 : 400);
    },
  );

  test('a message of the outbox whose next attempt is two days off is tried now', async () => {
    const { server } = world;
    const { db } = server.store;
    const row = { instanceId: server.instanceId, kind: 'ciba-ping', payload: '{}' } as const;
    const nextAttemptAtMs = server.clock.now() + twoDaysMs;
    await db
      .insertInto('outbox')
      .values({ ...row, nextAttemptAtMs, createdAtMs: nextAttemptAtMs })
      .execute();
    await server.deliverDue();
    // Nobody can deliver this one, so it is given up; that it was tried is what counts.
    const waiting = await db.selectFrom('outbox').select('id').where('attempts', '=', 0).execute();
    expect(waiting).toEqual([]);
  });

  test('OpenID Connect Core §3.1.2.1: a session begun in the future meets no max_age', async () => {
    const { server, spa, ada } = world;
    const agent = createBrowserAgent(server);
    const errorOf = async (): Promise<string | null> => {
      const { url } = await beginFlow(server, spa, { max_age: '600', prompt: 'none' });
      return leftFor(await agent.open(url)).url.searchParams.get('error');
    };
    server.clock.set(twoDaysMs);
    await signIn(server, spa, ada, { agent });
    expect(await errorOf()).toBeNull();
    server.clock.set(-twoDaysMs);
    expect(await errorOf()).toBe('login_required');
  });
});
