import {
  type SeededProject,
  seedApplication,
  seedAuthorization,
  seedProject,
  seedUser,
  setState,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, introspect, tokensFor } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe.each(engines)('projects through the management API on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let systemProjectId: string;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    const { data } = await world.owner.call('listProjects', { query: { search: 'latchkey' } });
    systemProjectId = idsOf(data)[0] ?? '';
  });
  afterAll(() => world.stop());

  const idsOf = (data: Record<string, unknown>): readonly string[] =>
    (data.items as { id: string }[]).map(({ id }) => id); // cast: the answer was cut to its schema
  const namesOf = (data: Record<string, unknown>): readonly string[] =>
    (data.items as { name: string }[]).map(({ name }) => name); // cast: the answer was cut to its schema
  const create = async (name: string, more: object = {}): Promise<string> => {
    const { data } = await world.owner.call('createProject', { body: { name, ...more } });
    return String(data.id);
  };
  const asSeeded = (id: string): SeededProject => ({
    id,
    organizationId: world.server.organizationId,
    roleKeys: [],
  });
  const none = { path: { projectId: '1' } };

  test('createProject: 201 in the own organization, with roles, and the event tells who made it', async () => {
    const { data } = await world.owner.call('createProject', {
      body: {
        name: 'Shop',
        roleAssertion: true,
        roles: [{ key: 'editor', displayName: 'Editor', group: 'Staff' }, { key: 'reader' }],
      },
    });
    expect(data).toMatchObject({
      name: 'Shop',
      organizationId: world.server.organizationId,
      state: 'active',
      roleAssertion: true,
      roleCheck: false,
      hasProjectCheck: false,
      isSystem: false,
      applicationCount: 0,
      roleCount: 2,
      grantCount: 0,
    });
    const roles = await world.owner.call('listRoles', { path: { projectId: data.id } });
    expect(roles.data.items).toEqual([
      { key: 'editor', displayName: 'Editor', group: 'Staff' },
      { key: 'reader', displayName: 'reader', group: null },
    ]);
    const event = await world.server.store.db
      .selectFrom('events')
      .select(['actorId', 'organizationId'])
      .where('type', '=', 'project.created')
      .where('objectId', '=', String(data.id))
      .executeTakeFirstOrThrow();
    expect(event).toEqual({ actorId: world.owner.userId, organizationId: world.server.organizationId });
  });

  test('createProject: 201 in another organization for whoever manages that', async () => {
    const { data } = await world.owner.call('createProject', {
      body: { organizationId: world.otherOrganizationId, name: 'Shop' },
    });
    expect(data.organizationId).toBe(world.otherOrganizationId);
  });

  test('createProject: 201 makes an ORG_PROJECT_CREATOR the owner of what they make, and of nothing else', async () => {
    const at = { kind: 'organization', id: world.server.organizationId } as const;
    const creator = await world.callerWith(['ORG_PROJECT_CREATOR'], at);
    const { data } = await creator.call('createProject', { body: { name: 'Mine' } });
    const changed = await creator.call('updateProject', {
      path: { projectId: data.id },
      body: { roleCheck: true },
    });
    expect(changed.data.roleCheck).toBe(true);
    expect((await creator.refused('getProject', { path: { projectId: systemProjectId } })).code).toBe(
      'forbidden',
    );
    expect(namesOf((await creator.call('listProjects')).data)).toEqual(['Mine']);
  });

  test('createProject: 409 already-exists, 400 invalid-input for roles there twice, 404 not-found for the organization', async () => {
    await create('Taken');
    const taken = await world.owner.refused('createProject', { body: { name: 'Taken' } });
    expect(taken).toMatchObject({ status: 409, code: 'already-exists', errors: [{ pointer: '/name' }] });
    const twice = await world.owner.refused('createProject', {
      body: { name: 'Twice', roles: [{ key: 'a' }, { key: 'a' }] },
    });
    expect(twice).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/roles/1/key' }] });
    const spaced = await world.owner.refused('createProject', {
      body: { name: 'Spaced', roles: [{ key: 'a b' }] },
    });
    expect(spaced).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/roles/0/key' }] });
    const nowhere = await world.owner.refused('createProject', {
      body: { organizationId: '1', name: 'Nowhere' },
    });
    expect(nowhere).toMatchObject({ status: 404, code: 'not-found' });
  });

  test('createProject: 201 for one of ten who want the same name at once, 409 already-exists for the others', async () => {
    const wanted = Array.from({ length: 10 }, () =>
      world.owner.send('POST', '/projects', { body: { name: 'Race' } }),
    );
    const statuses = (await Promise.all(wanted)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  test('listProjects: 200 pages by name and by age, both ways, without gaps or repetitions', async () => {
    const made = ['page b', 'Page A', 'page d', 'page C'];
    for (const name of made) await create(name);
    const walk = async (sort: string): Promise<readonly string[]> => {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const { data } = await world.owner.call('listProjects', {
          query: { limit: 3, sort, search: 'PAGE', ...(cursor === undefined ? {} : { cursor }) },
        });
        names.push(...namesOf(data));
        cursor = typeof data.nextCursor === 'string' ? data.nextCursor : undefined;
      } while (cursor !== undefined);
      return names;
    };
    expect(await walk('name')).toEqual(['Page A', 'page b', 'page C', 'page d']);
    expect(await walk('-name')).toEqual(['page d', 'page C', 'page b', 'Page A']);
    expect(await walk('createdAt')).toEqual(made);
    expect(await walk('-createdAt')).toEqual([...made].reverse());
  });

  test('listProjects: 200 narrows by organization and state, and a search is no pattern', async () => {
    const id = await create('100% wool');
    await world.owner.call('deactivateProject', { path: { projectId: id } });
    const found = await world.owner.call('listProjects', { query: { search: '100%', state: 'inactive' } });
    expect(idsOf(found.data)).toEqual([id]);
    const pattern = await world.owner.call('listProjects', { query: { search: '1%wool' } });
    expect(pattern.data.items).toEqual([]);
    const elsewhere = await world.owner.call('listProjects', {
      query: { search: '100%', organizationId: world.otherOrganizationId },
    });
    expect(elsewhere.data.items).toEqual([]);
  });

  test('listProjects: 200 shows managers of an organization or project theirs alone', async () => {
    const there = await world.owner.call('createProject', {
      body: { organizationId: world.otherOrganizationId, name: 'Reach' },
    });
    const here = await create('Reach');
    const ofOther = await world.callerWith(['ORG_OWNER'], {
      kind: 'organization',
      id: world.otherOrganizationId,
    });
    const ofProject = await world.callerWith(['PROJECT_OWNER_VIEWER'], { kind: 'project', id: here });
    const query = { search: 'Reach' };
    expect(idsOf((await ofOther.call('listProjects', { query })).data)).toEqual([there.data.id]);
    expect(idsOf((await ofProject.call('listProjects', { query })).data)).toEqual([here]);
    const nobody = await world.callerWith([]);
    expect((await nobody.call('listProjects', { query })).data.items).toEqual([]);
  });

  test('listProjects: 400 cursor-invalid for a cursor of another search', async () => {
    const { data } = await world.owner.call('listProjects', { query: { limit: 1 } });
    const problem = await world.owner.refused('listProjects', {
      query: { limit: 1, search: 'x', cursor: data.nextCursor },
    });
    expect(problem.code).toBe('cursor-invalid');
  });

  test('getProject: 200 with counts; the project of Latchkey itself says so', async () => {
    const id = await create('Counted', { roles: [{ key: 'a' }] });
    await seedApplication(world.server, asSeeded(id), { type: 'api' });
    await world.owner.call('createProjectGrant', {
      path: { projectId: id },
      body: { organizationId: world.otherOrganizationId },
    });
    const { data, etag } = await world.owner.call('getProject', { path: { projectId: id } });
    expect(data).toMatchObject({ applicationCount: 1, roleCount: 1, grantCount: 1 });
    expect(etag).toMatch(/^"/);
    const own = await world.owner.call('getProject', { path: { projectId: systemProjectId } });
    expect(own.data).toMatchObject({ isSystem: true, name: 'Latchkey', applicationCount: 2 });
  });

  test('getProject: 404 not-found', async () => {
    expect((await world.owner.refused('getProject', none)).code).toBe('not-found');
  });

  test('updateProject: 200 changes only what is given, and the event has old and new values', async () => {
    const projectId = await create('Before', { roleAssertion: true });
    const { data } = await world.owner.call('updateProject', {
      path: { projectId },
      body: { name: 'After', hasProjectCheck: true },
    });
    expect(data).toMatchObject({ name: 'After', roleAssertion: true, hasProjectCheck: true });
    const event = await world.server.store.db
      .selectFrom('events')
      .select('detail')
      .where('type', '=', 'project.changed')
      .where('objectId', '=', projectId)
      .executeTakeFirstOrThrow();
    expect(event.detail).toEqual({
      from: { name: 'Before', hasProjectCheck: false },
      to: { name: 'After', hasProjectCheck: true },
    });
  });

  test('updateProject: 404 not-found, 409 already-exists, 400 invalid-input', async () => {
    const projectId = await create('Renamed');
    await create('Neighbour');
    expect((await world.owner.refused('updateProject', { ...none, body: { name: 'x' } })).code).toBe(
      'not-found',
    );
    const path = { projectId };
    const taken = await world.owner.refused('updateProject', { path, body: { name: 'Neighbour' } });
    expect(taken.code).toBe('already-exists');
    const wrong = await world.owner.refused('updateProject', { path, body: { roleCheck: 'yes' } });
    expect(wrong.code).toBe('invalid-input');
    const same = await world.owner.call('updateProject', { path, body: { name: 'Renamed' } });
    expect(same.data.name).toBe('Renamed');
  });

  test('updateProject: 412 stale-version for an ETag of before', async () => {
    const path = { projectId: await create('Versions') };
    const { etag = '' } = await world.owner.call('getProject', { path });
    await world.owner.call('updateProject', { path, body: { roleCheck: true }, ifMatch: etag });
    const stale = await world.owner.refused('updateProject', {
      path,
      body: { roleCheck: false },
      ifMatch: etag,
    });
    expect(stale.code).toBe('stale-version');
    expect((await world.owner.call('getProject', { path })).data.roleCheck).toBe(true);
  });

  test('updateProject: 200 of roleCheck ends the token of somebody without an authorization', async () => {
    const projectId = await create('Checked');
    const spa = await seedApplication(world.server, asSeeded(projectId), { type: 'user_agent' });
    const api = await seedApplication(world.server, asSeeded(projectId), { type: 'api' });
    const user = await seedUser(world.server);
    const { accessToken } = await tokensFor(world.server, spa, user);
    expect(await introspect(world.server, api, accessToken)).toMatchObject({ active: true });
    await world.owner.call('updateProject', { path: { projectId }, body: { roleCheck: true } });
    expect(await introspect(world.server, api, accessToken)).toEqual({ active: false });
  });

  test('deactivateProject: 200 ends its tokens; activateProject: 200 lets people sign in again', async () => {
    const projectId = await create('Paused');
    const spa = await seedApplication(world.server, asSeeded(projectId), { type: 'user_agent' });
    const api = await seedApplication(world.server, asSeeded(projectId), { type: 'api' });
    const user = await seedUser(world.server);
    const { accessToken } = await tokensFor(world.server, spa, user);
    const path = { projectId };
    expect((await world.owner.call('deactivateProject', { path })).data.state).toBe('inactive');
    expect((await world.owner.call('deactivateProject', { path })).data.state).toBe('inactive');
    expect((await world.owner.call('activateProject', { path })).data.state).toBe('active');
    expect(await introspect(world.server, api, accessToken)).toEqual({ active: false });
    const again = await tokensFor(world.server, spa, user);
    expect(await introspect(world.server, api, again.accessToken)).toMatchObject({ active: true });
  });

  test('activateProject: 200 of an active one changes nothing', async () => {
    const path = { projectId: await create('Active') };
    expect((await world.owner.call('activateProject', { path })).data.state).toBe('active');
  });

  test('activateProject: 404 not-found, 409 conflict for the project of Latchkey', async () => {
    expect((await world.owner.refused('activateProject', none)).code).toBe('not-found');
    const path = { projectId: systemProjectId };
    expect((await world.owner.refused('activateProject', { path })).code).toBe('conflict');
  });

  test('deactivateProject: 404 not-found, 409 conflict for the project of Latchkey', async () => {
    expect((await world.owner.refused('deactivateProject', none)).code).toBe('not-found');
    const path = { projectId: systemProjectId };
    expect((await world.owner.refused('deactivateProject', { path })).code).toBe('conflict');
  });

  test('updateProject: 409 conflict and createRole: 409 conflict for the project of Latchkey', async () => {
    const path = { projectId: systemProjectId };
    expect((await world.owner.refused('updateProject', { path, body: { name: 'Ours' } })).code).toBe(
      'conflict',
    );
    expect((await world.owner.refused('createRole', { path, body: { key: 'a' } })).code).toBe('conflict');
  });

  test('createRole: 409 conflict for the project of Latchkey', async () => {
    const path = { projectId: systemProjectId };
    expect((await world.owner.refused('createRole', { path, body: { key: 'b' } })).code).toBe('conflict');
  });

  test('removeProject: 204 of an empty one, whose name is free then', async () => {
    const path = { projectId: await create('Gone') };
    await world.owner.call('removeProject', { path });
    expect((await world.owner.refused('getProject', { path })).code).toBe('not-found');
    expect(await create('Gone')).not.toBe(path.projectId);
  });

  test('removeProject: 409 has-dependents tells what there is; with cascade all of it goes and tokens end', async () => {
    const projectId = await create('Full', { roles: [{ key: 'a' }] });
    const spa = await seedApplication(world.server, asSeeded(projectId), {
      type: 'user_agent',
      name: 'Front',
    });
    const outside = await seedProject(world.server);
    const api = await seedApplication(world.server, outside, { type: 'api' });
    const user = await seedUser(world.server, { displayName: 'Grace' });
    await seedAuthorization(world.server, { userId: user.id, project: asSeeded(projectId), roleKeys: ['a'] });
    const scope = `openid urn:zitadel:iam:org:project:id:${outside.id}:aud`;
    const { accessToken } = await tokensFor(world.server, spa, user, scope);
    expect(await introspect(world.server, api, accessToken)).toMatchObject({ active: true });
    const path = { projectId };
    const problem = await world.owner.refused('removeProject', { path });
    expect(problem).toMatchObject({
      code: 'has-dependents',
      dependents: [
        { kind: 'application', count: 1, names: ['Front'] },
        { kind: 'authorization', count: 1, names: ['Grace'] },
      ],
    });
    await world.owner.call('removeProject', { path, query: { cascade: true } });
    expect(await introspect(world.server, api, accessToken)).toEqual({ active: false });
    expect((await world.owner.refused('getApplication', { path: { applicationId: spa.id } })).code).toBe(
      'not-found',
    );
  });

  test('removeProject: 404 not-found, 409 conflict for the project of Latchkey', async () => {
    expect((await world.owner.refused('removeProject', none)).code).toBe('not-found');
    const path = { projectId: systemProjectId };
    const problem = await world.owner.refused('removeProject', { path, query: { cascade: true } });
    expect(problem.code).toBe('conflict');
  });

  test('a removed project is not brought back by a state', async () => {
    const id = await create('Dead');
    await setState(world.server, 'project', id, 'removed');
    expect((await world.owner.refused('activateProject', { path: { projectId: id } })).code).toBe(
      'not-found',
    );
  });
});
