import { apiRoutes, type Operation, type OperationId, operations } from '@latchkey/contract';
import { newId, sha256Hex } from '@latchkey/server';
import { insertSession, setMembership } from '@latchkey/store';
import { changeAsOperator, seedMachine, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countRows } from '../flows/flow-world.ts';
import { type ApiCaller, type ManagementWorld, startManagementWorld } from './management-world.ts';

const entries = Object.entries(operations) as readonly (readonly [OperationId, Operation])[]; // cast: the keys of the operations are their ids
const isRead = (id: OperationId): boolean => apiRoutes[id][0] === 'GET';
const actingOn = (actsOn: Operation['actsOn']) => entries.filter(([, each]) => each.actsOn === actsOn);

/** An example body sent to the path of an operation; ids it does not know are `1`. */
async function attempt(caller: ApiCaller, id: OperationId, ids: Readonly<Record<string, string>>) {
  const [method, route] = apiRoutes[id];
  const path = route.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? '1'));
  const { example }: Operation = operations[id];
  const answer = await caller.send(method, path, example === undefined ? {} : { body: example });
  const text = await answer.text();
  const { code, detail }: { code?: string; detail?: string } = text === '' ? {} : JSON.parse(text);
  return { status: answer.status, code, detail };
}

describe('nobody acts on somebody stronger', () => {
  let world: ManagementWorld;
  let home: string;
  let elsewhere: string;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    home = world.server.organizationId;
    elsewhere = world.otherOrganizationId;
    await world.owner.call('updateInstanceSettings', { body: { features: { impersonation: true } } });
  }, 60_000);
  afterAll(() => world.stop());

  const managerOf = (organizationId: string, ...roles: string[]) =>
    world.callerWith(roles, { kind: 'organization', id: organizationId, organizationId });

  /** A machine with a session and the given roles; what operations on users name. */
  async function seedTarget(
    at: { kind: 'instance' | 'organization' | 'project' | 'project-grant'; id: string },
    ...roles: string[]
  ): Promise<Readonly<Record<string, string>>> {
    const { server } = world;
    const { id: userId } = await seedMachine(server);
    const membership = { objectKind: at.kind, objectId: at.id, userId };
    if (roles.length > 0)
      await changeAsOperator(server, (change) => setMembership(change, membership, roles));
    const now = server.clock.now();
    const sessionId = newId(now);
    await changeAsOperator(server, (change) =>
      insertSession(change, {
        ...{ id: sessionId, organizationId: home, userId, secretSha256: sha256Hex(sessionId) },
        ...{ authTimeMs: now, amr: ['pwd'], createdAtMs: now, lastSeenAtMs: now },
        ...{ expiresAtMs: now + 3_600_000, userAgent: null, ip: null },
      }),
    );
    return { userId, sessionId };
  }

  async function failures(
    ids: Readonly<Record<string, string>>,
    caller: ApiCaller,
    isRight: (status: number) => boolean,
  ): Promise<readonly string[]> {
    const found: string[] = [];
    for (const [id] of actingOn('user')) {
      const { status, code } = await attempt(caller, id, ids);
      if (!isRight(status)) found.push(`${id}: ${status} ${code}`);
    }
    return found;
  }

  test('every operation that changes a user, a session or roles says whom it acts on', () => {
    const kinds = ['user', 'session', 'authorization'];
    const missing = entries.filter(([id, { target, actsOn, body }]) => {
      const isAbout = target.kind === 'object' && kinds.includes(target.object);
      const hasUser = apiRoutes[id][1].includes('{userId}');
      const namesUser = JSON.stringify(
        body === undefined ? {} : Object.keys(Object(Reflect.get(body, 'shape'))),
      ).includes('serId"');
      return !isRead(id) && (isAbout || hasUser || namesUser) && actsOn === undefined;
    });
    // A new organization has no roles yet that anybody could lose.
    expect(missing.map(([id]) => id)).toEqual(['createOrganization']);
    for (const [id, { target, actsOn }] of entries) {
      if (actsOn === 'user') expect([id, target.kind]).toEqual([id, 'object']);
      if (actsOn !== undefined) expect([id, isRead(id)]).toEqual([id, false]);
    }
    const paths = entries.filter(([id]) => !isRead(id) && apiRoutes[id][1].includes('/managers/'));
    expect(actingOn('manager-roles').map(([id]) => id)).toEqual(paths.map(([id]) => id));
  });

  test.each([
    ['an owner of the instance', 'instance', 'IAM_OWNER'],
    ['a viewer of the instance', 'instance', 'IAM_OWNER_VIEWER'],
    ['somebody who may act as anybody', 'instance', 'IAM_ADMIN_IMPERSONATOR'],
    ['somebody who may act as any end user', 'instance', 'IAM_END_USER_IMPERSONATOR'],
    ['an owner of the organization', 'organization', 'ORG_OWNER'],
    ['somebody who may act as anybody of the organization', 'organization', 'ORG_ADMIN_IMPERSONATOR'],
  ] as const)(
    'a user manager of an organization is refused every operation on %s, and nothing changes',
    async (_, kind, role) => {
      const manager = await managerOf(home, 'ORG_USER_MANAGER');
      const id = kind === 'instance' ? world.server.instanceId : home;
      const target = await seedTarget({ kind, id }, role);
      const before = await countRows(world.server);
      expect(await failures(target, manager, (status) => status === 403)).toEqual([]);
      expect(await countRows(world.server)).toEqual(before);
    },
  );

  test('an owner of an organization is refused every operation on who manages a project of another', async () => {
    const { data } = await world.owner.call('createProject', {
      body: { organizationId: elsewhere, name: 'Elsewhere' },
    });
    const target = await seedTarget({ kind: 'project', id: String(data.id) }, 'PROJECT_OWNER_VIEWER');
    const owner = await managerOf(home, 'ORG_OWNER');
    expect(await failures(target, owner, (status) => status === 403)).toEqual([]);
  });

  test('whoever is as strong or stronger is refused nothing, and everybody acts on people who manage nothing', async () => {
    const manager = await managerOf(home, 'ORG_USER_MANAGER');
    const owner = await managerOf(home, 'ORG_OWNER');
    const here = { kind: 'organization', id: home } as const;
    const pairs = [
      [manager, await seedTarget(here)],
      [manager, await seedTarget(here, 'ORG_USER_MANAGER')],
      [manager, await seedTarget(here, 'ORG_END_USER_IMPERSONATOR')],
      [owner, await seedTarget(here, 'ORG_OWNER')],
      [owner, await seedTarget(here, 'ORG_ADMIN_IMPERSONATOR')],
      [
        world.owner,
        await seedTarget({ kind: 'instance', id: world.server.instanceId }, 'IAM_ADMIN_IMPERSONATOR'),
      ],
    ] as const;
    for (const [caller, target] of pairs)
      expect(await failures(target, caller, (status) => status !== 403)).toEqual([]);
  });

  test('deactivating and removing an organization acts on everybody in it', async () => {
    const { data } = await world.owner.call('createOrganization', { body: { name: 'Of a strong one' } });
    const organizationId = String(data.id);
    const strong = await seedUser({ ...world.server, organizationId });
    const owner = await managerOf(organizationId, 'ORG_OWNER');
    for (const [id] of actingOn('organization-users'))
      expect([id, (await attempt(owner, id, { organizationId })).status]).not.toEqual([id, 403]);
    await world.owner.call('activateOrganization', { path: { organizationId } });
    const membership = {
      objectKind: 'instance' as const,
      objectId: world.server.instanceId,
      userId: strong.id,
    };
    await changeAsOperator(world.server, (change) => setMembership(change, membership, ['IAM_OWNER_VIEWER']));
    for (const [id] of actingOn('organization-users'))
      expect([id, (await attempt(owner, id, { organizationId })).status]).toEqual([id, 403]);
  });

  test('nobody gives or takes a manager role that leads to more than they can get', async () => {
    const { userId } = await seedTarget({ kind: 'organization', id: home }, 'ORG_ADMIN_IMPERSONATOR');
    const path = { organizationId: home, userId: String(userId) };
    const owner = await managerOf(home, 'ORG_OWNER');
    const orgManager = await world.callerWith(['IAM_ORG_MANAGER']);
    for (const caller of [owner, orgManager])
      await caller.call('setOrganizationManager', {
        path,
        body: { roles: ['ORG_ADMIN_IMPERSONATOR', 'ORG_END_USER_IMPERSONATOR'] },
      });
    const projectOwner = await world.callerWith(['PROJECT_OWNER'], { kind: 'project', id: '1' });
    expect((await projectOwner.refused('removeOrganizationManager', { path })).status).toBe(404);
    const { permission } = await orgManager.refused('setInstanceManager', {
      path: { userId: String(userId) },
      body: { roles: ['IAM_END_USER_IMPERSONATOR'] },
    });
    expect(permission).toBe('instance.manager.write');
  });

  test('IAM_ORG_MANAGER changes no setting of the instance, which could lead to more than their role', async () => {
    const caller = await world.callerWith(['IAM_ORG_MANAGER']);
    const refused = await caller.refused('updateInstanceSettings', {
      body: { features: { impersonation: true } },
    });
    expect([refused.status, refused.permission]).toEqual([403, 'instance.write']);
  });

  test('the project of the management API is no home for applications that register themselves', async () => {
    const { data } = await world.owner.call('listProjects', { query: { limit: 200 } });
    const projects = data.items as readonly { id: string; isSystem: boolean }[]; // cast: the response of the operation
    const projectId = projects.find(({ isSystem }) => isSystem)?.id ?? '';
    const { code, errors } = await world.owner.refused('updateInstanceSettings', {
      body: { features: { registrationPolicy: { projectId } } },
    });
    expect([projectId !== '', code, errors?.[0]?.pointer]).toEqual([
      true,
      'invalid-input',
      '/features/registrationPolicy/projectId',
    ]);
  });
});
