import { generateKeyPairSync } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, call } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const publicKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
const secret = 'Xq3vT8mJzR5nB2kWc7yL0pDfH4sGaE9uXq3vT8mJzR5nB2kWc7yL0pDfH4sGaE9u';
const ids = { organization: '2001', project: '2002', app: '2003', user: '2004', robot: '2005', key: '2006' };

const moved = {
  version: 1,
  organizations: [
    {
      id: ids.organization,
      name: 'Acme moved',
      primaryDomain: 'acme.example.com',
      users: [
        {
          id: ids.user,
          loginName: 'max@acme.example.com',
          passwordHash: bcrypt.hashSync('seven brave otters swim', 4),
        },
        {
          id: ids.robot,
          kind: 'machine',
          loginName: 'robot',
          keys: [{ id: ids.key, publicKey: publicKey() }],
        },
        { id: '2007', kind: 'machine', loginName: 'robot-2', secretHash: bcrypt.hashSync(secret, 4) },
      ],
      projects: [
        {
          id: ids.project,
          name: 'Portal',
          roles: ['admin'],
          applications: [
            {
              id: ids.app,
              name: 'API',
              type: 'api',
              authMethod: 'client_secret_basic',
              clientId: '2008@portal',
              secretHash: bcrypt.hashSync(secret, 4),
            },
            {
              name: 'Keyed',
              type: 'api',
              authMethod: 'private_key_jwt',
              clientId: '2009',
              keys: [{ id: '2010', publicKey: publicKey() }],
            },
          ],
          grants: [{ id: '2011', organization: 'Partner moved', roles: ['admin'] }],
          authorizations: [{ id: '2012', user: 'max@acme.example.com', roles: ['admin'] }],
        },
      ],
    },
    { id: '2013', name: 'Partner moved', primaryDomain: 'partner-moved.example.com' },
  ],
};

describe('configuration files of another system', () => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
  });
  afterAll(() => world.stop());

  const apply = async (document: object) =>
    (await world.owner.call('applyConfiguration', { body: { document } })).data;
  const changesOf = async (body: object) =>
    (await world.owner.call('planConfiguration', { body })).data.changes;

  test('a file gives everything the id, the key and the hashed secret it had, makes no new secret, and changes nothing twice', async () => {
    const { secrets } = await apply(moved);
    expect(secrets).toEqual([]);
    const get = async (...input: Parameters<typeof world.owner.call>) =>
      (await world.owner.call(...input)).data;
    expect(await get('getApplication', { path: { applicationId: ids.app } })).toMatchObject({
      clientId: '2008@portal',
      projectId: ids.project,
      organizationId: ids.organization,
    });
    expect(await get('listUserKeys', { path: { userId: ids.robot } })).toMatchObject({
      items: [{ id: ids.key }],
    });
    expect(await get('getProjectGrant', { path: { projectId: ids.project, grantId: '2011' } })).toMatchObject(
      {
        organizationId: '2013',
      },
    );
    expect(await get('getAuthorization', { path: { authorizationId: '2012' } })).toMatchObject({
      userId: ids.user,
      roleKeys: ['admin'],
    });
    const introspected = { form: { token: 'x' }, headers: basic('2008@portal', secret) };
    expect((await call(world.server, '/oauth/v2/introspect', introspected)).status).toBe(200);
    const form = { grant_type: 'client_credentials', scope: 'openid' };
    expect(
      (await call(world.server, '/oauth/v2/token', { form, headers: basic('robot-2', secret) })).status,
    ).toBe(200);
    expect(await changesOf(moved)).toEqual([]);
  });

  test('what has an id is found by it and gets the name the file says; another id for a name is refused', async () => {
    const renamed = {
      version: 1,
      organizations: [
        {
          name: 'Acme moved',
          projects: [
            {
              id: ids.project,
              name: 'Renamed',
              applications: [{ id: ids.app, name: 'Backend', type: 'api' }],
            },
          ],
        },
      ],
    };
    expect(await changesOf(renamed)).toMatchObject([
      { kind: 'project', action: 'change', changes: [{ field: 'name', from: 'Portal', to: 'Renamed' }] },
      { kind: 'application', action: 'change', changes: [{ field: 'name', from: 'API', to: 'Backend' }] },
    ]);
    const other = { version: 1, organizations: [{ id: '9', name: 'Acme moved' }] };
    const problem = await world.owner.refused('planConfiguration', { body: other });
    expect(problem).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/organizations/0/id' }] });
    const user = { id: '9', loginName: 'max@acme.example.com' };
    const people = { version: 1, organizations: [{ name: 'Acme moved', users: [user] }] };
    expect(await world.owner.refused('planConfiguration', { body: people })).toMatchObject({
      errors: [{ pointer: '/organizations/0/users/0/id' }],
    });
  });

  test('a key with an id that a file adds later is added once', async () => {
    const keys = [{ id: '2020', publicKey: publicKey() }];
    const more = {
      version: 1,
      organizations: [
        { name: 'Acme moved', users: [{ id: ids.robot, kind: 'machine', loginName: 'robot', keys }] },
      ],
    };
    await apply(more);
    expect(await changesOf(more)).toEqual([]);
  });
});
