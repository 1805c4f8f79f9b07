import { seedMachine, seedOrganization, seedProject, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countRows } from '../flows/flow-world.ts';
import { type ApiCaller, type ManagementWorld, startManagementWorld } from './management-world.ts';

describe('what belongs to another organization', () => {
  let world: ManagementWorld;
  let home: string;
  let borrower: string;
  let other: string;
  let projectId: string;
  const grantIds: Record<string, string> = {};
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    home = world.server.organizationId;
    borrower = world.otherOrganizationId;
    other = (await seedOrganization(world.server)).id;
    projectId = (await seedProject(world.server, { roleKeys: ['reader', 'editor'] })).id;
    for (const [organizationId, role] of [
      [borrower, 'reader'],
      [other, 'editor'],
    ] as const) {
      const body = { organizationId, roleKeys: [role] };
      const { data } = await world.owner.call('createProjectGrant', { path: { projectId }, body });
      grantIds[organizationId] = String(data.id);
    }
  }, 60_000);
  afterAll(() => world.stop());

  const person = async (organizationId: string) => (await seedUser(world.server, { organizationId })).id;
  const grantOwner = () =>
    world.callerWith(['PROJECT_GRANT_OWNER'], {
      ...{ kind: 'project-grant', id: String(grantIds[borrower]) },
      organizationId: borrower,
    });
  const organizationOwner = (organizationId: string) =>
    world.callerWith(['ORG_OWNER'], { kind: 'organization', id: organizationId, organizationId });

  async function expectUnchanged(work: () => Promise<void>): Promise<void> {
    const before = await countRows(world.server);
    await work();
    expect(await countRows(world.server)).toEqual(before);
  }

  describe('roles of a lent project', () => {
    test('a borrower gives its own roles to its own people, in its own name', async () => {
      for (const caller of [await grantOwner(), await organizationOwner(borrower)]) {
        const body = { projectId, userId: await person(borrower), roleKeys: ['reader'] };
        const { data } = await caller.call('createAuthorization', { body });
        expect(data).toMatchObject({ organizationId: borrower, projectGrantId: grantIds[borrower] });
      }
    });

    test('a borrower gives nothing in the name of another organization, to its people, or of its roles', async () => {
      const strangers = [await person(other), await person(home)];
      const own = await person(borrower);
      for (const caller of [await grantOwner(), await organizationOwner(borrower)]) {
        await expectUnchanged(async () => {
          const refusals = [
            ...strangers.map((userId) => ({ userId, roleKeys: ['editor'] })),
            ...strangers.map((userId) => ({ userId, roleKeys: ['reader'], organizationId: borrower })),
            ...[other, home].map((organizationId) => ({ userId: own, roleKeys: ['editor'], organizationId })),
            { userId: own, roleKeys: ['editor'] },
            { userId: own, roleKeys: ['reader', 'editor'], organizationId: borrower },
          ];
          for (const body of refusals) {
            const { code } = await caller.refused('createAuthorization', { body: { ...body, projectId } });
            expect(code).toMatch(/^(not-found|invalid-input)$/);
          }
        });
      }
    });

    test('a borrower changes, ends and lists nothing of another borrower', async () => {
      const userId = await person(other);
      const { data } = await world.owner.call('createAuthorization', {
        body: { projectId, userId, roleKeys: ['editor'] },
      });
      const path = { authorizationId: String(data.id) };
      const caller = await grantOwner();
      await expectUnchanged(async () => {
        for (const id of [
          'getAuthorization',
          'updateAuthorization',
          'deactivateAuthorization',
          'activateAuthorization',
          'removeAuthorization',
        ] as const) {
          const body = id === 'updateAuthorization' ? { body: { roleKeys: [] } } : {};
          expect([id, (await caller.refused(id, { path, ...body })).code]).toEqual([id, 'not-found']);
        }
      });
      const { data: list } = await caller.call('listAuthorizations', { query: { projectId } });
      expect(JSON.stringify(list.items)).not.toContain(`"${other}"`);
    });
  });

  describe('people of another organization', () => {
    const foreign = async () => {
      const machine = await seedMachine({ ...world.server, organizationId: other });
      return { userId: machine.id, loginName: machine.clientId };
    };
    const objects = async (): Promise<readonly (readonly [string, ApiCaller, object])[]> => [
      ['setOrganizationManager', await organizationOwner(home), { organizationId: home }],
      [
        'setProjectManager',
        await world.callerWith(['PROJECT_OWNER'], { kind: 'project', id: projectId }),
        { projectId },
      ],
      [
        'setProjectGrantManager',
        await world.callerWith(['PROJECT_OWNER'], { kind: 'project', id: projectId }),
        { grantId: grantIds[other] },
      ],
    ];
    const roles = {
      setOrganizationManager: ['ORG_OWNER_VIEWER'],
      setProjectManager: ['PROJECT_OWNER_VIEWER'],
      setProjectGrantManager: ['PROJECT_GRANT_OWNER_VIEWER'],
    } as const;

    test('making a user a manager by id alone tells no name; their exact login name is needed', async () => {
      const { userId, loginName } = await foreign();
      for (const [name, caller, path] of await objects()) {
        const id = name as keyof typeof roles; // cast: the names are those of the roles
        await expectUnchanged(async () => {
          const byId = await caller.refused(id, { path: { ...path, userId }, body: { roles: roles[id] } });
          const guess = { roles: roles[id], loginName: `${loginName}x` };
          const byGuess = await caller.refused(id, { path: { ...path, userId }, body: guess });
          const unknown = await caller.refused(id, { path: { ...path, userId: '404' }, body: guess });
          for (const refused of [byId, byGuess]) {
            expect(refused.code).toBe('not-found');
            expect(refused.detail).toBe(unknown.detail.replace('404', userId));
            expect(JSON.stringify(refused)).not.toContain(loginName);
          }
        });
        const body = { roles: roles[id], loginName: loginName.toUpperCase() };
        const { data } = await caller.call(id, { path: { ...path, userId }, body });
        expect(data).toMatchObject({ userId, loginName });
      }
    });

    test('giving a user of another organization roles in the own project needs their exact login name', async () => {
      const { userId, loginName } = await foreign();
      const caller = await world.callerWith(['PROJECT_OWNER'], { kind: 'project', id: projectId });
      const body = { projectId, userId, organizationId: home, roleKeys: ['reader'] };
      expect((await caller.refused('createAuthorization', { body })).code).toBe('not-found');
      const { data } = await caller.call('createAuthorization', { body: { ...body, loginName } });
      expect(data).toMatchObject({ userId, userLoginName: loginName });
    });
  });

  describe('verified domains of another organization', () => {
    let domain: string;
    beforeAll(async () => {
      const { data } = await world.owner.call('getOrganization', { path: { organizationId: other } });
      domain = String(data.primaryDomain);
    });

    test('createUser: 409 conflict for a verified address or a login name there, and nothing changes', async () => {
      const caller = await organizationOwner(home);
      const at = (host: string) => ({ email: `ada@${host}`, isEmailVerified: true });
      await expectUnchanged(async () => {
        for (const [pointer, fields] of [
          ['/email', { loginName: 'ada-one', ...at(domain) }],
          ['/email', { loginName: 'ada-two', ...at(domain.toUpperCase()) }],
          ['/loginName', { loginName: `ada@${domain}` }],
        ] as const) {
          const body = { organizationId: home, kind: 'human', ...fields };
          const { code, errors } = await caller.refused('createUser', { body });
          expect([code, errors?.[0]?.pointer]).toEqual(['conflict', pointer]);
        }
      });
      const unverified = { organizationId: home, kind: 'human', loginName: 'ada-unverified' };
      await caller.call('createUser', { body: { ...unverified, email: `ada@${domain}` } });
      const theirs = { organizationId: other, kind: 'human', loginName: `ada@${domain}`, ...at(domain) };
      await world.owner.call('createUser', { body: theirs });
    });

    test('updateUser: 409 conflict for a verified address or a login name there, whatever comes first', async () => {
      const caller = await organizationOwner(home);
      const userId = await person(home);
      const update = (body: object) => ({ path: { userId }, body });
      await caller.call('updateUser', update({ email: `grace@${domain}`, isEmailVerified: false }));
      for (const body of [
        { isEmailVerified: true },
        { email: `grace@${domain}`, isEmailVerified: true },
        { loginName: `grace@${domain}` },
      ])
        expect((await caller.refused('updateUser', update(body))).code).toBe('conflict');
      await caller.call('updateUser', update({ email: 'grace@example.net', isEmailVerified: true }));
      expect((await caller.refused('updateUser', update({ email: `grace@${domain}` }))).code).toBe(
        'conflict',
      );
      const { data } = await caller.call('getUser', { path: { userId } });
      expect(data).toMatchObject({ email: 'grace@example.net', isEmailVerified: true });
    });

    test('importUsers and a configuration file make none either', async () => {
      const { data } = await world.owner.call('importUsers', {
        body: {
          organizationId: home,
          users: [
            { kind: 'human', loginName: 'joan-one', email: `joan@${domain}`, isEmailVerified: true },
            { kind: 'human', loginName: `joan@${domain}` },
          ],
        },
      });
      expect(data).toMatchObject({ created: 0, items: [{ code: 'conflict' }, { code: 'conflict' }] });
      const user = { kind: 'human', loginName: 'joan-two', email: `joan@${domain}`, isEmailVerified: true };
      const { data: own } = await world.owner.call('getOrganization', { path: { organizationId: home } });
      const document = { version: 1, organizations: [{ name: own.name, users: [user] }] };
      expect((await world.owner.refused('planConfiguration', { body: document })).code).toBe('conflict');
    });
  });
});
