import { seedApplication, seedAuthorization, seedUser, setState } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, introspect, tokensFor } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const rolesClaim = 'urn:zitadel:iam:org:project:roles';

describe.each(engines)('roles and project grants through the management API on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let systemProjectId: string;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    const { data } = await world.owner.call('listProjects', { query: { search: 'latchkey' } });
    systemProjectId = (data.items as { id: string }[])[0]?.id ?? ''; // cast: the answer was cut to its schema
  });
  afterAll(() => world.stop());

  let count = 0;
  const create = async (...keys: string[]): Promise<string> => {
    count += 1;
    const roles = keys.map((key) => ({ key, displayName: `The ${key}` }));
    const { data } = await world.owner.call('createProject', {
      body: { name: `Project ${count}`, roleAssertion: true, roles },
    });
    return String(data.id);
  };
  const grant = async (projectId: string, ...roleKeys: string[]): Promise<string> => {
    const { data } = await world.owner.call('createProjectGrant', {
      path: { projectId },
      body: { organizationId: world.otherOrganizationId, roleKeys },
    });
    return String(data.id);
  };
  const authorizeThrough = async (projectId: string, grantId: string, roleKeys: string[]) => {
    const { server, otherOrganizationId: organizationId } = world;
    const user = await seedUser(server, { organizationId, displayName: 'Grace' });
    const project = { id: projectId, organizationId: server.organizationId, roleKeys };
    const id = await seedAuthorization(server, { userId: user.id, project, organizationId, roleKeys });
    await server.store.db
      .updateTable('authorizations')
      .set({ projectGrantId: grantId })
      .where('id', '=', id)
      .execute();
    // The rows above were written past the log; a change of state makes every cache read them.
    await setState(server, 'authorization', id, 'inactive');
    await setState(server, 'authorization', id, 'active');
    const spa = await seedApplication(server, project, { type: 'user_agent' });
    const api = await seedApplication(server, project, { type: 'api' });
    return {
      id,
      roles: async (): Promise<readonly string[]> => {
        const { accessToken } = await tokensFor(server, spa, user, `openid ${rolesClaim}`);
        const answer = await introspect(server, api, accessToken);
        return Object.keys((answer[rolesClaim] ?? {}) as object).sort(); // cast: the claim is an object when it is there
      },
    };
  };
  const keysOf = (data: Record<string, unknown>): readonly string[] =>
    (data.items as { key: string }[]).map(({ key }) => key); // cast: the answer was cut to its schema

  test('createRole: 201 with display name and group; the key stands in for the name', async () => {
    const path = { projectId: await create() };
    const full = await world.owner.call('createRole', {
      path,
      body: { key: 'editor', displayName: 'Editor', group: 'Staff' },
    });
    expect(full.data).toEqual({ key: 'editor', displayName: 'Editor', group: 'Staff' });
    const short = await world.owner.call('createRole', { path, body: { key: 'ns:reader' } });
    expect(short.data).toEqual({ key: 'ns:reader', displayName: 'ns:reader', group: null });
  });

  test('createRole: 409 already-exists, 400 invalid-input, 404 not-found', async () => {
    const path = { projectId: await create('a') };
    expect((await world.owner.refused('createRole', { path, body: { key: 'a' } })).code).toBe(
      'already-exists',
    );
    for (const key of ['', 'a b', 'a\tb', 'a\u0000', 'x'.repeat(101)]) {
      expect((await world.owner.refused('createRole', { path, body: { key } })).code).toBe('invalid-input');
    }
    const nowhere = await world.owner.refused('createRole', { path: { projectId: '1' }, body: { key: 'a' } });
    expect(nowhere.code).toBe('not-found');
  });

  test('listRoles: 200 in pages by key, searched in key, name and group', async () => {
    const path = { projectId: await create('c', 'a', 'd', 'b') };
    await world.owner.call('createRole', { path, body: { key: 'z', group: 'Ledger' } });
    const first = await world.owner.call('listRoles', { path, query: { limit: 3 } });
    expect(keysOf(first.data)).toEqual(['a', 'b', 'c']);
    const second = await world.owner.call('listRoles', {
      path,
      query: { limit: 3, cursor: first.data.nextCursor },
    });
    expect(keysOf(second.data)).toEqual(['d', 'z']);
    expect(second.data.nextCursor).toBeUndefined();
    expect(keysOf((await world.owner.call('listRoles', { path, query: { search: 'LEDG' } })).data)).toEqual([
      'z',
    ]);
  });

  test('listRoles: 404 not-found, 400 cursor-invalid', async () => {
    expect((await world.owner.refused('listRoles', { path: { projectId: '1' } })).code).toBe('not-found');
    const problem = await world.owner.refused('listRoles', {
      path: { projectId: await create() },
      query: { cursor: 'made.up' },
    });
    expect(problem.code).toBe('cursor-invalid');
  });

  test('updateRole: 200 renames and takes out of its group', async () => {
    const projectId = await create('a');
    const path = { projectId, roleKey: 'a' };
    const named = await world.owner.call('updateRole', {
      path,
      body: { displayName: 'First', group: 'Some' },
    });
    expect(named.data).toEqual({ key: 'a', displayName: 'First', group: 'Some' });
    const cleared = await world.owner.call('updateRole', { path, body: { group: null } });
    expect(cleared.data).toEqual({ key: 'a', displayName: 'First', group: null });
  });

  test('updateRole: 404 not-found, 400 invalid-input', async () => {
    const projectId = await create('a');
    const missing = { path: { projectId, roleKey: 'b' }, body: { displayName: 'B' } };
    expect((await world.owner.refused('updateRole', missing)).code).toBe('not-found');
    const wrong = { path: { projectId, roleKey: 'a' }, body: { displayName: '' } };
    expect((await world.owner.refused('updateRole', wrong)).code).toBe('invalid-input');
  });

  test('removeRole: 204 takes it from everybody at once, and from grants; the event counts them', async () => {
    const projectId = await create('a', 'b');
    const grantId = await grant(projectId, 'a', 'b');
    const person = await authorizeThrough(projectId, grantId, ['a', 'b']);
    expect(await person.roles()).toEqual(['a', 'b']);
    await world.owner.call('removeRole', { path: { projectId, roleKey: 'a' } });
    expect(await person.roles()).toEqual(['b']);
    const { data } = await world.owner.call('getProjectGrant', { path: { projectId, grantId } });
    expect(data.roleKeys).toEqual(['b']);
    const event = await world.server.store.db
      .selectFrom('events')
      .select('detail')
      .where('type', '=', 'project.role.removed')
      .where('objectId', '=', projectId)
      .executeTakeFirstOrThrow();
    expect(event.detail).toEqual({ key: 'a', authorizations: 1, grants: 1 });
  });

  test('removeRole: 404 not-found, also for a role of another project', async () => {
    const projectId = await create();
    await create('elsewhere');
    for (const path of [
      { projectId, roleKey: 'elsewhere' },
      { projectId: '1', roleKey: 'a' },
    ])
      expect((await world.owner.refused('removeRole', { path })).code).toBe('not-found');
  });

  test('createProjectGrant: 201 with some of the roles', async () => {
    const projectId = await create('a', 'b');
    const { data } = await world.owner.call('createProjectGrant', {
      path: { projectId },
      body: { organizationId: world.otherOrganizationId, roleKeys: ['b', 'b'] },
    });
    expect(data).toMatchObject({
      projectId,
      organizationId: world.otherOrganizationId,
      roleKeys: ['b'],
      state: 'active',
    });
  });

  test('createProjectGrant: 409 already-exists, 400 invalid-input, 404 not-found, 409 conflict', async () => {
    const projectId = await create('a');
    await grant(projectId);
    const organizationId = world.otherOrganizationId;
    const refused = (path: object, body: object) =>
      world.owner.refused('createProjectGrant', { path: { ...path }, body });
    expect((await refused({ projectId }, { organizationId })).code).toBe('already-exists');
    const unknown = await refused({ projectId: await create('a') }, { organizationId, roleKeys: ['a', 'x'] });
    expect(unknown).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/roleKeys/1' }] });
    expect((await refused({ projectId: '1' }, { organizationId })).code).toBe('not-found');
    expect((await refused({ projectId }, { organizationId: '1' })).code).toBe('not-found');
    const own = { organizationId: world.server.organizationId };
    expect((await refused({ projectId }, own)).code).toBe('conflict');
    expect((await refused({ projectId: systemProjectId }, { organizationId })).code).toBe('conflict');
  });

  test('listProjectGrants: 200 narrowed by state and organization', async () => {
    const projectId = await create();
    const grantId = await grant(projectId);
    const list = async (query: object): Promise<unknown> => {
      const { data } = await world.owner.call('listProjectGrants', {
        path: { projectId },
        query: { ...query },
      });
      return (data.items as { id: string }[]).map(({ id }) => id); // cast: the answer was cut to its schema
    };
    expect(await list({})).toEqual([grantId]);
    expect(await list({ state: 'active', organizationId: world.otherOrganizationId })).toEqual([grantId]);
    expect(await list({ state: 'inactive' })).toEqual([]);
    expect(await list({ organizationId: world.server.organizationId })).toEqual([]);
  });

  test('listProjectGrants: 404 not-found, 400 cursor-invalid', async () => {
    const none = { path: { projectId: '1' } };
    expect((await world.owner.refused('listProjectGrants', none)).code).toBe('not-found');
    const wrong = { path: { projectId: await create() }, query: { cursor: 'made.up' } };
    expect((await world.owner.refused('listProjectGrants', wrong)).code).toBe('cursor-invalid');
  });

  test('getProjectGrant: 200; 404 not-found for one of another project', async () => {
    const projectId = await create('a');
    const grantId = await grant(projectId, 'a');
    const { data } = await world.owner.call('getProjectGrant', { path: { projectId, grantId } });
    expect(data).toMatchObject({ id: grantId, roleKeys: ['a'] });
    const other = { path: { projectId: await create(), grantId } };
    expect((await world.owner.refused('getProjectGrant', other)).code).toBe('not-found');
  });

  test('getProjectGrant: 200 for its PROJECT_GRANT_OWNER', async () => {
    const projectId = await create('a');
    const grantId = await grant(projectId, 'a');
    const at = { kind: 'project-grant', id: grantId, organizationId: world.otherOrganizationId } as const;
    const caller = await world.callerWith(['PROJECT_GRANT_OWNER'], at);
    const path = { projectId, grantId };
    expect((await caller.call('getProjectGrant', { path })).data.id).toBe(grantId);
    const refused = await caller.refused('updateProjectGrant', { path, body: { roleKeys: [] } });
    expect(refused.code).toBe('forbidden');
  });

  test('updateProjectGrant: 200 narrowing takes roles from those who have them through it', async () => {
    const projectId = await create('a', 'b');
    const grantId = await grant(projectId, 'a', 'b');
    const person = await authorizeThrough(projectId, grantId, ['a', 'b']);
    const path = { projectId, grantId };
    const { data } = await world.owner.call('updateProjectGrant', { path, body: { roleKeys: ['b'] } });
    expect(data.roleKeys).toEqual(['b']);
    expect(await person.roles()).toEqual(['b']);
    // Widening it again gives nothing back by itself.
    await world.owner.call('updateProjectGrant', { path, body: { roleKeys: ['a', 'b'] } });
    expect(await person.roles()).toEqual(['b']);
  });

  test('updateProjectGrant: 404 not-found, 400 invalid-input, 412 stale-version', async () => {
    const projectId = await create('a');
    const path = { projectId, grantId: await grant(projectId) };
    const none = { path: { projectId, grantId: '1' }, body: { roleKeys: [] } };
    expect((await world.owner.refused('updateProjectGrant', none)).code).toBe('not-found');
    const unknown = await world.owner.refused('updateProjectGrant', { path, body: { roleKeys: ['x'] } });
    expect(unknown).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/roleKeys/0' }] });
    const stale = { path, body: { roleKeys: ['a'] }, ifMatch: '"other"' };
    expect((await world.owner.refused('updateProjectGrant', stale)).code).toBe('stale-version');
  });

  test('deactivateProjectGrant: 200 takes its roles until activateProjectGrant: 200 gives them back', async () => {
    const projectId = await create('a');
    const path = { projectId, grantId: await grant(projectId, 'a') };
    const person = await authorizeThrough(projectId, path.grantId, ['a']);
    expect((await world.owner.call('deactivateProjectGrant', { path })).data.state).toBe('inactive');
    expect(await person.roles()).toEqual([]);
    expect((await world.owner.call('deactivateProjectGrant', { path })).data.state).toBe('inactive');
    expect((await world.owner.call('activateProjectGrant', { path })).data.state).toBe('active');
    expect(await person.roles()).toEqual(['a']);
  });

  test('activateProjectGrant: 200 of an active one changes nothing; 404 not-found', async () => {
    const projectId = await create();
    const path = { projectId, grantId: await grant(projectId) };
    expect((await world.owner.call('activateProjectGrant', { path })).data.state).toBe('active');
    const none = { path: { projectId, grantId: '1' } };
    expect((await world.owner.refused('activateProjectGrant', none)).code).toBe('not-found');
  });

  test('deactivateProjectGrant: 404 not-found', async () => {
    const none = { path: { projectId: await create(), grantId: '1' } };
    expect((await world.owner.refused('deactivateProjectGrant', none)).code).toBe('not-found');
  });

  test('removeProjectGrant: 204; the project may be granted again', async () => {
    const projectId = await create();
    const path = { projectId, grantId: await grant(projectId) };
    await world.owner.call('removeProjectGrant', { path });
    expect((await world.owner.refused('getProjectGrant', { path })).code).toBe('not-found');
    expect(await grant(projectId)).not.toBe(path.grantId);
  });

  test('removeProjectGrant: 409 has-dependents while somebody has roles through it, unless it cascades', async () => {
    const projectId = await create('a');
    const path = { projectId, grantId: await grant(projectId, 'a') };
    const person = await authorizeThrough(projectId, path.grantId, ['a']);
    expect(await world.owner.refused('removeProjectGrant', { path })).toMatchObject({
      code: 'has-dependents',
      dependents: [{ kind: 'authorization', count: 1, names: ['Grace'] }],
    });
    expect(await person.roles()).toEqual(['a']);
    await world.owner.call('removeProjectGrant', { path, query: { cascade: true } });
    expect(await person.roles()).toEqual([]);
  });

  test('removeProjectGrant: 404 not-found', async () => {
    const none = { path: { projectId: await create(), grantId: '1' } };
    expect((await world.owner.refused('removeProjectGrant', none)).code).toBe('not-found');
  });

  test('listGrantedProjects: 200 for the organization that was granted them, with the roles it may give', async () => {
    const projectId = await create('a', 'b');
    const grantId = await grant(projectId, 'a');
    const manager = await world.callerWith(['ORG_OWNER'], {
      kind: 'organization',
      id: world.otherOrganizationId,
      organizationId: world.otherOrganizationId,
    });
    const { data } = await manager.call('listGrantedProjects', {
      path: { organizationId: world.otherOrganizationId },
      query: { limit: 200 },
    });
    expect(data.items).toContainEqual(
      expect.objectContaining({
        grantId,
        projectId,
        ownerOrganizationId: world.server.organizationId,
        roles: [{ key: 'a', displayName: 'The a', group: null }],
        state: 'active',
      }),
    );
  });

  test('listGrantedProjects: 404 not-found, 400 cursor-invalid', async () => {
    const none = { path: { organizationId: '1' } };
    expect((await world.owner.refused('listGrantedProjects', none)).code).toBe('not-found');
    const wrong = { path: { organizationId: world.otherOrganizationId }, query: { cursor: 'made.up' } };
    expect((await world.owner.refused('listGrantedProjects', wrong)).code).toBe('cursor-invalid');
  });
});
