import { seedAuthorization, seedMachine, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

interface LoggedEvent {
  readonly type: string;
  readonly objectKind: string;
  readonly objectId: string;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

describe.each(engines)('what events tell on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  /** The events of some work, the oldest first. */
  async function eventsOf(work: () => Promise<unknown>): Promise<readonly LoggedEvent[]> {
    const read = async () => {
      const { data } = await world.owner.call('listEvents', { query: { limit: 200 } });
      return data.items as (LoggedEvent & { seq: string })[]; // cast: the answer was cut to its schema
    };
    const before = (await read()).length;
    await work();
    const after = await read();
    return after.slice(0, after.length - before).reverse();
  }

  test('every event of a change tells what was before and what is since', async () => {
    const { owner } = world;
    const { data: project } = await owner.call('createProject', {
      body: { name: 'Before', roles: [{ key: 'reader' }, { key: 'editor' }] },
    });
    const path = { projectId: String(project.id) };
    const person = await seedUser(world.server);
    const given = await owner.call('createAuthorization', {
      body: { userId: person.id, projectId: path.projectId, roleKeys: ['reader'] },
    });
    const grant = await owner.call('createProjectGrant', {
      path,
      body: { organizationId: world.otherOrganizationId, roleKeys: ['reader'] },
    });
    const manager = { userId: person.id };
    await owner.call('setInstanceManager', { path: manager, body: { roles: ['IAM_OWNER_VIEWER'] } });
    const organization = { organizationId: world.otherOrganizationId };
    const events = await eventsOf(async () => {
      await owner.call('updateInstance', { body: { name: 'Otherwise' } });
      await owner.call('updateInstanceSettings', { body: { lifetimes: { accessTokenSeconds: 601 } } });
      await owner.call('updateOrganization', { path: organization, body: { name: 'Other name' } });
      await owner.call('updateOrganizationSettings', {
        path: organization,
        body: { lockout: { freeAttempts: 4 } },
      });
      await owner.call('updateProject', { path, body: { name: 'After' } });
      await owner.call('updateRole', {
        path: { ...path, roleKey: 'reader' },
        body: { displayName: 'Reads' },
      });
      await owner.call('updateProjectGrant', {
        path: { ...path, grantId: String(grant.data.id) },
        body: { roleKeys: ['reader', 'editor'] },
      });
      await owner.call('updateUser', { path: manager, body: { displayName: 'Somebody else' } });
      await owner.call('updateAuthorization', {
        path: { authorizationId: String(given.data.id) },
        body: { roleKeys: ['editor'] },
      });
      await owner.call('setInstanceManager', { path: manager, body: { roles: ['IAM_USER_MANAGER'] } });
      await owner.call('removeInstanceManager', { path: manager });
      await owner.call('deactivateUser', { path: manager });
    });
    expect(events.map(({ type }) => type)).toEqual([
      'instance.renamed',
      'instance.settings.changed',
      'organization.changed',
      'organization.settings.changed',
      'project.changed',
      'project.role.changed',
      'project.grant.changed',
      'user.changed',
      'authorization.changed',
      'manager.set',
      'manager.removed',
      'user.state.changed',
    ]);
    for (const { type, detail } of events) {
      expect(detail, type).toMatchObject({ from: expect.anything(), to: expect.anything() });
      expect(detail?.from, type).not.toEqual(detail?.to);
    }
    expect(events.find(({ type }) => type === 'manager.set')?.detail).toEqual({
      userId: person.id,
      from: { roles: ['IAM_OWNER_VIEWER'] },
      to: { roles: ['IAM_USER_MANAGER'] },
    });
    expect(events[0]?.detail?.to).toEqual({ name: 'Otherwise' });
  });

  test('removeOrganization: what goes with it is told, each by its own event', async () => {
    const { owner } = world;
    const { data: organization } = await owner.call('createOrganization', {
      body: { name: 'Going', primaryDomain: 'going.example' },
    });
    const organizationId = String(organization.id);
    const { data: project } = await owner.call('createProject', {
      body: { name: 'Lent to who goes', roles: [{ key: 'reader' }] },
    });
    const grant = await owner.call('createProjectGrant', {
      path: { projectId: project.id },
      body: { organizationId, roleKeys: ['reader'] },
    });
    const grantId = String(grant.data.id);
    const person = await seedUser(world.server);
    const given = await owner.call('createAuthorization', {
      body: { userId: person.id, projectId: project.id, organizationId, roleKeys: ['reader'] },
    });
    const { id: userId } = await seedMachine(world.server);
    await owner.call('setOrganizationManager', {
      path: { organizationId, userId },
      body: { roles: ['ORG_OWNER'] },
    });
    const events = await eventsOf(() => owner.call('removeOrganization', { path: { organizationId } }));
    const told = events.map(({ type, objectId }) => [type, objectId]);
    expect(told).toEqual([
      ['organization.domain.removed', organizationId],
      ['manager.removed', organizationId],
      ['project.grant.removed', grantId],
      ['organization.state.changed', organizationId],
    ]);
    expect(events[1]?.detail).toMatchObject({ userId, from: { roles: ['ORG_OWNER'] } });
    expect(events[2]?.detail).toMatchObject({ projectId: project.id, authorizations: 1 });
    const path = { authorizationId: String(given.data.id) };
    expect(await owner.refused('getAuthorization', { path })).toMatchObject({ code: 'not-found' });
  });

  test('a role that is taken away from whoever has it tells how many had it', async () => {
    const { owner } = world;
    const { data: project } = await owner.call('createProject', {
      body: { name: 'With a role', roles: [{ key: 'reader' }] },
    });
    const projectId = String(project.id);
    const person = await seedUser(world.server);
    const { organizationId } = world.server;
    await seedAuthorization(world.server, {
      userId: person.id,
      project: { id: projectId, organizationId, roleKeys: ['reader'] },
      roleKeys: ['reader'],
    });
    const path = { projectId, roleKey: 'reader' };
    const [event] = await eventsOf(() => owner.call('removeRole', { path }));
    expect(event?.detail).toEqual({ key: 'reader', authorizations: 1, grants: 0 });
  });
});
