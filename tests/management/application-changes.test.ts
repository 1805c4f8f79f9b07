import { type SeededApplication, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, discover, introspect, redeem, signIn, tokensFor } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe('changes of applications through the management API', () => {
  let world: ManagementWorld;
  let projectId: string;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    projectId = String((await world.owner.call('createProject', { body: { name: 'Shop' } })).data.id);
  });
  afterAll(() => world.stop());

  const redirectUri = 'https://shop.example.com/callback';
  let count = 0;
  const create = async (type: string, more: object = {}): Promise<SeededApplication> => {
    count += 1;
    const redirectUris = type === 'api' ? [] : [redirectUri];
    const body = { projectId, name: `App ${count}`, type, redirectUris, ...more };
    const { data } = await world.owner.call('createApplication', { body });
    return {
      id: String(data.id),
      clientId: String(data.clientId),
      project: { id: projectId, organizationId: world.server.organizationId, roleKeys: [] },
      type: data.type as SeededApplication['type'], // cast: the answer was cut to its schema
      authMethod: data.authMethod as SeededApplication['authMethod'], // cast: the answer was cut to its schema
      redirectUri,
      clientSecret: typeof data.clientSecret === 'string' ? data.clientSecret : '',
    };
  };
  const change = async (application: SeededApplication, body: object) =>
    (await world.owner.call('updateApplication', { path: { applicationId: application.id }, body })).data;
  const refused = (application: SeededApplication, body: object) =>
    world.owner.refused('updateApplication', { path: { applicationId: application.id }, body });

  test('updateApplication: 200 changes only what is given, null clears, and the event has old and new values', async () => {
    const application = await create('web', {
      policyUri: 'https://shop.example.com/privacy',
      contacts: ['a'],
    });
    const data = await change(application, { name: 'Renamed', policyUri: null, contacts: [] });
    expect(data).toMatchObject({
      name: 'Renamed',
      policyUri: null,
      contacts: [],
      authMethod: 'client_secret_basic',
    });
    const event = await world.server.store.db
      .selectFrom('events')
      .select('detail')
      .where('type', '=', 'application.changed')
      .where('objectId', '=', application.id)
      .executeTakeFirstOrThrow();
    expect(event.detail).toEqual({
      from: { name: expect.any(String), policyUri: 'https://shop.example.com/privacy', contacts: ['a'] },
      to: { name: 'Renamed', policyUri: null, contacts: [] },
      endsTokens: false,
    });
  });

  test('updateApplication: 200 of a redirect URI counts at the next sign-in, and tokens stay', async () => {
    const application = await create('user_agent');
    const user = await seedUser(world.server);
    const api = await create('api');
    const { accessToken } = await tokensFor(world.server, application, user);
    const moved = 'https://new.example.com/callback';
    await change(application, { redirectUris: [moved] });
    expect(await introspect(world.server, api, accessToken)).toMatchObject({ active: true });
    const { callback } = await signIn(world.server, { ...application, redirectUri: moved }, user);
    expect(callback.origin).toBe('https://new.example.com');
    const old = await world.server.fetch(
      `/oauth/v2/authorize?${new URLSearchParams({ client_id: application.clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'openid' })}`,
    );
    expect(old.status).toBe(400);
  });

  test.each([
    ['becoming a third party’s', { isThirdParty: true }],
    ['a new method after none', { authMethod: 'client_secret_basic', type: 'web' }],
    ['a grant taken out', { grantTypes: ['authorization_code'] }],
    ['tokens bound to keys', { isDpopRequired: true }],
    ['pairwise subjects', { subjectType: 'pairwise' }],
  ])('updateApplication: 200 with %s ends what it was given before', async (_, body) => {
    const application = await create('user_agent');
    const api = await create('api');
    const { accessToken, refreshToken } = await tokensFor(
      world.server,
      application,
      await seedUser(world.server),
    );
    expect(await introspect(world.server, api, accessToken)).toMatchObject({ active: true });
    await change(application, body);
    expect(await introspect(world.server, api, accessToken)).toEqual({ active: false });
    const grants = await world.server.store.db
      .selectFrom('grants')
      .select('endedAtMs')
      .where('applicationId', '=', application.id)
      .execute();
    expect(grants).toHaveLength(1);
    expect(grants[0]?.endedAtMs).not.toBeNull();
    // Taking the change back brings nothing back.
    await change(application, {
      type: 'user_agent',
      authMethod: 'none',
      grantTypes: ['authorization_code', 'refresh_token'],
      isThirdParty: false,
      isDpopRequired: false,
      subjectType: 'public',
    });
    const again = await call(world.server, '/oauth/v2/token', {
      form: { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: application.clientId },
    });
    expect(again.body.error).toBe('invalid_grant');
  });

  test('updateApplication: 200 to a method without secret ends the secrets for good', async () => {
    const application = await create('web');
    const { id: applicationId } = application;
    await change(application, { authMethod: 'private_key_jwt' });
    const { data } = await world.owner.call('listApplicationSecrets', { path: { applicationId } });
    expect(data.items).toEqual([]);
    await change(application, { authMethod: 'client_secret_basic' });
    const signedIn = await signIn(world.server, application, await seedUser(world.server));
    await expect(redeem(await discover(world.server, application), signedIn)).rejects.toMatchObject({
      status: 401,
    });
  });

  test('updateApplication: 200 between Basic and body keeps the secret', async () => {
    const application = await create('web');
    await change(application, { authMethod: 'client_secret_post' });
    const tokens = await tokensFor(
      world.server,
      { ...application, authMethod: 'client_secret_post' },
      await seedUser(world.server),
    );
    expect(tokens.accessToken).not.toBe('');
  });

  test('updateApplication: 200 keeps response types in step with grant types', async () => {
    const application = await create('web');
    const device = 'urn:ietf:params:oauth:grant-type:device_code';
    expect(await change(application, { grantTypes: [device] })).toMatchObject({ responseTypes: [] });
    expect(await change(application, { grantTypes: [device, 'authorization_code'] })).toMatchObject({
      responseTypes: ['code'],
    });
  });

  test('updateApplication: 404 not-found, 400 invalid-input, 409 already-exists', async () => {
    const application = await create('web');
    const none = { path: { applicationId: '1' }, body: { name: 'x' } };
    expect((await world.owner.refused('updateApplication', none)).code).toBe('not-found');
    const unknown = await refused(application, { clientId: 'other' });
    expect(unknown).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/clientId' }] });
    const keys = await refused(application, {
      jwks: { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', d: 'AQAB' }] },
    });
    expect(keys).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/jwks' }] });
    await create('api', { name: 'Neighbour' });
    expect((await refused(application, { name: 'Neighbour' })).code).toBe('already-exists');
  });

  test('updateApplication: 400 unsafe-setting for what does not go together, with the place of each', async () => {
    const application = await create('web');
    const problem = await refused(application, {
      type: 'user_agent',
      idTokenSigningAlg: 'RS512',
      refreshIdleSeconds: 10,
      refreshAbsoluteSeconds: 5,
    });
    expect(problem.code).toBe('unsafe-setting');
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual([
      '/authMethod',
      '/refreshIdleSeconds',
      '/idTokenSigningAlg',
    ]);
    expect(problem.errors?.[2]?.detail).toContain('RS256');
  });

  test('updateApplication: 409 conflict for Latchkey’s own and for a resource of another', async () => {
    const { data } = await world.owner.call('listApplications', { query: { search: 'latchkey-cli' } });
    const own = (data.items as SeededApplication[])[0]; // cast: an item has an id, which is all that is used
    if (own === undefined) throw new Error('the command line is no application');
    expect((await refused(own, { name: 'Mine' })).code).toBe('conflict');
    await create('api', { resourceUris: ['https://api.example.com/a'] });
    const api = await create('api');
    expect((await refused(api, { resourceUris: ['https://api.example.com/a'] })).code).toBe('conflict');
    await change(api, { resourceUris: ['https://api.example.com/b'] });
  });

  test('updateApplication: 412 stale-version for an ETag of before', async () => {
    const application = await create('web');
    const path = { applicationId: application.id };
    const { etag = '' } = await world.owner.call('getApplication', { path });
    await change(application, { clockSkewSeconds: 2 });
    const stale = { path, body: { clockSkewSeconds: 3 }, ifMatch: etag };
    expect((await world.owner.refused('updateApplication', stale)).code).toBe('stale-version');
  });
});
