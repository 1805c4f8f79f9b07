import type { OperationId } from '@latchkey/contract';
import { seedMachine, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe.each(engines)('managers on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let projectId: string;
  let grantId: string;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    const project = await world.owner.call('createProject', {
      body: { name: 'Managed', roles: [{ key: 'reader' }] },
    });
    projectId = String(project.data.id);
    const grant = await world.owner.call('createProjectGrant', {
      path: { projectId },
      body: { organizationId: world.otherOrganizationId, roleKeys: ['reader'] },
    });
    grantId = String(grant.data.id);
  });
  afterAll(() => world.stop());

  const levels = () =>
    [
      { level: 'Instance', path: {}, role: 'IAM_OWNER_VIEWER', foreign: 'ORG_OWNER' },
      {
        level: 'Organization',
        path: { organizationId: world.otherOrganizationId },
        role: 'ORG_OWNER_VIEWER',
        foreign: 'IAM_OWNER',
      },
      { level: 'Project', path: { projectId }, role: 'PROJECT_OWNER', foreign: 'ORG_OWNER' },
      { level: 'ProjectGrant', path: { grantId }, role: 'PROJECT_GRANT_OWNER', foreign: 'PROJECT_OWNER' },
    ] as const;

  async function lifecycle(name: string): Promise<void> {
    const row = levels().find(({ level }) => level === name);
    if (row === undefined) throw new Error(`there is no level ${name}`);
    const id = (verb: string) => `${verb}${row.level}Manager` as OperationId; // cast: the table of operations has these names
    const list = `list${row.level}Managers` as OperationId; // cast: as above
    const { id: userId } = await seedMachine(world.server);
    const path = { ...row.path, userId };
    const { data } = await world.owner.call(id('set'), { path, body: { roles: [row.role, row.role] } });
    expect(data).toMatchObject({ userId, roles: [row.role], userState: 'active' });
    const all = (await world.owner.call(list, { path: row.path, query: { limit: 200 } })).data.items;
    expect(all).toContainEqual(expect.objectContaining({ userId, roles: [row.role] }));
    expect(await world.owner.refused(id('set'), { path, body: { roles: [row.foreign] } })).toMatchObject({
      code: 'invalid-input',
      errors: [{ pointer: '/roles/0' }],
    });
    const nobody = { path: { ...row.path, userId: '42' }, body: { roles: [row.role] } };
    expect(await world.owner.refused(id('set'), nobody)).toMatchObject({ code: 'not-found' });
    expect(await world.owner.refused(list, { path: row.path, query: { cursor: 'x' } })).toMatchObject({
      code: 'cursor-invalid',
    });
    await world.owner.call(id('remove'), { path });
    expect(await world.owner.refused(id('remove'), { path })).toMatchObject({ code: 'not-found' });
    const names = Object.keys(row.path);
    if (names.length === 0) return;
    const nowhere = { path: Object.fromEntries(names.map((each) => [each, '42'])) };
    expect(await world.owner.refused(list, nowhere)).toMatchObject({ code: 'not-found' });
  }

  test('setInstanceManager: 200, invalid-input, not-found', () => lifecycle('Instance'));
  test('listInstanceManagers: 200, cursor-invalid', () => lifecycle('Instance'));
  test('removeInstanceManager: 204, not-found', () => lifecycle('Instance'));
  test('setOrganizationManager: 200, invalid-input, not-found', () => lifecycle('Organization'));
  test('listOrganizationManagers: 200, not-found, cursor-invalid', () => lifecycle('Organization'));
  test('removeOrganizationManager: 204, not-found', () => lifecycle('Organization'));
  test('setProjectManager: 200, invalid-input, not-found', () => lifecycle('Project'));
  test('listProjectManagers: 200, not-found, cursor-invalid', () => lifecycle('Project'));
  test('removeProjectManager: 204, not-found', () => lifecycle('Project'));
  test('setProjectGrantManager: 200, invalid-input, not-found', () => lifecycle('ProjectGrant'));
  test('listProjectGrantManagers: 200, not-found, cursor-invalid', () => lifecycle('ProjectGrant'));
  test('removeProjectGrantManager: 204, not-found', () => lifecycle('ProjectGrant'));

  test('listMemberships: 200 for a manager and for oneself; not-found', async () => {
    const nobody = await world.callerWith([]);
    expect((await nobody.call('listMemberships', { path: { userId: nobody.userId } })).data.items).toEqual(
      [],
    );
    const path = { userId: world.owner.userId };
    expect((await world.owner.call('listMemberships', { path })).data.items).toMatchObject([
      { roles: ['IAM_OWNER'] },
    ]);
    expect(await nobody.refused('listMemberships', { path })).toMatchObject({ code: 'not-found' });
  });
});

