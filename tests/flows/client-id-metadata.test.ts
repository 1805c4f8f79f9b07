import { createPublicKey } from 'node:crypto';
import { updateInstanceSettings } from '@latchkey/store';
import {
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  createKeyPair,
  type KeyFile,
  leftFor,
  pageOf,
  type SeededApplication,
  type SeededUser,
  seedUser,
  setState,
  signAssertion,
} from '@latchkey/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DocumentHost, startDocumentHost } from './document-host.ts';
import {
  beginFlow,
  call,
  countRows,
  discover,
  engines,
  type FlowServer,
  redeem,
  startFlowServer,
} from './flow-world.ts';

const redirectUri = 'https://tool.example.com/callback';

describe.each(engines)('client id metadata documents on $engine', ({ engine }) => {
  let world: FlowServer;
  let documents: DocumentHost;
  let ada: SeededUser;
  let count = 0;

  beforeAll(async () => {
    documents = await startDocumentHost();
    world = await startFlowServer(engine, { outboundAllow: [documents.target] });
    ada = await seedUser(world.server);
  });
  beforeEach(() => enable('on'));
  afterAll(async () => {
    await world?.stop();
    await documents?.close();
  });

  async function enable(state: 'on' | 'off'): Promise<void> {
    const isClientIdMetadataEnabled = state === 'on';
    await changeAsOperator(world.server, (change) =>
      updateInstanceSettings(change, { isClientIdMetadataEnabled }),
    );
    for (let tries = 0; tries < 500; tries += 1) {
      const { body } = await call(world.server, '/.well-known/openid-configuration');
      if ((body.client_id_metadata_document_supported === true) === isClientIdMetadataEnabled) return;
    }
    throw new Error('the node has not heard of the setting');
  }

  /** Publishes a document at an address of its own; resolves to the client. */
  function publish(change: Readonly<Record<string, unknown>> = {}, more: object = {}): SeededApplication {
    count += 1;
    const path = `/${engine}/client-${count}`;
    const clientId = documents.origin + path;
    documents.publish(path, {
      body: {
        client_id: clientId,
        client_name: 'Handy tool',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
        ...change,
      },
      ...more,
    });
    return asClient(clientId);
  }

  function asClient(clientId: string): SeededApplication {
    return {
      id: '',
      clientId,
      project: { id: '', organizationId: '', roleKeys: [] },
      type: 'user_agent',
      authMethod: 'none',
      redirectUri,
      clientSecret: '',
    };
  }

  async function begin(client: SeededApplication) {
    const { server } = world;
    const flow = await beginFlow(server, client, { scope: 'openid profile offline_access' });
    const agent = createBrowserAgent(server);
    return { flow, agent, stop: await agent.open(flow.url) };
  }

  /** Signs in and agrees; resolves to the tokens. */
  async function connect(client: SeededApplication) {
    const { flow, agent, stop } = await begin(client);
    const asked = pageOf(await completeSignIn(agent, stop, ada));
    expect(asked.name).toBe('consent');
    const { url } = leftFor(await agent.submit(asked, { decision: 'allow' }));
    return await redeem(await discover(world.server, client), { flow, callback: url });
  }

  async function refusedPage(client: SeededApplication): Promise<number> {
    return pageOf((await begin(client)).stop).status;
  }

  test('draft-ietf-oauth-client-id-metadata-document §4: a client nobody registered signs a person in by its document', async () => {
    const { server } = world;
    const client = publish();
    const tokens = await connect(client);
    expect(tokens.claims()).toMatchObject({ sub: ada.id, aud: [client.clientId] });
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect((await call(server, '/oidc/v1/userinfo', { headers })).body.sub).toBe(ada.id);
    const refreshed = await call(server, '/oauth/v2/token', {
      form: {
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh_token ?? '',
        client_id: client.clientId,
      },
    });
    expect(refreshed.status).toBe(200);
  });

  test('draft-ietf-oauth-client-id-metadata-document §4: nothing is stored of a client before a person agrees', async () => {
    const client = publish();
    const applications = () =>
      world.server.store.db
        .selectFrom('applications')
        .select('clientId')
        .where('clientId', '=', client.clientId)
        .execute();
    const before = await countRows(world.server);
    expect(pageOf((await begin(client)).stop).name).toBe('login-name');
    expect(await countRows(world.server)).toEqual(before);
    expect(await applications()).toHaveLength(0);
    await connect(client);
    expect(await applications()).toHaveLength(1);
  });

  test('draft-ietf-oauth-client-id-metadata-document §4.4: a document is kept in memory, a refusal a shorter while', async () => {
    const client = publish();
    const { pathname } = new URL(client.clientId);
    for (let tries = 0; tries < 3; tries += 1) await begin(client);
    expect(documents.hits(pathname)).toBe(1);
    const missing = asClient(`${documents.origin}/${engine}/missing`);
    for (let tries = 0; tries < 3; tries += 1) expect(await refusedPage(missing)).toBe(400);
    expect(documents.hits(new URL(missing.clientId).pathname)).toBe(1);
  });

  test.each([
    ['another client_id', { client_id: 'https://other.example.com/client' }, {}],
    ['no redirect URIs', { redirect_uris: undefined }, {}],
    ['a secret', { client_secret: 'x' }, {}],
    ['authentication by a secret', { token_endpoint_auth_method: 'client_secret_basic' }, {}],
    ['private_key_jwt without keys', { token_endpoint_auth_method: 'private_key_jwt' }, {}],
    ['a redirect URI with a fragment', { redirect_uris: ['https://tool.example.com/#'] }, {}],
    [
      'another redirect URI than the one of the request',
      { redirect_uris: ['https://tool.example.com/other'] },
      {},
    ],
    ['status 404', {}, { status: 404 }],
    ['a redirect', {}, { status: 302 }],
    ['a page', {}, { type: 'text/html' }],
    ['no JSON', {}, { body: '{"client_id"' }],
    ['40 kB', { x: 'x'.repeat(40_000) }, {}],
  ])(
    'draft-ietf-oauth-client-id-metadata-document §4.1: a document with %s names no client',
    async (_, change, more) => {
      expect(await refusedPage(publish(change, more))).toBe(400);
    },
  );

  test.each([
    'http://127.0.0.1/client',
    'https://127.0.0.1',
    'https://user@127.0.0.1/client',
    'https://127.0.0.1/client#part',
    'https://127.0.0.1/a/../client',
    'https://127.0.0.1/a/%2e%2E/client',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/client',
  ])('draft-ietf-oauth-client-id-metadata-document §3: %s is never fetched', async (clientId) => {
    expect(await refusedPage(asClient(clientId))).toBe(400);
  });

  test('draft-ietf-oauth-client-id-metadata-document §6: the setting switched off ends what it let in until it is on again', async () => {
    const client = publish();
    const tokens = await connect(client);
    await enable('off');
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect(await refusedPage(client)).toBe(400);
    expect((await call(world.server, '/oidc/v1/userinfo', { headers })).status).toBe(401);
    const form = {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token ?? '',
      client_id: client.clientId,
    };
    expect((await call(world.server, '/oauth/v2/token', { form })).status).toBe(401);
    await enable('on');
    expect((await call(world.server, '/oauth/v2/token', { form })).status).toBe(200);
  });

  test('draft-ietf-oauth-client-id-metadata-document §6.2: a client proves itself by the keys of its document', async () => {
    const { server } = world;
    const pair = await createKeyPair();
    const jwk = createPublicKey(pair.publicKeyPem).export({ format: 'jwk' });
    const { clientId } = publish({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...jwk, kid: 'k1', use: 'sig' }] },
    });
    const push = async (key: string) => {
      const file: KeyFile = { type: 'application', keyId: 'k1', key, appId: '', clientId };
      const nowSeconds = Math.floor(server.clock.now() / 1000);
      return await call(server, '/oauth/v2/par', {
        form: {
          response_type: 'code',
          redirect_uri: redirectUri,
          scope: 'openid',
          code_challenge: 'a'.repeat(43),
          code_challenge_method: 'S256',
          client_assertion: signAssertion(file, { audience: server.issuer, nowSeconds, claims: {} }),
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        },
      });
    };
    expect((await push(pair.privateKeyPem)).status).toBe(201);
    expect((await push((await createKeyPair()).privateKeyPem)).status).toBe(401);
  });

  test('an operator switches such a client off like any other', async () => {
    const { server } = world;
    const client = publish();
    const tokens = await connect(client);
    const row = await server.store.db
      .selectFrom('applications')
      .select('id')
      .where('clientId', '=', client.clientId)
      .executeTakeFirstOrThrow();
    await setState(server, 'application', row.id, 'inactive');
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect((await call(server, '/oidc/v1/userinfo', { headers })).status).toBe(401);
    expect(await refusedPage(client)).toBe(400);
  });

  test('a person who agreed before is served while the document cannot be reached', async () => {
    const client = publish();
    const tokens = await connect(client);
    const { pathname } = new URL(client.clientId);
    documents.publish(pathname, { body: 'down', status: 503 });
    const node = await world.server.startNode();
    try {
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      expect((await call(node, '/oidc/v1/userinfo', { headers })).status).toBe(200);
    } finally {
      await node.close();
    }
  });
});
