import { type SeededUser, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  basicOf,
  call,
  countRows,
  engines,
  type FlowServer,
  startFlowServer,
  tokensFor,
} from './flow-world.ts';
import {
  bearer,
  configure,
  type Metadata,
  registered,
  registerPath,
  textOf,
  toApplication,
  usualMetadata,
} from './registration-world.ts';

describe.each(engines)('registration management on $engine', ({ engine }) => {
  let world: FlowServer;
  let ada: SeededUser;

  beforeAll(async () => {
    world = await startFlowServer(engine);
    await configure(world.server, {
      dynamicRegistration: 'open',
      // First party, so that these flows need no consent.
      registrationPolicy: JSON.stringify({ isThirdParty: false }),
    });
    ada = await seedUser(world.server);
  });
  afterAll(() => world?.stop());

  const pathOf = (client: Metadata) => `${registerPath}/${textOf(client, 'client_id')}`;
  const tokenOf = (client: Metadata) => bearer(textOf(client, 'registration_access_token'));

  async function get(client: Metadata, headers = tokenOf(client)): Promise<Answer> {
    return await call(world.server, pathOf(client), { headers });
  }

  async function put(client: Metadata, body: Metadata, headers = tokenOf(client)): Promise<Answer> {
    return await call(world.server, pathOf(client), {
      method: 'PUT',
      form: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  async function remove(client: Metadata, headers = tokenOf(client)): Promise<Response> {
    return await world.server.fetch(pathOf(client), { method: 'DELETE', headers });
  }

  test('RFC 7592 §2.1: reading tells what is registered, and no secret', async () => {
    const client = await registered(world.server, {
      ...usualMetadata,
      initiate_login_uri: 'https://corner.example.com/go',
    });
    const { status, body } = await get(client);
    const { client_secret: _, client_secret_expires_at: __, ...told } = client;
    expect(status).toBe(200);
    expect(body).toEqual(told);
  });

  test('RFC 7592 §2.2: an update replaces everything, what is left out goes back to its default', async () => {
    const client = await registered(world.server, {
      ...usualMetadata,
      contacts: ['a@example.com'],
      default_max_age: 10,
    });
    const { status, body } = await put(client, {
      client_id: client.client_id,
      redirect_uris: ['https://corner.example.com/other'],
      client_name: null,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      client_id: client.client_id,
      redirect_uris: ['https://corner.example.com/other'],
      client_name: 'Registered application',
    });
    expect(body).not.toHaveProperty('contacts');
    expect(body).not.toHaveProperty('default_max_age');
    const again = await get(client, tokenOf(body));
    expect(again.body).toEqual(body);
  });

  test('RFC 7592 §3: an update gives a new registration access token and the old one is dead', async () => {
    const client = await registered(world.server);
    const { body } = await put(client, { ...usualMetadata, client_id: client.client_id });
    expect(body.registration_access_token).not.toBe(client.registration_access_token);
    expect((await get(client)).status).toBe(401);
    expect((await get(client, tokenOf(body))).status).toBe(200);
  });

  test('RFC 7592 §3: of many updates at once by one token, one succeeds', async () => {
    const client = await registered(world.server);
    const body = { ...usualMetadata, client_id: client.client_id };
    const answers = await Promise.all(Array.from({ length: 10 }, () => put(client, body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(9);
  });

  test.each([
    ['another client_id', { client_id: '1' }],
    ['no client_id', { client_id: undefined }],
    ['a secret of its choice', { client_secret: 'hunter2' }],
    ['registration_access_token', { registration_access_token: 'x' }],
    ['registration_client_uri', { registration_client_uri: 'https://a.example/' }],
    ['client_secret_expires_at', { client_secret_expires_at: 0 }],
    ['client_id_issued_at', { client_id_issued_at: 0 }],
  ])('RFC 7592 §2.2: an update with %s is refused and changes nothing', async (_, change) => {
    const client = await registered(world.server);
    const before = await countRows(world.server);
    const { status, body } = await put(client, { ...usualMetadata, client_id: client.client_id, ...change });
    expect([status, body.error]).toEqual([400, 'invalid_client_metadata']);
    expect(await countRows(world.server)).toEqual(before);
    expect((await get(client)).status).toBe(200);
  });

  test('RFC 7592 §2.2: the secret of now may be sent along, and still counts afterwards', async () => {
    const client = await registered(world.server);
    const { status, body } = await put(client, {
      ...usualMetadata,
      client_id: client.client_id,
      client_secret: client.client_secret,
    });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('client_secret');
    const answer = await call(world.server, '/oauth/v2/revoke', {
      form: { token: 'whatever' },
      headers: basicOf(toApplication(client)),
    }).catch(() => undefined);
    expect(answer?.status ?? 200).toBe(200);
  });

  test('RFC 7592 §2.2: becoming a public client ends the secret, becoming a confidential one gives one', async () => {
    const client = await registered(world.server);
    const open = await put(client, {
      ...usualMetadata,
      client_id: client.client_id,
      token_endpoint_auth_method: 'none',
    });
    expect([open.status, open.body.token_endpoint_auth_method]).toEqual([200, 'none']);
    const refused = await call(world.server, '/oauth/v2/introspect', {
      form: { token: 'x' },
      headers: basicOf(toApplication(client)),
    });
    expect(refused.status).toBe(401);
    const closed = await put(open.body, { ...usualMetadata, client_id: client.client_id });
    expect(textOf(closed.body, 'client_secret')).not.toBe(client.client_secret);
  });

  test('RFC 7592 §2.1: a wrong token, none and an unknown client are told the same', async () => {
    const client = await registered(world.server);
    const other = await registered(world.server);
    const answers = [
      await get(client, bearer('lk_reg_wrong')),
      await get(client, {}),
      await get(client, tokenOf(other)),
      await get({ ...client, client_id: '404' }),
      await put(client, { ...usualMetadata, client_id: client.client_id }, tokenOf(other)),
    ];
    for (const { status, body } of answers) expect([status, body.error]).toEqual([401, 'invalid_token']);
    expect((await remove(client, tokenOf(other))).status).toBe(401);
    expect((await get(client)).status).toBe(200);
  });

  test('RFC 7592 §2.3: removing answers 204, and everything of the client is dead within a second', async () => {
    const { server } = world;
    const client = await registered(server, {
      ...usualMetadata,
      grant_types: ['authorization_code', 'refresh_token'],
    });
    const application = toApplication(client);
    const { accessToken, refreshToken } = await tokensFor(server, application, ada);
    const headers = bearer(accessToken);
    expect((await call(server, '/oidc/v1/userinfo', { headers })).status).toBe(200);
    const removed = await remove(client);
    expect([removed.status, await removed.text()]).toEqual([204, '']);
    expect((await call(server, '/oidc/v1/userinfo', { headers })).status).toBe(401);
    const refreshed = await call(server, '/oauth/v2/token', {
      form: { grant_type: 'refresh_token', refresh_token: refreshToken },
      headers: basicOf(application),
    });
    expect([refreshed.status, refreshed.body.error]).toEqual([401, 'invalid_client']);
    expect((await get(client)).status).toBe(401);
    expect((await remove(client)).status).toBe(401);
  });

  test('RFC 7592 §2: other methods are told which there are, and browsers may ask', async () => {
    const client = await registered(world.server);
    const posted = await world.server.fetch(pathOf(client), { method: 'POST', body: '{}' });
    const asked = await world.server.fetch(pathOf(client), { method: 'OPTIONS' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, PUT, DELETE']);
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, PUT, DELETE');
    expect((await world.server.fetch(`${pathOf(client)}/more`)).status).toBe(404);
  });
});