describe.each(engines)('owners on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  test('setOrganizationManager: forbidden when the role allows more than the caller may', async () => {
    const at = { kind: 'organization', id: world.otherOrganizationId } as const;
    const owner = await world.callerWith(['ORG_OWNER'], at);
    const { id: userId, clientId: loginName } = await seedMachine(world.server);
    const path = { organizationId: world.otherOrganizationId, userId };
    const roles = ['ORG_ADMIN_IMPERSONATOR'];
    await owner.call('setOrganizationManager', { path, body: { roles, loginName } });
    const editor = await world.callerWith(['ORG_USER_MANAGER'], at);
    expect(
      await editor.refused('setOrganizationManager', { path, body: { roles: ['ORG_OWNER'] } }),
    ).toMatchObject({ code: 'forbidden' });
    expect(await editor.refused('removeOrganizationManager', { path })).toMatchObject({ code: 'forbidden' });
  });

  test('setInstanceManager: forbidden for IAM_OWNER_VIEWER; removeInstanceManager: forbidden too', async () => {
    const viewer = await world.callerWith(['IAM_OWNER_VIEWER']);
    const path = { userId: viewer.userId };
    expect(
      await viewer.refused('setInstanceManager', { path, body: { roles: ['IAM_OWNER'] } }),
    ).toMatchObject({ code: 'forbidden' });
    expect(
      await viewer.refused('removeInstanceManager', { path: { userId: world.owner.userId } }),
    ).toMatchObject({ code: 'forbidden' });
  });

  test('removeInstanceManager: forbidden for an organization manager who would remove an owner', async () => {
    const manager = await world.callerWith(['IAM_ORG_MANAGER']);
    expect(
      await manager.refused('removeInstanceManager', { path: { userId: world.owner.userId } }),
    ).toMatchObject({ code: 'forbidden' });
  });

  test('setProjectManager: forbidden and removeProjectManager: forbidden without the permission; grants alike', async () => {
    const { data } = await world.owner.call('createProject', { body: { name: 'Guarded' } });
    const viewer = await world.callerWith(['PROJECT_OWNER_VIEWER'], { kind: 'project', id: String(data.id) });
    const path = { projectId: data.id, userId: viewer.userId };
    expect(
      await viewer.refused('setProjectManager', { path, body: { roles: ['PROJECT_OWNER'] } }),
    ).toMatchObject({ code: 'forbidden' });
    expect(await viewer.refused('removeProjectManager', { path })).toMatchObject({ code: 'forbidden' });
  });

  test('removeOrganizationManager: forbidden for somebody whose roles allow less', async () => {
    const at = { kind: 'organization', id: world.otherOrganizationId } as const;
    const owner = await world.callerWith(['ORG_OWNER'], at);
    const viewer = await world.callerWith(['ORG_OWNER_VIEWER'], at);
    const path = { organizationId: world.otherOrganizationId, userId: owner.userId };
    expect(await viewer.refused('removeOrganizationManager', { path })).toMatchObject({ code: 'forbidden' });
  });

  async function lentProject(): Promise<string> {
    const { data } = await world.owner.call('createProject', {
      body: { name: `Lent ${Math.random()}`, roles: [{ key: 'reader' }] },
    });
    const grant = await world.owner.call('createProjectGrant', {
      path: { projectId: data.id },
      body: { organizationId: world.otherOrganizationId, roleKeys: ['reader'] },
    });
    return String(grant.data.id);
  }

  test('setProjectGrantManager: forbidden to a viewer of the grant', async () => {
    const grantId = await lentProject();
    const viewer = await world.callerWith(['PROJECT_GRANT_OWNER_VIEWER'], {
      kind: 'project-grant',
      id: grantId,
    });
    const set = { path: { grantId, userId: viewer.userId }, body: { roles: ['PROJECT_GRANT_OWNER'] } };
    expect(await viewer.refused('setProjectGrantManager', set)).toMatchObject({ code: 'forbidden' });
  });

  test('removeProjectGrantManager: forbidden to a viewer of the grant', async () => {
    const grantId = await lentProject();
    const viewer = await world.callerWith(['PROJECT_GRANT_OWNER_VIEWER'], {
      kind: 'project-grant',
      id: grantId,
    });
    const path = { grantId, userId: viewer.userId };
    expect(await viewer.refused('removeProjectGrantManager', { path })).toMatchObject({ code: 'forbidden' });
  });

  test('removeOrganizationManager: last-owner for the one who remains', async () => {
    const { data } = await world.owner.call('createOrganization', {
      body: { name: 'Owned by one', ownerUserId: world.owner.userId },
    });
    const path = { organizationId: data.id, userId: world.owner.userId };
    expect(await world.owner.refused('removeOrganizationManager', { path })).toMatchObject({
      code: 'last-owner',
    });
  });

  test('setInstanceManager: last-owner cannot become less', async () => {
    const other = await startManagementWorld('pglite');
    try {
      const { data } = await other.owner.call('listInstanceManagers', { query: { limit: 200 } });
      const all = data.items as { userId: string }[]; // cast: the answer was cut to its schema
      for (const { userId } of all)
        if (userId !== other.owner.userId)
          await other.owner.call('removeInstanceManager', { path: { userId } });
      const lower = { path: { userId: other.owner.userId }, body: { roles: ['IAM_OWNER_VIEWER'] } };
      expect(await other.owner.refused('setInstanceManager', lower)).toMatchObject({ code: 'last-owner' });
    } finally {
      await other.stop();
    }
  });

  test('removeProjectManager: forbidden to a viewer', async () => {
    const { data } = await world.owner.call('createProject', { body: { name: 'Guarded too' } });
    const viewer = await world.callerWith(['PROJECT_OWNER_VIEWER'], { kind: 'project', id: String(data.id) });
    const path = { projectId: data.id, userId: viewer.userId };
    expect(await viewer.refused('removeProjectManager', { path })).toMatchObject({ code: 'forbidden' });
  });

  test('setOrganizationManager: last-owner, 409, for the last owner of an organization', async () => {
    const { data } = await world.owner.call('createOrganization', {
      body: { name: 'Owned', ownerUserId: world.owner.userId },
    });
    const path = { organizationId: data.id, userId: world.owner.userId };
    const lower = { path, body: { roles: ['ORG_OWNER_VIEWER'] } };
    expect(await world.owner.refused('setOrganizationManager', lower)).toMatchObject({
      status: 409,
      code: 'last-owner',
    });
    expect(await world.owner.refused('removeOrganizationManager', { path })).toMatchObject({
      status: 409,
      code: 'last-owner',
    });
    const { id: userId } = await seedMachine(world.server);
    await world.owner.call('setOrganizationManager', {
      path: { ...path, userId },
      body: { roles: ['ORG_OWNER'] },
    });
    await world.owner.call('removeOrganizationManager', { path });
  });

  test('the event of a change of manager roles tells those before and after', async () => {
    const user = await seedUser(world.server);
    const path = { userId: user.id };
    await world.owner.call('setInstanceManager', { path, body: { roles: ['IAM_OWNER_VIEWER'] } });
    await world.owner.call('setInstanceManager', { path, body: { roles: ['IAM_USER_MANAGER'] } });
    await world.owner.call('removeInstanceManager', { path });
    const { data } = await world.owner.call('listEvents', { query: { limit: 10 } });
    const events = data.items as { type: string; detail: unknown }[]; // cast: the answer was cut to its schema
    expect(
      events
        .filter(({ type }) => type.startsWith('manager.'))
        .slice(0, 3)
        .map(({ detail }) => detail),
    ).toEqual([
      { userId: user.id, from: { roles: ['IAM_USER_MANAGER'] }, to: { roles: [] } },
      { userId: user.id, from: { roles: ['IAM_OWNER_VIEWER'] }, to: { roles: ['IAM_USER_MANAGER'] } },
      { userId: user.id, from: { roles: [] }, to: { roles: ['IAM_OWNER_VIEWER'] } },
    ]);
  });

  test('removeInstanceManager: last-owner: of two who remove each other at the same time one stays', async () => {
    const { data } = await world.owner.call('listInstanceManagers', { query: { limit: 200 } });
    const all = data.items as { userId: string; roles: string[] }[]; // cast: the answer was cut to its schema
    const rival = await world.callerWith(['IAM_OWNER']);
    for (const { userId, roles } of all)
      if (roles.includes('IAM_OWNER') && userId !== world.owner.userId)
        await world.owner.call('removeInstanceManager', { path: { userId } });
    const [first, second] = await Promise.all([
      world.owner.send('DELETE', `/instance/managers/${rival.userId}`),
      rival.send('DELETE', `/instance/managers/${world.owner.userId}`),
    ]);
    expect([first?.status, second?.status].filter((status) => status === 204)).toHaveLength(1);
    const last = first?.status === 204 ? world.owner : rival;
    expect(await last.refused('removeInstanceManager', { path: { userId: last.userId } })).toMatchObject({
      code: 'last-owner',
    });
    const lower = { path: { userId: last.userId }, body: { roles: ['IAM_OWNER_VIEWER'] } };
    expect(await last.refused('setInstanceManager', lower)).toMatchObject({ code: 'last-owner' });
  });
});
