import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import {
  createDatabase,
  engines,
  openTestStore,
  seedTenant,
  stopDatabase,
} from '../test-support/store-world.ts';
import { createStore, type Engine, openPglite, openPostgres } from './index.ts';

afterAll(stopDatabase);

const folder = new URL('./migrations/', import.meta.url);

/** Brings an empty database to where it was before the migration. */
async function migrateBefore(engine: Engine, last: string): Promise<void> {
  await engine.runScript(
    'create table schema_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())',
  );
  for (const name of (await readdir(folder)).sort().filter((each) => each < last)) {
    const text = await readFile(new URL(name, folder), 'utf8');
    const sha256 = createHash('sha256').update(text).digest('hex');
    await engine.runScript(
      `${text}\ninsert into schema_migrations (name, sha256) values ('${name}', '${sha256}')`,
    );
  }
}

function insertUsers(rows: readonly (readonly [string, string, string | null, boolean, number])[]): string {
  const values = rows.map(([id, login, email, isVerified, atMs]) => {
    const address = email === null ? 'null' : `'${email}'`;
    return `('1', '${id}', '2', 'human', '${login}', '${login}', '${id}', ${address}, ${address}, ${isVerified}, ${atMs}, ${atMs})`;
  });
  return `insert into users (instance_id, id, organization_id, kind, login_name, login_name_canonical, display_name, email,
    email_canonical, is_email_verified, created_at_ms, updated_at_ms) values ${values.join(', ')};`;
}

describe.each(engines)('the migration to unique names on %s', (engine) => {
  test('an address verified for several stays with whose login name it is, else with the oldest; twins become one', async () => {
    const opened =
      engine === 'pglite'
        ? await openPglite({ dataDir: 'memory://', durable: 'unsafe-no-fsync' })
        : await openPostgres({ url: await createDatabase() });
    await migrateBefore(opened, '0006');
    await opened.runScript(`insert into instances (id, name, created_at_ms) values ('1', 'I', 1);
      insert into organizations (instance_id, id, name, primary_domain, created_at_ms) values
        ('1', '2', 'Acme', 'acme.example', 1), ('1', '3', 'ACME', 'two.example', 2), ('1', '4', 'acme ', 'three.example', 3);
      ${insertUsers([
        ['10', 'ada@example.com', null, false, 5],
        ['11', 'eve', 'ada@example.com', true, 1],
        ['12', 'bob', 'shared@example.com', true, 3],
        ['13', 'mallory', 'shared@example.com', true, 4],
        ['14', 'dot', 'shared@example.com.', true, 2],
        ['15', 'idn', 'zoe@xn--bcher-kva.example', true, 6],
        ['16', 'carol@xn--fiqs8s.example.', null, false, 7],
        ['17', 'ada@example.com.', null, false, 8],
        ['18', 'plain', 'unverified@example.com', false, 9],
        ['19', 'plain-too', 'unverified@example.com', false, 9],
        ['20', 'strange', 'a@xn--999999b.example', true, 10],
      ])}`);
    const store = createStore(opened);
    await store.migrate();
    const users = await store.db
      .selectFrom('users')
      .select(['id', 'loginNameCanonical', 'emailCanonical', 'isEmailVerified'])
      .orderBy('id')
      .execute();
    expect(users.map((user) => Object.values(user))).toEqual([
      ['10', 'ada@example.com', null, false],
      ['11', 'eve', 'ada@example.com', false],
      ['12', 'bob', 'shared@example.com', false],
      ['13', 'mallory', 'shared@example.com', false],
      ['14', 'dot', 'shared@example.com', true],
      ['15', 'idn', 'zoe@bücher.example', true],
      ['16', 'carol@中国.example', null, false],
      // Another user has the canonical spelling: this login name must be changed by who manages it.
      ['17', 'ada@example.com.', null, false],
      ['18', 'plain', 'unverified@example.com', false],
      ['19', 'plain-too', 'unverified@example.com', false],
      ['20', 'strange', 'a@xn--999999b.example', true],
    ]);
    const events = await store.db
      .selectFrom('events')
      .select('objectId')
      .where('type', '=', 'user.changed')
      .orderBy('objectId')
      .execute();
    expect(events.map(({ objectId }) => objectId)).toEqual(['11', '12', '13']);
    const organizations = await store.db.selectFrom('organizations').select('name').orderBy('id').execute();
    expect(organizations.map(({ name }) => name)).toEqual(['Acme', 'ACME (3)', 'acme  (4)']);
    await store.close();
  });

  test('sign-in names follow their users: changed, verified, unverified and removed ones', async () => {
    const store = await openTestStore(engine);
    const tenant = await seedTenant(store, 7, 1000);
    const names = async () =>
      (await store.db.selectFrom('signInNames').select('name').orderBy('name').execute()).map(
        ({ name }) => name,
      );
    const set = (columns: string) => store.engine.runScript(`update users set ${columns}`);
    const [login = ''] = await names();
    await set("email = 'a@example.com', email_canonical = 'a@example.com', is_email_verified = false");
    expect(await names()).toEqual([login]);
    await set('is_email_verified = true');
    expect(await names()).toEqual(['a@example.com', login].sort());
    await set("login_name_canonical = 'a@example.com'");
    expect(await names()).toEqual(['a@example.com']);
    await set("login_name_canonical = 'renamed', is_email_verified = false");
    expect(await names()).toEqual(['renamed']);
    await set("state = 'removed', login_name_canonical = 'removed:1'");
    expect(await names()).toEqual([]);
    expect(tenant.userId).toBe('75');
    await store.close();
  });
});
