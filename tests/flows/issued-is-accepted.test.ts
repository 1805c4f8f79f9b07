import { createBrowserAgent, leftFor, pageOf, type SeededApplication, seedUser } from '@latchkey/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  basicOf,
  beginFlow,
  call,
  type FlowServer,
  introspect,
  signIn,
  startFlowServer,
} from './flow-world.ts';
import { redeemWalk, roleKeyOf, type SizedProject, seedSizedProject } from './size-world.ts';

const estates = [
  { roles: 0, applications: 3, personRoles: 0 },
  { roles: 60, applications: 30, personRoles: 60, jwtRoles: 'told' },
  { roles: 500, applications: 300, personRoles: 500, jwtRoles: 'told' },
] as const;
const letters = fc.constantFrom(...'ABCDEFGHabcdefgh0123456789-_~.% "\\&+');

const anyRequest = fc.record({
  estate: fc.integer({ min: 0, max: estates.length - 1 }),
  kind: fc.constantFrom('opaque', 'jwt'),
  state: fc.string({ unit: letters, minLength: 1, maxLength: 6000, size: 'max' }),
  roles: fc.uniqueArray(fc.integer({ min: 0, max: 499 }), { maxLength: 40, size: 'max' }),
  claims: fc.uniqueArray(
    fc.string({ unit: letters.filter((c) => /\w/.test(c)), minLength: 1, maxLength: 60 }),
    {
      maxLength: 40,
      size: 'max',
    },
  ),
});

describe('whatever is issued is accepted', () => {
  let flowServer: FlowServer;
  let projects: readonly SizedProject[];
  let ada: Awaited<ReturnType<typeof seedUser>>;
  beforeAll(async () => {
    flowServer = await startFlowServer('pglite');
    ada = await seedUser(flowServer.server);
    const made: SizedProject[] = [];
    for (const estate of estates) made.push(await seedSizedProject(flowServer.server, ada, estate));
    projects = made;
  });
  afterAll(() => flowServer?.stop());

  function paramsOf({ state, roles, claims }: typeof anyRequest extends fc.Arbitrary<infer T> ? T : never) {
    const scopes = roles.map((index) => `urn:zitadel:iam:org:project:role:${roleKeyOf(index)}`);
    return {
      scope: ['openid', 'profile', 'offline_access', ...scopes].join(' '),
      state,
      claims: JSON.stringify({ userinfo: Object.fromEntries(claims.map((name) => [name, null])) }),
    };
  }

  async function push(application: SeededApplication, url: URL): Promise<string> {
    const { server } = flowServer;
    const form = Object.fromEntries(url.searchParams);
    const pushed = await call(server, '/oauth/v2/par', { form, headers: basicOf(application) });
    expect(pushed.status).toBe(201);
    const request = { client_id: application.clientId, request_uri: String(pushed.body.request_uri) };
    return `/oauth/v2/authorize?${new URLSearchParams(request)}`;
  }

  test('over sizes of project and request: addresses, codes, tokens, hints, pushed requests', async () => {
    const { server } = flowServer;
    const agents = new Map<string, ReturnType<typeof createBrowserAgent>>();
    const property = fc.asyncProperty(anyRequest, async (request) => {
      const project = projects[request.estate];
      if (project === undefined) throw new Error('no such project');
      const application = project[request.kind as 'opaque' | 'jwt'];
      const agent = agents.get('ada') ?? (await signIn(server, application, ada)).agent;
      agents.set('ada', agent);
      const flow = await beginFlow(server, application, paramsOf(request));
      const pushed = await push(application, flow.url);
      // A stranger is asked who they are.
      for (const address of [flow.url, pushed])
        expect(pageOf(await createBrowserAgent(server).open(address)).name).toBe('login-name');
      const { url: callback } = leftFor(await agent.open(pushed));
      expect(callback.searchParams.get('state')).toBe(request.state);
      const tokens = await redeemWalk(server, application, { callback, verifier: flow.verifier });
      const { access_token: token = '', id_token: hint = '', refresh_token = '', scope = '' } = tokens;
      expect(await introspect(server, project.api, token)).toMatchObject({ active: true, sub: ada.id });
      const headers = { authorization: `Bearer ${token}` };
      expect((await call(server, '/oidc/v1/userinfo', { headers })).status).toBe(200);
      const refreshed = await call(server, '/oauth/v2/token', {
        form: { grant_type: 'refresh_token', refresh_token, scope },
        headers: basicOf(application),
      });
      expect(refreshed.body.scope).toBe(scope);
      const exchanged = await call(server, '/oauth/v2/token', {
        form: {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: String(refreshed.body.access_token),
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        },
        headers: basicOf(application),
      });
      expect(exchanged.status).toBe(200);
      const signOut = new URLSearchParams({ id_token_hint: hint });
      expect((await server.fetch(`/oidc/v1/end_session?${signOut}`)).status).toBe(302);
    });
    await fc.assert(property, { numRuns: 15 });
  }, 120_000);
});
