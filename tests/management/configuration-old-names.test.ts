import { seedApplication, seedProject, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

// A mark that turns the direction of the text after it, which names may no longer have.
const old = 'Old\u202e name';

describe('configuration with names that were stored before the rule for names', () => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    const { server, owner } = world;
    const project = await seedProject(server, { roleKeys: ['reader'] });
    await seedApplication(server, project, { type: 'web', contacts: [old] });
    const user = await seedUser(server);
    const { id: userId } = user;
    await owner.call('setUserMetadata', { path: { userId, key: 'crm' }, body: { value: 'MTIz' } });
    await owner.call('createAuthorization', {
      body: { userId, projectId: project.id, roleKeys: ['reader'] },
    });
    await owner.call('createProjectGrant', {
      path: { projectId: project.id },
      body: { organizationId: world.otherOrganizationId, roleKeys: ['reader'] },
    });
    const { db } = server.store;
    await db
      .updateTable('organizations')
      .set({ name: old })
      .where('id', '=', world.otherOrganizationId)
      .execute();
    await db.updateTable('instances').set({ name: old }).execute();
    await db.updateTable('projects').set({ name: old }).where('id', '=', project.id).execute();
    await db.updateTable('applications').set({ name: old }).where('projectId', '=', project.id).execute();
    await db.updateTable('roles').set({ displayName: old, groupName: old }).execute();
    await db
      .updateTable('users')
      .set({ displayName: old, givenName: old, nickname: old, loginName: `${old}@example.com` })
      .where('id', '=', userId)
      .execute();
    await db.updateTable('userMetadata').set({ key: old }).execute();
    server.clock.advance(60_000);
  });
  afterAll(() => world?.stop());

  test('exportConfiguration: 200 with every name as it is stored', async () => {
    const { data } = await world.owner.call('exportConfiguration');
    const text = JSON.stringify(data);
    expect(text.split(old).length - 1).toBeGreaterThanOrEqual(10);
  });

  test('planConfiguration: invalid-input names each such name by its path', async () => {
    const { data } = await world.owner.call('exportConfiguration');
    const { errors } = await world.owner.refused('planConfiguration', { body: data });
    const pointers = (errors ?? []).map(({ pointer }) => pointer);
    expect(pointers).toEqual([
      '/instance/name',
      '/users/0/givenName',
      '/users/0/nickname',
      '/users/0/loginName',
      '/users/0/displayName',
      `/users/0/metadata/${old}`,
      '/projects/0/name',
      '/projects/0/roles/0/displayName',
      '/projects/0/roles/0/group',
      '/projects/0/applications/0/name',
      '/projects/0/grants/0/organization',
      '/projects/0/authorizations/0/user',
      '/organizations/0/name',
    ]);
  });
});
