import { type SeededApplication, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, call, engines, introspect, tokensFor } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe.each(engines)('applications through the management API on $engine', ({ engine }) => {
  let world: ManagementWorld;
  let projectId: string;
  let systemApplicationId: string;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    projectId = String((await world.owner.call('createProject', { body: { name: 'Shop' } })).data.id);
    const { data } = await world.owner.call('listApplications', { query: { search: 'latchkey-console' } });
    systemApplicationId = itemsOf(data)[0]?.id ?? '';
  });
  afterAll(() => world.stop());

  interface Item {
    readonly id: string;
    readonly name: string;
  }
  const itemsOf = (data: Record<string, unknown>) => data.items as readonly Item[]; // cast: the answer was cut to its schema
  const namesOf = (data: Record<string, unknown>) => itemsOf(data).map(({ name }) => name);
  let count = 0;
  const create = async (type: string, more: object = {}): Promise<Record<string, unknown>> => {
    count += 1;
    const body = { projectId, name: `App ${count}`, type, ...more };
    return (await world.owner.call('createApplication', { body })).data;
  };
  const createRefused = (more: object) =>
    world.owner.refused('createApplication', { body: { projectId, name: 'Refused', type: 'web', ...more } });
  const spaUri = 'https://shop.example.com/callback';
  const toSeeded = (data: Record<string, unknown>): SeededApplication => ({
    id: String(data.id),
    clientId: String(data.clientId),
    project: { id: projectId, organizationId: world.server.organizationId, roleKeys: [] },
    type: data.type as SeededApplication['type'], // cast: the answer was cut to its schema
    authMethod: data.authMethod as SeededApplication['authMethod'], // cast: the answer was cut to its schema
    redirectUri: spaUri,
    clientSecret: typeof data.clientSecret === 'string' ? data.clientSecret : '',
  });
  const none = { path: { applicationId: '1' } };

  test('createApplication: 201 of a front end and an API, by name, type and redirect URI alone, works at once', async () => {
    const spa = await create('user_agent', { redirectUris: [spaUri] });
    expect(spa).toMatchObject({
      projectId,
      projectName: 'Shop',
      organizationId: world.server.organizationId,
      state: 'active',
      isSystem: false,
      authMethod: 'none',
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
      accessTokenType: 'opaque',
      accessTokenJwtType: null,
      idTokenClientIdAssertion: false,
      compliance: { isCompliant: true, problems: [] },
      clientSecret: null,
    });
    const api = await create('api');
    expect(api).toMatchObject({ authMethod: 'client_secret_basic', grantTypes: [], responseTypes: [] });
    expect(api.clientSecret).toMatch(/^lk_sec_/);
    const user = await seedUser(world.server);
    const { accessToken } = await tokensFor(world.server, toSeeded(spa), user);
    expect(await introspect(world.server, toSeeded(api), accessToken)).toMatchObject({
      active: true,
      sub: user.id,
    });
    const read = await world.owner.call('getApplication', { path: { applicationId: api.id } });
    expect(JSON.stringify(read.data)).not.toContain('lk_sec_');
  });

  test('createApplication: 201 for every type with what its defaults are', async () => {
    const web = await create('web', { redirectUris: ['https://web.example.com/callback'] });
    expect(web).toMatchObject({
      authMethod: 'client_secret_basic',
      isPkceRequired: false,
      compliance: { isCompliant: true, problems: [{ code: 'pkce-not-required', level: 'hint' }] },
    });
    const native = await create('native', {
      redirectUris: ['com.example.app:/callback', 'http://127.0.0.1/cb'],
    });
    expect(native).toMatchObject({ authMethod: 'none', compliance: { isCompliant: true } });
    const device = await create('native', {
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    });
    expect(device).toMatchObject({ responseTypes: [], compliance: { isCompliant: true } });
  });

  test('createApplication: 201 with every setting, told again as it was given', async () => {
    const settings = {
      redirectUris: ['https://web.example.com/callback'],
      postLogoutRedirectUris: ['https://web.example.com/#bye'],
      additionalOrigins: ['https://other.example.com'],
      authMethod: 'private_key_jwt',
      tokenEndpointAuthSigningAlg: 'PS256',
      grantTypes: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      responseTypes: ['code'],
      isThirdParty: true,
      initiateLoginUri: 'https://web.example.com/begin',
      defaultMaxAgeSeconds: 600,
      isAuthTimeRequired: true,
      defaultAcrValues: ['urn:example:strong'],
      accessTokenType: 'jwt',
      accessTokenJwtType: 'at+jwt',
      accessTokenRoleAssertion: true,
      idTokenRoleAssertion: true,
      idTokenUserinfoAssertion: true,
      idTokenClientIdAssertion: true,
      clockSkewSeconds: 3,
      accessTokenLifetimeSeconds: 300,
      idTokenLifetimeSeconds: 300,
      refreshIdleSeconds: 86_400,
      refreshAbsoluteSeconds: 864_000,
      idTokenSigningAlg: 'ES256',
      accessTokenSigningAlg: 'EdDSA',
      userinfoSignedResponseAlg: 'ES256',
      introspectionSignedResponseAlg: 'ES256',
      authorizationSignedResponseAlg: 'ES256',
      isMinimalIntrospection: true,
      subjectType: 'pairwise',
      sectorIdentifier: 'web.example.com',
      resourceUris: ['https://api.example.com/v1'],
      isPkceRequired: true,
      isParRequired: true,
      requestUris: ['https://web.example.com/request.jwt'],
      jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] },
      isSignedRequestRequired: true,
      requestObjectSigningAlg: 'EdDSA',
      isDpopRequired: true,
      frontchannelLogoutUri: 'https://web.example.com/out',
      isFrontchannelSessionRequired: true,
      backchannelLogoutUri: 'https://web.example.com/out',
      isBackchannelSessionRequired: true,
      clientUri: 'https://web.example.com',
      logoUri: 'https://web.example.com/logo.svg',
      policyUri: 'https://web.example.com/privacy',
      tosUri: 'https://web.example.com/terms',
      contacts: ['dev@example.com'],
    };
    const made = await create('web', settings);
    const { data } = await world.owner.call('getApplication', { path: { applicationId: made.id } });
    expect(data).toMatchObject({ ...settings, compliance: { isCompliant: true } });
  });

  test('createApplication: 201 with a client id of one’s own; 409 already-exists for one that is taken', async () => {
    expect(await create('api', { clientId: 'shop-api' })).toMatchObject({ clientId: 'shop-api' });
    const taken = await createRefused({ clientId: 'shop-api' });
    expect(taken).toMatchObject({ code: 'already-exists', errors: [{ pointer: '/clientId' }] });
    for (const clientId of ['latchkey-web', 'ZITADEL', '0123', 'a b', 'https://evil.example'])
      expect((await createRefused({ clientId })).code).toBe('invalid-input');
  });

  test('createApplication: 409 already-exists for a name of the project, free in another and after removal', async () => {
    const { id } = await create('api', { name: 'Twice' });
    expect(await createRefused({ name: 'Twice' })).toMatchObject({
      code: 'already-exists',
      errors: [{ pointer: '/name' }],
    });
    const other = await world.owner.call('createProject', { body: { name: 'Other shop' } });
    await create('api', { name: 'Twice', projectId: other.data.id });
    await world.owner.call('removeApplication', { path: { applicationId: id } });
    await create('api', { name: 'Twice' });
  });

  test('createApplication: 404 not-found, 400 invalid-input, 400 unsafe-setting, 409 conflict', async () => {
    expect((await createRefused({ projectId: '1' })).code).toBe('not-found');
    const wrong = await createRefused({
      redirectUris: ['https://a.example/cb', 'javascript:alert(1)', '/cb'],
    });
    expect(wrong).toMatchObject({
      code: 'invalid-input',
      errors: [{ pointer: '/redirectUris/1' }, { pointer: '/redirectUris/2' }],
    });
    const unsafe = await createRefused({ type: 'user_agent', authMethod: 'client_secret_post' });
    expect(unsafe).toMatchObject({ code: 'unsafe-setting', errors: [{ pointer: '/authMethod' }] });
    const system = await world.owner.call('getApplication', { path: { applicationId: systemApplicationId } });
    expect((await createRefused({ projectId: system.data.projectId })).code).toBe('conflict');
  });

  test('createApplication: 201 for one of ten who want the same resource URI, client id or name at once', async () => {
    const race = async (body: (index: number) => object): Promise<readonly number[]> => {
      const wanted = Array.from({ length: 10 }, (_, index) =>
        world.owner.send('POST', '/applications', { body: { projectId, type: 'api', ...body(index) } }),
      );
      return (await Promise.all(wanted)).map(({ status }) => status).sort();
    };
    const one = [201, ...Array.from({ length: 9 }, () => 409)];
    const resourceUris = ['https://api.example.com/race'];
    expect(await race((index) => ({ name: `Resource ${index}`, resourceUris }))).toEqual(one);
    expect(await race((index) => ({ name: `Client ${index}`, clientId: 'race-api' }))).toEqual(one);
    expect(await race(() => ({ name: 'Race' }))).toEqual(one);
  });

  test('createApplication: 409 conflict for a resource URI of another application, which stays that one’s', async () => {
    await create('api', { resourceUris: ['https://api.example.com/ledger'] });
    const problem = await createRefused({ type: 'api', resourceUris: ['https://api.example.com/ledger'] });
    expect(problem).toMatchObject({ code: 'conflict', errors: [{ pointer: '/resourceUris' }] });
  });

  test('checkApplication: 200 says what is refused, what is unsafe, and fills defaults in, saving nothing', async () => {
    const before = await world.owner.call('listApplications', { query: { limit: 200 } });
    const { data } = await world.owner.call('checkApplication', {
      body: { type: 'user_agent', redirectUris: ['http://shop.example.com/cb', 'data:x'] },
    });
    expect(data).toMatchObject({
      isAccepted: false,
      refusals: [{ setting: 'redirectUris', index: 1 }],
      compliance: { isCompliant: false, problems: [{ code: 'redirect-uri-http', setting: 'redirectUris' }] },
      settings: { type: 'user_agent', authMethod: 'none', responseTypes: ['code'] },
    });
    const after = await world.owner.call('listApplications', { query: { limit: 200 } });
    expect(after.data).toEqual(before.data);
  });

  test('checkApplication: 400 invalid-input without a type', async () => {
    expect((await world.owner.refused('checkApplication', { body: {} })).code).toBe('invalid-input');
  });

  test('listApplications: 200 in pages by name, narrowed by project, type, state and search', async () => {
    const { data: project } = await world.owner.call('createProject', { body: { name: 'Listed' } });
    const made: Record<string, unknown>[] = [];
    for (const [name, type] of [
      ['list b', 'api'],
      ['List A', 'native'],
      ['list c', 'api'],
    ] as const)
      made.push(await create(type, { name, projectId: project.id }));
    const query = { projectId: project.id, sort: 'name', limit: 2 };
    const first = await world.owner.call('listApplications', { query });
    expect(namesOf(first.data)).toEqual(['List A', 'list b']);
    const second = await world.owner.call('listApplications', {
      query: { ...query, cursor: first.data.nextCursor },
    });
    expect(namesOf(second.data)).toEqual(['list c']);
    const names = async (more: object) =>
      namesOf(
        (await world.owner.call('listApplications', { query: { projectId: project.id, ...more } })).data,
      );
    expect(await names({ type: 'api' })).toEqual(['list b', 'list c']);
    expect(await names({ search: 'ST A' })).toEqual(['List A']);
    expect(await names({ search: made[2]?.clientId })).toEqual(['list c']);
    expect(await names({ state: 'inactive' })).toEqual([]);
    expect(await names({ organizationId: world.otherOrganizationId })).toEqual([]);
    const manager = await world.callerWith(['PROJECT_OWNER'], { kind: 'project', id: String(project.id) });
    expect(namesOf((await manager.call('listApplications', { query: { sort: '-name' } })).data)).toEqual([
      'list c',
      'list b',
      'List A',
    ]);
  });

  test('listApplications: 400 cursor-invalid', async () => {
    const problem = await world.owner.refused('listApplications', { query: { cursor: 'made.up' } });
    expect(problem.code).toBe('cursor-invalid');
  });

  test('getApplication: 200 with a version and what is unsafe about it; the console says that it is Latchkey’s', async () => {
    const { id } = await create('native', { authMethod: 'client_secret_basic', redirectUris: ['myapp:/cb'] });
    const { data, etag } = await world.owner.call('getApplication', { path: { applicationId: id } });
    expect(data.compliance).toMatchObject({
      isCompliant: false,
      problems: [
        { code: 'secret-in-public-client', level: 'warning', setting: 'authMethod' },
        { code: 'pkce-not-required', level: 'hint', setting: 'isPkceRequired' },
      ],
    });
    expect(etag).toMatch(/^"/);
    const path = { applicationId: systemApplicationId };
    expect((await world.owner.call('getApplication', { path })).data).toMatchObject({ isSystem: true });
  });

  test('getApplication: 404 not-found', async () => {
    expect((await world.owner.refused('getApplication', none)).code).toBe('not-found');
  });

  test('deactivateApplication: 200 ends its tokens at once; activateApplication: 200 lets people in again', async () => {
    const spa = await create('user_agent', { redirectUris: [spaUri] });
    const api = toSeeded(await create('api'));
    const user = await seedUser(world.server);
    const { accessToken } = await tokensFor(world.server, toSeeded(spa), user);
    const path = { applicationId: spa.id };
    expect((await world.owner.call('deactivateApplication', { path })).data.state).toBe('inactive');
    expect(await introspect(world.server, api, accessToken)).toEqual({ active: false });
    expect((await world.owner.call('deactivateApplication', { path })).data.state).toBe('inactive');
    expect((await world.owner.call('activateApplication', { path })).data.state).toBe('active');
    expect(await introspect(world.server, api, accessToken)).toEqual({ active: false });
    const again = await tokensFor(world.server, toSeeded(spa), user);
    expect(await introspect(world.server, api, again.accessToken)).toMatchObject({ active: true });
  });

  test('activateApplication: 200 of an active one; 404 not-found, 409 conflict for Latchkey’s own', async () => {
    const { id } = await create('api');
    const { data } = await world.owner.call('activateApplication', { path: { applicationId: id } });
    expect(data.state).toBe('active');
    expect((await world.owner.refused('activateApplication', none)).code).toBe('not-found');
    const path = { applicationId: systemApplicationId };
    expect((await world.owner.refused('activateApplication', { path })).code).toBe('conflict');
  });

  test('deactivateApplication: 404 not-found, 409 conflict for Latchkey’s own', async () => {
    expect((await world.owner.refused('deactivateApplication', none)).code).toBe('not-found');
    const path = { applicationId: systemApplicationId };
    expect((await world.owner.refused('deactivateApplication', { path })).code).toBe('conflict');
  });

  test('removeApplication: 204 ends its tokens and its secret at once', async () => {
    const web = await create('web', { redirectUris: [spaUri] });
    const api = toSeeded(await create('api'));
    const { accessToken } = await tokensFor(world.server, toSeeded(web), await seedUser(world.server));
    expect(await introspect(world.server, api, accessToken)).toMatchObject({ active: true });
    await world.owner.call('removeApplication', { path: { applicationId: web.id } });
    expect(await introspect(world.server, api, accessToken)).toEqual({ active: false });
    const answer = await call(world.server, '/oauth/v2/introspect', {
      form: { token: accessToken },
      headers: basic(String(web.clientId), String(web.clientSecret)),
    });
    expect(answer.status).toBe(401);
    const path = { applicationId: web.id };
    expect((await world.owner.refused('getApplication', { path })).code).toBe('not-found');
  });

  test('removeApplication: 404 not-found, 409 conflict for Latchkey’s own', async () => {
    expect((await world.owner.refused('removeApplication', none)).code).toBe('not-found');
    const path = { applicationId: systemApplicationId };
    expect((await world.owner.refused('removeApplication', { path })).code).toBe('conflict');
  });
});
