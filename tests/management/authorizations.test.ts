import { type SeededProject, seedApplication, seedMachine, seedProject, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, introspect, tokensFor } from '../flows/flow-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const rolesClaim = 'urn:zitadel:iam:org:project:roles';

describe.each(engines)('authorizations on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let shop: SeededProject;
  let grantId: string;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    shop = await seedProject(world.server, { roleKeys: ['editor', 'reader'] });
    const { data } = await world.owner.call('createProjectGrant', {
      path: { projectId: shop.id },
      body: { organizationId: world.otherOrganizationId, roleKeys: ['reader'] },
    });
    grantId = String(data.id);
  });
  afterAll(() => world.stop());

  const give = async (userId: string, roleKeys: readonly string[], more: object = {}) =>
    (
      await world.owner.call('createAuthorization', {
        body: { userId, projectId: shop.id, roleKeys, ...more },
      })
    ).data;
  const person = async (organizationId = world.server.organizationId) =>
    await seedUser(world.server, { organizationId });
  const codeOf = async (...call: Parameters<typeof world.owner.refused>) =>
    (await world.owner.refused(...call)).code;
  const nobody = { path: { authorizationId: '404' } };
  const made = async (...roleKeys: string[]) => ({
    path: { authorizationId: String((await give((await person()).id, roleKeys)).id) },
  });

  test('createAuthorization: 201 and the roles are in the token; taken away they are not', async () => {
    const { server } = world;
    const spa = await seedApplication(server, shop, { type: 'user_agent' });
    const api = await seedApplication(server, shop, { type: 'api' });
    const ada = await person();
    const { accessToken } = await tokensFor(server, spa, ada, `openid ${audienceScope(shop)}`);
    const roles = async () => (await introspect(server, api, accessToken))[rolesClaim];
    expect(await roles()).toBeUndefined();
    const given = await give(ada.id, ['editor', 'editor']);
    expect(given).toMatchObject({
      userId: ada.id,
      userLoginName: ada.loginName,
      projectId: shop.id,
      organizationId: server.organizationId,
      projectGrantId: null,
      roleKeys: ['editor'],
      state: 'active',
    });
    expect(await roles()).toEqual({ editor: { [server.organizationId]: 'localhost' } });
    const path = { authorizationId: given.id };
    await world.owner.call('updateAuthorization', { path, body: { roleKeys: ['reader'] } });
    expect(Object.keys(Object(await roles()))).toEqual(['reader']);
    await world.owner.call('deactivateAuthorization', { path });
    expect(await roles()).toBeUndefined();
    await world.owner.call('activateAuthorization', { path });
    expect(Object.keys(Object(await roles()))).toEqual(['reader']);
    await world.owner.call('removeAuthorization', { path });
    expect(await roles()).toBeUndefined();
  });

  test('people of another organization have only the roles it was granted, while the grant is active', async () => {
    const { id: userId } = await person(world.otherOrganizationId);
    const body = { userId, projectId: shop.id };
    const problem = await world.owner.refused('createAuthorization', {
      body: { ...body, roleKeys: ['reader', 'editor'] },
    });
    expect([problem.code, problem.errors?.[0]?.pointer]).toEqual(['invalid-input', '/roleKeys/1']);
    const given = await give(userId, ['reader']);
    expect(given).toMatchObject({ organizationId: world.otherOrganizationId, projectGrantId: grantId });
    const path = { projectId: shop.id, grantId };
    await world.owner.call('deactivateProjectGrant', { path });
    const other = await person(world.otherOrganizationId);
    expect(await codeOf('createAuthorization', { body: { ...body, userId: other.id } })).toBe(
      'invalid-input',
    );
    const change = { path: { authorizationId: given.id }, body: { roleKeys: ['reader'] } };
    expect(await codeOf('updateAuthorization', change)).toBe('invalid-input');
    await world.owner.call('activateProjectGrant', { path });
    await world.owner.call('updateAuthorization', change);
  });

  test('createAuthorization: 409 already-exists, 400 invalid-input, 404 not-found', async () => {
    const { id: userId } = await person();
    await give(userId, ['reader']);
    const code = (more: object) =>
      codeOf('createAuthorization', { body: { userId, projectId: shop.id, ...more } });
    expect(await code({ roleKeys: ['editor'] })).toBe('already-exists');
    expect(await code({ roleKeys: ['no-such-role'] })).toBe('invalid-input');
    expect(await code({ userId: '404' })).toBe('not-found');
    expect(await code({ projectId: '404' })).toBe('not-found');
    expect(await code({ organizationId: '404' })).toBe('not-found');
  });

  test('who may give roles: the project’s owner, the owner of the organization or grant it was lent to, nobody else', async () => {
    const { server, otherOrganizationId } = world;
    const theirs = {
      kind: 'organization',
      id: otherOrganizationId,
      organizationId: otherOrganizationId,
    } as const;
    const stranger = await seedMachine({ ...server, organizationId: otherOrganizationId });
    const body = { userId: stranger.id, projectId: shop.id, roleKeys: ['reader'] };
    const unrelated = await seedProject(server);
    const lentOwner = await world.callerWith(['ORG_OWNER'], theirs);
    const foreign = { ...body, projectId: unrelated.id, roleKeys: [] };
    expect((await lentOwner.refused('createAuthorization', { body: foreign })).code).not.toBe('internal');
    expect((await lentOwner.call('createAuthorization', { body })).data).toMatchObject({
      projectGrantId: grantId,
    });
    const own = { ...body, organizationId: server.organizationId };
    expect((await lentOwner.refused('createAuthorization', { body: own })).code).toBe('not-found');
    const viewer = await world.callerWith(['PROJECT_OWNER_VIEWER'], { kind: 'project', id: shop.id });
    const { id: userId } = await person();
    const local = { userId, projectId: shop.id, roleKeys: ['reader'] };
    expect((await viewer.refused('createAuthorization', { body: local })).code).toBe('forbidden');
    const nobodyAtAll = await world.callerWith([]);
    expect((await nobodyAtAll.refused('createAuthorization', { body: local })).code).toBe('not-found');
    const owner = await world.callerWith(['PROJECT_OWNER'], { kind: 'project', id: shop.id });
    expect((await owner.call('createAuthorization', { body: local })).data).toMatchObject({ userId });
    const lent = await world.callerWith(['PROJECT_GRANT_OWNER'], {
      kind: 'project-grant',
      id: grantId,
      organizationId: otherOrganizationId,
    });
    const { id: lentUserId } = await person(otherOrganizationId);
    const { data: theirsToo } = await lent.call('createAuthorization', {
      body: { ...body, userId: lentUserId },
    });
    expect(theirsToo).toMatchObject({ projectGrantId: grantId });
    const { id: unseen } = await person(otherOrganizationId);
    expect((await owner.refused('createAuthorization', { body: { ...body, userId: unseen } })).code).toBe(
      'not-found',
    );
    const mine = (await lent.call('listAuthorizations', { query: {} })).data.items;
    expect(mine).toEqual(
      (await world.owner.call('listAuthorizations', { query: { organizationId: otherOrganizationId } })).data
        .items,
    );
  });

  test('listAuthorizations: 200 by pages, narrowed by user, project, organization, role and state', async () => {
    const { id: userId } = await person();
    const given = await give(userId, ['editor', 'reader']);
    const ids = async (query: Readonly<Record<string, string | number>>) => {
      const { data } = await world.owner.call('listAuthorizations', { query });
      return (data.items as { id: string }[]).map(({ id }) => id); // cast: the answer was cut to its schema
    };
    expect(await ids({ userId })).toEqual([given.id]);
    expect(await ids({ userId, roleKey: 'editor', projectId: shop.id, state: 'active' })).toEqual([given.id]);
    expect(await ids({ userId, roleKey: 'auditor' })).toEqual([]);
    expect(await ids({ userId, organizationId: world.otherOrganizationId })).toEqual([]);
    expect(await ids({ userId, state: 'inactive' })).toEqual([]);
    const all = await ids({ projectId: shop.id });
    const pages: string[] = [];
    let cursor: unknown;
    do {
      const query = { projectId: shop.id, limit: 2, ...(cursor === undefined ? {} : { cursor }) };
      const { data } = await world.owner.call('listAuthorizations', { query });
      pages.push(...(data.items as { id: string }[]).map(({ id }) => id)); // cast: as above
      cursor = data.nextCursor;
    } while (cursor !== undefined);
    expect(pages).toEqual(all);
    expect(await ids({ projectId: shop.id, sort: '-createdAt' })).toEqual([...all].reverse());
  });

  test('listAuthorizations: 400 cursor-invalid', async () => {
    expect(await codeOf('listAuthorizations', { query: { cursor: 'made.up' } })).toBe('cursor-invalid');
  });

  test('getAuthorization: 200 with an ETag and not-found', async () => {
    const of = await made('reader');
    const { data, etag } = await world.owner.call('getAuthorization', of);
    expect(data).toMatchObject({ roleKeys: ['reader'] });
    expect(etag).toMatch(/^"/);
    expect(await codeOf('getAuthorization', nobody)).toBe('not-found');
  });

  test('updateAuthorization: 200, stale-version, invalid-input, not-found', async () => {
    const of = await made('reader');
    const { etag } = await world.owner.call('getAuthorization', of);
    const body = { roleKeys: ['editor'] };
    const { data } = await world.owner.call('updateAuthorization', {
      ...of,
      body,
      ...(etag === undefined ? {} : { ifMatch: etag }),
    });
    expect(data).toMatchObject({ roleKeys: ['editor'] });
    expect(await codeOf('updateAuthorization', { ...of, body, ifMatch: etag ?? '' })).toBe('stale-version');
    expect(await codeOf('updateAuthorization', { ...of, body: { roleKeys: ['none'] } })).toBe(
      'invalid-input',
    );
    expect(await codeOf('updateAuthorization', { ...nobody, body })).toBe('not-found');
  });

  test('activateAuthorization: 200 and not-found', async () => {
    const of = await made();
    expect((await world.owner.call('activateAuthorization', of)).data).toMatchObject({ state: 'active' });
    expect(await codeOf('activateAuthorization', nobody)).toBe('not-found');
  });

  test('deactivateAuthorization: 200 twice and not-found', async () => {
    const of = await made();
    await world.owner.call('deactivateAuthorization', of);
    expect((await world.owner.call('deactivateAuthorization', of)).data).toMatchObject({ state: 'inactive' });
    expect(await codeOf('deactivateAuthorization', nobody)).toBe('not-found');
  });

  test('removeAuthorization: 204, not-found afterwards, and another can be given', async () => {
    const { id: userId } = await person();
    const of = { path: { authorizationId: String((await give(userId, ['reader'])).id) } };
    await world.owner.call('removeAuthorization', of);
    expect(await codeOf('getAuthorization', of)).toBe('not-found');
    expect(await codeOf('removeAuthorization', of)).toBe('not-found');
    await give(userId, ['editor']);
  });

  test.each(['new', 'changed'] as const)(
    'a role that is removed while it is given ends up with nobody: a %s authorization, own or of a lent project',
    async (kind) => {
      const { owner } = world;
      const { data: project } = await owner.call('createProject', {
        body: { name: `Race ${kind}`, roles: [{ key: 'kept' }] },
      });
      const projectId = String(project.id);
      const lent = await owner.call('createProjectGrant', {
        path: { projectId },
        body: { organizationId: world.otherOrganizationId, roleKeys: ['kept'] },
      });
      const grant = { projectId, grantId: String(lent.data.id) };
      for (let round = 0; round < 10; round += 1) {
        const roleKey = `brief-${round}`;
        const organizationId = round % 2 === 0 ? world.server.organizationId : world.otherOrganizationId;
        await owner.call('createRole', { path: { projectId }, body: { key: roleKey } });
        await owner.call('updateProjectGrant', { path: grant, body: { roleKeys: ['kept', roleKey] } });
        const { id: userId } = await person();
        const body = { userId, projectId, organizationId };
        const known =
          kind === 'new'
            ? undefined
            : await owner.call('createAuthorization', { body: { ...body, roleKeys: ['kept'] } });
        const giving =
          known === undefined
            ? owner.send('POST', '/authorizations', { body: { ...body, roleKeys: [roleKey] } })
            : owner.send('PATCH', `/authorizations/${known.data.id}`, { body: { roleKeys: [roleKey] } });
        const [given, removed] = await Promise.all([
          giving,
          owner.send('DELETE', `/projects/${projectId}/roles/${roleKey}`),
        ]);
        expect([200, 201, 400, 422]).toContain(given.status);
        expect(removed.status).toBe(204);
        const { data } = await owner.call('listAuthorizations', { query: { projectId, userId } });
        const held = (data.items as { roleKeys: string[] }[]).flatMap(({ roleKeys }) => roleKeys); // cast: the answer was cut to its schema
        expect(held).not.toContain(roleKey);
      }
    },
  );
});
