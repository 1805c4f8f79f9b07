import { generateKeyPairSync } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, call, engines } from '../flows/flow-world.ts';
import { type ApiCaller, type ManagementWorld, startManagementWorld } from './management-world.ts';

const publicKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
const secret = 'Xq3vT8mJzR5nB2kWc7yL0pDfH4sGaE9uXq3vT8mJzR5nB2kWc7yL0pDfH4sGaE9u';

describe.each(engines)('ids of another system on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    const many = { perMinute: 1000, burst: 1000 };
    const brakeLimits = { client: many, userCodes: many, unreadableTokens: many };
    const clientAndCaller = { perMinute: 10, burst: 10 };
    world = await startManagementWorld(engine, { brakeLimits: { ...brakeLimits, clientAndCaller } });
  });
  afterAll(() => world.stop());

  const idOf = async (...[id, input]: Parameters<ApiCaller['call']>) =>
    String((await world.owner.call(id, input)).data.id);
  const secretsOf = (ownerId: string) =>
    world.server.store.db
      .selectFrom('clientSecrets')
      .select(['sha256', 'foreignHash'])
      .where('ownerId', '=', ownerId)
      .execute();
  const introspectAs = (clientId: string, text: string) =>
    call(world.server, '/oauth/v2/introspect', { form: { token: 'x' }, headers: basic(clientId, text) });

  test('everything that moves keeps the id it had: organization, project, application, user, keys, grant, authorization', async () => {
    const organizationId = '244756394579460001';
    expect(await idOf('createOrganization', { body: { id: organizationId, name: 'Moved' } })).toBe(
      organizationId,
    );
    const partner = await idOf('createOrganization', {
      body: { id: '244756394579460002', name: 'Partner moved' },
    });
    const projectId = '244756394579460003';
    const roles = [{ key: 'admin' }];
    expect(await idOf('createProject', { body: { id: projectId, organizationId, name: 'P', roles } })).toBe(
      projectId,
    );
    const { data: app } = await world.owner.call('createApplication', {
      body: {
        id: '244756394579460004',
        projectId,
        name: 'API',
        type: 'api',
        clientId: '244756394579460005@p',
      },
    });
    expect(app).toMatchObject({ id: '244756394579460004', clientId: '244756394579460005@p' });
    const { data: numbered } = await world.owner.call('createApplication', {
      body: { projectId, name: 'API 2', type: 'api', clientId: '244756394579460006' },
    });
    expect(numbered.clientId).toBe('244756394579460006');
    const { data: keyed } = await world.owner.call('createApplication', {
      body: { projectId, name: 'Keyed', type: 'api', authMethod: 'private_key_jwt' },
    });
    const appKey = {
      path: { applicationId: String(keyed.id) },
      body: { id: '244756394579460007', publicKey: publicKey() },
    };
    expect(await idOf('createApplicationKey', appKey)).toBe('244756394579460007');
    const userId = await idOf('createUser', {
      body: { id: '244756394579460008', organizationId, kind: 'machine', loginName: 'moved-robot' },
    });
    expect(userId).toBe('244756394579460008');
    const userKey = { path: { userId }, body: { id: '244756394579460009', publicKey: publicKey() } };
    expect(await idOf('createUserKey', userKey)).toBe('244756394579460009');
    const grant = {
      path: { projectId },
      body: { id: '244756394579460010', organizationId: partner, roleKeys: ['admin'] },
    };
    expect(await idOf('createProjectGrant', grant)).toBe('244756394579460010');
    const authorization = { body: { id: '244756394579460011', userId, projectId, roleKeys: ['admin'] } };
    expect(await idOf('createAuthorization', authorization)).toBe('244756394579460011');
  });

  test('an id is given once, whatever kind of thing has it or had it: removed things come back as nothing else', async () => {
    const { owner, server } = world;
    const taken = async (id: string) => {
      const { code, errors } = await owner.refused('createProject', { body: { id, name: `Reuse ${id}` } });
      expect({ code, at: errors?.[0]?.pointer }).toEqual({ code: 'already-exists', at: '/id' });
      const { data } = await owner.call('importUsers', {
        body: { users: [{ id, kind: 'human', loginName: `r${id}@example.com` }] },
      });
      expect(data.items).toMatchObject([{ code: 'already-exists' }]);
    };
    const body = { kind: 'machine', loginName: 'gone-robot' };
    const userId = await idOf('createUser', { body: { ...body, id: '244756394579461001' } });
    const keyId = await idOf('createUserKey', { path: { userId }, body: {} });
    await owner.call('removeUserKey', { path: { userId, keyId } });
    await taken(keyId);
    await owner.call('removeUser', { path: { userId } });
    await taken(userId);
    const projectId = await idOf('createProject', { body: { name: 'Short-lived' } });
    const { data: app } = await owner.call('createApplication', {
      body: { projectId, name: 'A', type: 'api' },
    });
    await owner.call('removeProject', { path: { projectId }, query: { cascade: 'true' } });
    for (const id of [
      projectId,
      String(app.id),
      String(app.clientId),
      server.organizationId,
      server.instanceId,
    ])
      await taken(id);
  });

  test('createUserKey: 409 already-exists for the id of a key that was removed', async () => {
    const userId = await idOf('createUser', { body: { kind: 'machine', loginName: 'key-robot' } });
    const path = { userId };
    const body = { id: '244756394579461101', publicKey: publicKey() };
    await world.owner.call('createUserKey', { path, body });
    await world.owner.call('removeUserKey', { path: { userId, keyId: body.id } });
    expect((await world.owner.refused('createUserKey', { path, body })).code).toBe('already-exists');
  });

  test('createApplicationKey: 409 already-exists for the id of a key that was removed', async () => {
    const projectId = await idOf('createProject', { body: { name: 'Keys' } });
    const applicationId = await idOf('createApplication', {
      body: { projectId, name: 'K', type: 'api', authMethod: 'private_key_jwt' },
    });
    const { data } = await world.owner.call('createApplicationKey', { path: { applicationId }, body: {} });
    await world.owner.call('removeApplicationKey', { path: { applicationId, keyId: String(data.id) } });
    const again = { path: { applicationId }, body: { id: String(data.id), publicKey: publicKey() } };
    expect((await world.owner.refused('createApplicationKey', again)).code).toBe('already-exists');
  });

  test('of many requests that choose the same id at once exactly one gets it', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        index % 2 === 0
          ? world.owner.call('createProject', { body: { id: '244756394579462001', name: `Race ${index}` } })
          : world.owner.call('createOrganization', {
              body: { id: '244756394579462001', name: `Race ${index}` },
            }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('only owners of the instance choose ids, and client ids that look like one', async () => {
    const { server } = world;
    const manager = await world.callerWith(['ORG_OWNER'], {
      kind: 'organization',
      id: server.organizationId,
    });
    const projectId = String(
      (await manager.call('createProject', { body: { name: 'Of a manager' } })).data.id,
    );
    const refused = async (...input: Parameters<ApiCaller['refused']>) =>
      (await manager.refused(...input)).code;
    expect(await refused('createProject', { body: { id: '77', name: 'Chosen' } })).toBe('forbidden');
    expect(await refused('createUser', { body: { id: '77', kind: 'machine', loginName: 'chosen' } })).toBe(
      'forbidden',
    );
    const app = { projectId, name: 'Chosen', type: 'api' };
    for (const more of [{ id: '77' }, { clientId: '77' }, { clientId: '77@chosen' }])
      expect(await refused('createApplication', { body: { ...app, ...more } })).toBe('forbidden');
    const users = [{ id: '77', kind: 'human', loginName: 'chosen@example.com' }];
    expect((await manager.call('importUsers', { body: { users } })).data.items).toMatchObject([
      { code: 'forbidden' },
    ]);
    await manager.call('createApplication', { body: { ...app, clientId: 'chosen-words' } });
  });

  test('an id that is no number, or too long, is refused with what it must be', async () => {
    for (const id of ['x1', '0', '01', '-1', ' 1', '1'.repeat(41)]) {
      const problem = await world.owner.refused('createProject', { body: { id, name: 'Odd' } });
      expect(problem, id).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/id' }] });
    }
    const project = {
      projectId: await idOf('createProject', { body: { name: 'Odd clients' } }),
      name: 'A',
      type: 'api',
    };
    for (const clientId of ['1@', '1@a b', '@p', 'a@p', '01@p', '1@p@p'])
      expect(
        (await world.owner.refused('createApplication', { body: { ...project, clientId } })).code,
        clientId,
      ).toBe('invalid-input');
  });

  test('a refused user of an import leaves the id free for the corrected one', async () => {
    const user = { id: '244756394579463001', kind: 'human', loginName: 'twice@example.com' };
    const importing = (loginName: string) =>
      world.owner.call('importUsers', { body: { users: [{ ...user, loginName }] } });
    await world.owner.call('createUser', { body: { kind: 'human', loginName: 'twice@example.com' } });
    expect((await importing('twice@example.com')).data).toMatchObject({ created: 0 });
    expect((await importing('once@example.com')).data).toMatchObject({ created: 1 });
  });

  test('a client secret that came as a hash works unchanged, and is ours after its first use', async () => {
    const projectId = await idOf('createProject', { body: { name: 'Secrets' } });
    const body = {
      projectId,
      name: 'Old',
      type: 'api',
      authMethod: 'client_secret_basic',
      clientId: '91@secrets',
    };
    const { data } = await world.owner.call('createApplication', {
      body: { ...body, secretHash: bcrypt.hashSync(secret, 4) },
    });
    expect(data.clientSecret).toBeNull();
    const id = String(data.id);
    expect((await introspectAs('91@secrets', `${secret}!`)).status).toBe(401);
    expect(await secretsOf(id)).toMatchObject([{ sha256: null }]);
    expect((await introspectAs('91@secrets', secret)).status).toBe(200);
    expect(await secretsOf(id)).toMatchObject([
      { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), foreignHash: null },
    ]);
    expect((await introspectAs('91@secrets', secret)).status).toBe(200);
    expect((await introspectAs('91@secrets', `${secret}!`)).status).toBe(401);
  });

  test('a short client secret keeps its slow hash: a plain digest of it could be guessed', async () => {
    const projectId = await idOf('createProject', { body: { name: 'Short secrets' } });
    const body = {
      projectId,
      name: 'Old',
      type: 'api',
      authMethod: 'client_secret_basic',
      clientId: '92@short',
    };
    const { data } = await world.owner.call('createApplication', {
      body: { ...body, secretHash: bcrypt.hashSync('secret', 4) },
    });
    expect((await introspectAs('92@short', 'secret')).status).toBe(200);
    expect(await secretsOf(String(data.id))).toMatchObject([{ sha256: null }]);
  });

  test('the secret of a machine that came as a hash gets tokens', async () => {
    const users = [
      {
        id: '244756394579464001',
        kind: 'machine',
        loginName: 'old-robot',
        secretHash: bcrypt.hashSync(secret, 4),
      },
    ];
    expect((await world.owner.call('importUsers', { body: { users } })).data).toMatchObject({ created: 1 });
    const form = { grant_type: 'client_credentials', scope: 'openid' };
    const answer = await call(world.server, '/oauth/v2/token', { form, headers: basic('old-robot', secret) });
    expect(answer.status).toBe(200);
    expect(await secretsOf('244756394579464001')).toMatchObject([{ foreignHash: null }]);
  });

  test('a secret hash is refused where it cannot work: another way to authenticate, an unknown form, too dear', async () => {
    const projectId = await idOf('createProject', { body: { name: 'Wrong hashes' } });
    const body = { projectId, name: 'Wrong', type: 'api' };
    const ok = bcrypt.hashSync(secret, 4);
    for (const wrong of [
      { authMethod: 'private_key_jwt', secretHash: ok },
      { authMethod: 'client_secret_basic', secretHash: 'plain' },
      { authMethod: 'client_secret_basic', secretHash: `$2b$20$${'a'.repeat(53)}` },
    ])
      expect(await world.owner.refused('createApplication', { body: { ...body, ...wrong } })).toMatchObject({
        code: 'invalid-input',
        errors: [{ pointer: '/secretHash' }],
      });
  });

  test('who keeps failing gets no more hashes computed', async () => {
    const projectId = await idOf('createProject', { body: { name: 'Guessed' } });
    const body = {
      projectId,
      name: 'G',
      type: 'api',
      authMethod: 'client_secret_basic',
      clientId: '93@guessed',
    };
    await world.owner.call('createApplication', {
      body: { ...body, secretHash: bcrypt.hashSync(secret, 4) },
    });
    let last = 0;
    for (let index = 0; index < 100 && last !== 429; index += 1)
      last = (await introspectAs('93@guessed', 'wrong')).status;
    expect(last).toBe(429);
    expect((await introspectAs('93@guessed', secret)).status).toBe(429);
    world.server.clock.advance(61_000);
    expect((await introspectAs('93@guessed', secret)).status).toBe(200);
  });
});
