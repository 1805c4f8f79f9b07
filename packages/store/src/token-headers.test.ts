import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createStore, openPglite } from './index.ts';

const folder = new URL('./migrations/', import.meta.url);

test('applications and machine users made before keep at+jwt, applications client_id in ID tokens; new ones do not', async () => {
  const opened = await openPglite({ dataDir: 'memory://', durable: 'unsafe-no-fsync' });
  await opened.runScript(
    'create table schema_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())',
  );
  for (const name of (await readdir(folder)).sort().filter((each) => each < '0010')) {
    const text = await readFile(new URL(name, folder), 'utf8');
    const sha256 = createHash('sha256').update(text).digest('hex');
    await opened.runScript(
      `${text}\ninsert into schema_migrations (name, sha256) values ('${name}', '${sha256}')`,
    );
  }
  const application = (id: string) => `insert into applications
    (instance_id, id, organization_id, project_id, name, type, client_id, auth_method, created_at_ms)
    values ('1', '${id}', '2', '3', 'App ${id}', 'web', 'client-${id}', 'none', 1);`;
  const user = (id: string, kind: string) => `insert into users
    (instance_id, id, organization_id, kind, login_name, login_name_canonical, display_name, created_at_ms, updated_at_ms)
    values ('1', '${id}', '2', '${kind}', '${kind}-${id}', '${kind}-${id}', '${id}', 1, 1);`;
  await opened.runScript(`insert into instances (id, name, created_at_ms) values ('1', 'I', 1);
    insert into organizations (instance_id, id, name, primary_domain, created_at_ms) values ('1', '2', 'Acme', 'acme.example', 1);
    insert into projects (instance_id, id, organization_id, name, created_at_ms) values ('1', '3', '2', 'Shop', 1);
    ${application('10')} ${user('20', 'machine')} ${user('21', 'human')}`);
  const store = createStore(opened);
  await store.migrate();
  await opened.runScript(`${application('11')} ${user('22', 'machine')}`);
  const applications = await store.db
    .selectFrom('applications')
    .select(['id', 'accessTokenJwtType', 'idTokenClientIdAssertion'])
    .orderBy('id')
    .execute();
  expect(applications.map((each) => Object.values(each))).toEqual([
    ['10', 'at+jwt', true],
    ['11', null, false],
  ]);
  const users = await store.db
    .selectFrom('users')
    .select(['id', 'accessTokenJwtType'])
    .orderBy('id')
    .execute();
  expect(users.map((each) => Object.values(each))).toEqual([
    ['20', 'at+jwt'],
    ['21', null],
    ['22', null],
  ]);
  const [instance] = await store.db.selectFrom('instances').select('accessTokenJwtType').execute();
  expect(instance).toEqual({ accessTokenJwtType: 'JWT' });
  await store.close();
});
