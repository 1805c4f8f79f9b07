import { createBrowserAgent, pageOf, seedApplication, seedUser, type TestServer } from '@latchkey/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../flows/flow-world.ts';
import { type ShopWorld, startShopWorld } from '../flows/shop-world.ts';
import { tryPasswords } from './try-passwords.ts';

const five = { perMinute: 1, burst: 5 };

describe('sign-ins while the database cannot write everything', () => {
  let world: ShopWorld;
  let server: TestServer;
  beforeAll(async () => {
    world = await startShopWorld('postgres');
    server = await world.server.startNode({ loginLimit: five, userCodeLimit: five, deviceLimit: five });
  });
  afterAll(async () => {
    await server?.close();
    await world?.stop();
  });

  /** Makes writes fail as on a full volume for the time of `work`: those `on` an event of a table, `when` a condition holds. */
  async function failing<T>(on: string, when: string, work: () => Promise<T>): Promise<T> {
    const { db } = world.server.store;
    const table = sql.raw(on.split(' on ')[1] ?? '');
    await sql`create or replace function fill_up() returns trigger language plpgsql as $$
      begin raise exception 'no space left on device' using errcode = '53100'; end $$`.execute(db);
    await sql`create trigger full_volume before ${sql.raw(on)} for each row when (${sql.raw(when)})
      execute function fill_up()`.execute(db);
    try {
      return await work();
    } finally {
      await sql`drop trigger full_volume on ${table}`.execute(db);
    }
  }

  const repeat = (password: string, times: number): string[] => Array.from({ length: times }, () => password);

  test('right passwords whose session cannot be written lock nobody out, neither account nor address', async () => {
    const user = await seedUser(world.server);
    const refused = await failing('insert on sessions', 'true', () =>
      tryPasswords(server, user.loginName, repeat(user.password, 12)),
    );
    expect(new Set(refused.map((status) => status >= 500))).toEqual(new Set([true]));
    expect(await tryPasswords(server, user.loginName, [user.password])).toEqual([200]);
  });

  test('what cannot be given back at once is kept in mind, and wrong passwords stay counted exactly', async () => {
    const user = await seedUser(world.server);
    // The count can go up but not down, and no session can be written.
    const refused = await failing('insert on sessions', 'true', () =>
      failing('update on users', 'new.failed_attempts < old.failed_attempts', () =>
        tryPasswords(world.server, user.loginName, repeat(user.password, 4)),
      ),
    );
    expect(refused.every((status) => status >= 500)).toBe(true);
    const wrong = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(await tryPasswords(world.server, user.loginName, wrong)).toEqual([400, 400, 400, 400, 400, 429]);
  });

  test('a right password that begins no session does not stay counted', async () => {
    const user = await seedUser(world.server, { isPasswordChangeRequired: true });
    const statuses = await tryPasswords(world.server, user.loginName, repeat(user.password, 8));
    expect(statuses.includes(429)).toBe(false);
  });

  test('RFC 8628 §5.1: a user code that could not be looked up is no guess', async () => {
    const { db } = world.server.store;
    const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
    const tv = await seedApplication(world.server, world.shop, { type: 'native', grantTypes: [grantType] });
    const begun = await call(world.server, '/oauth/v2/device_authorization', {
      form: { client_id: tv.clientId, scope: 'openid' },
    });
    const agent = createBrowserAgent(server);
    const page = pageOf(await agent.open('/device'));
    const type = async (): Promise<number> => {
      const stop = await agent.submit(page, { userCode: String(begun.body.user_code) });
      return stop.kind === 'left' ? 302 : stop.page.status;
    };
    await sql`alter table device_authorizations rename to device_authorizations_away`.execute(db);
    const refused = [];
    for (let times = 0; times < 7; times += 1) refused.push(await type());
    await sql`alter table device_authorizations_away rename to device_authorizations`.execute(db);
    expect(refused.every((status) => status >= 500)).toBe(true);
    expect(await type()).toBe(200);
  });
});
