import { createVerifier, protectedResourceMetadata } from '@latchkey/api';
import { requireAuth, serveResourceMetadata } from '@latchkey/api/hono';
import {
  completeSignIn,
  createBrowserAgent,
  leftFor,
  pageOf,
  type SeededUser,
  seedApplication,
  seedProject,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DocumentHost, startDocumentHost } from './document-host.ts';
import { beginFlow, call, engines, type FlowServer, startFlowServer } from './flow-world.ts';
import { configure, registered, toApplication } from './registration-world.ts';

const resource = 'https://quotes.example.com/mcp';
const redirectUri = 'http://127.0.0.1:33418/callback';

/** The API a client wants to use; it knows its issuer and nobody else. */
async function createApi(server: TestServer) {
  const project = await seedProject(server, { isOpenToThirdParties: true });
  const api = await seedApplication(server, project, { type: 'api', resourceUris: [resource] });
  const metadata = protectedResourceMetadata({ resource, authorizationServers: [server.issuer] });
  const verifier = createVerifier({
    issuer: server.issuer,
    mode: 'introspect',
    clientId: api.clientId,
    clientSecret: api.clientSecret,
    now: () => server.clock.now(),
  });
  const app = new Hono();
  app.get(metadata.path, serveResourceMetadata(metadata));
  app.use(requireAuth(verifier, { resourceMetadataUrl: metadata.url }));
  app.get('/mcp', (c) => c.json({ tools: ['quote'], who: c.get('auth')?.subject }));
  return app;
}

describe.each(engines)('a client that knows nothing but the address of an API, on $engine', ({ engine }) => {
  let world: FlowServer;
  let documents: DocumentHost;
  let api: Hono;
  let ada: SeededUser;

  beforeAll(async () => {
    documents = await startDocumentHost();
    world = await startFlowServer(engine, { outboundAllow: [documents.target] });
    await configure(world.server, { dynamicRegistration: 'open', isClientIdMetadataEnabled: true });
    ada = await seedUser(world.server);
    api = await createApi(world.server);
  });
  afterAll(async () => {
    await world?.stop();
    await documents?.close();
  });

  /** From the first 401 to the authorization server's metadata (RFC 9728 §5). */
  async function findIssuer(): Promise<Readonly<Record<string, unknown>>> {
    const refused = await api.request('/mcp');
    expect(refused.status).toBe(401);
    const [, where = ''] =
      /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
    const found: unknown = await (await api.request(new URL(where).pathname)).json();
    expect(found).toMatchObject({ resource, authorization_servers: [world.server.issuer] });
    return (await call(world.server, '/.well-known/oauth-authorization-server')).body;
  }

  /** Signs in, agrees, redeems and calls the API; resolves to what it answered. */
  async function use(clientId: string): Promise<unknown> {
    const { server } = world;
    const client = {
      ...toApplication({ client_id: clientId, redirect_uris: [redirectUri] }),
      authMethod: 'none',
    } as const;
    const flow = await beginFlow(server, client, { scope: 'openid offline_access', resource });
    const agent = createBrowserAgent(server);
    const asked = pageOf(await completeSignIn(agent, await agent.open(flow.url), ada));
    expect(asked.name).toBe('consent');
    const { url } = leftFor(await agent.submit(asked, { decision: 'allow' }));
    const { body } = await call(server, '/oauth/v2/token', {
      form: {
        grant_type: 'authorization_code',
        code: url.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: flow.verifier,
        client_id: clientId,
        resource,
      },
    });
    expect(body.refresh_token).toBeDefined();
    const headers = { authorization: `Bearer ${body.access_token}` };
    const answer = await api.request('/mcp', { headers });
    expect(answer.status).toBe(200);
    return await answer.json();
  }

  test('RFC 9728 §5: from 401 by the metadata of API and issuer and RFC 7591 to an answer', async () => {
    const issuer = await findIssuer();
    expect(issuer.registration_endpoint).toBe(`${world.server.issuer}/oauth/v2/register`);
    const client = await registered(world.server, {
      client_name: 'Assistant',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    });
    expect(await use(String(client.client_id))).toEqual({ tools: ['quote'], who: ada.id });
  });

  test('RFC 9728 §5: from 401 to an answer by a client id metadata document', async () => {
    const issuer = await findIssuer();
    expect(issuer.client_id_metadata_document_supported).toBe(true);
    const clientId = `${documents.origin}/${engine}/assistant.json`;
    documents.publish(`/${engine}/assistant.json`, {
      body: {
        client_id: clientId,
        client_name: 'Assistant',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
      },
    });
    expect(await use(clientId)).toEqual({ tools: ['quote'], who: ada.id });
  });

  test('RFC 8707 §2: a token that was not asked for this API is refused by it', async () => {
    const { server } = world;
    const spa = await seedApplication(server, await seedProject(server), { type: 'user_agent' });
    const flow = await beginFlow(server, spa);
    const agent = createBrowserAgent(server);
    const { url } = leftFor(await completeSignIn(agent, await agent.open(flow.url), ada));
    const { body } = await call(server, '/oauth/v2/token', {
      form: {
        grant_type: 'authorization_code',
        code: url.searchParams.get('code') ?? '',
        redirect_uri: spa.redirectUri,
        code_verifier: flow.verifier,
        client_id: spa.clientId,
      },
    });
    const answer = await api.request('/mcp', { headers: { authorization: `Bearer ${body.access_token}` } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('resource_metadata=');
  });
});
