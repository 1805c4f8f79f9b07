import {
  completeSignIn,
  createBrowserAgent,
  leftFor,
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedProject,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  beginFlow,
  discover,
  engines,
  type FlowServer,
  redeem,
  signIn,
  startFlowServer,
} from './flow-world.ts';

describe.each(engines)('authorization code flow on $engine', ({ engine }) => {
  let flowServer: FlowServer;
  let server: TestServer;
  let ada: SeededUser;
  const apps = new Map<string, SeededApplication>();
  const app = (name: string): SeededApplication => {
    const found = apps.get(name);
    if (found === undefined) throw new Error(`no application ${name}`);
    return found;
  };

  beforeAll(async () => {
    flowServer = await startFlowServer(engine);
    server = flowServer.server;
    const project = await seedProject(server);
    ada = await seedUser(server);
    apps.set('user_agent', await seedApplication(server, project, { type: 'user_agent' }));
    apps.set('web basic', await seedApplication(server, project, { type: 'web' }));
    apps.set(
      'web post',
      await seedApplication(server, project, { type: 'web', authMethod: 'client_secret_post' }),
    );
    apps.set(
      'web key',
      await seedApplication(server, project, { type: 'web', authMethod: 'private_key_jwt' }),
    );
    apps.set('native', await seedApplication(server, project, { type: 'native' }));
    apps.set(
      'dev',
      await seedApplication(server, project, {
        type: 'user_agent',
        developmentMode: true,
        redirectUris: ['http://localhost:3000/', 'http://*.preview.example.com/cb'],
      }),
    );
  });
  afterAll(() => flowServer?.stop());

  test.each(['user_agent', 'web basic', 'web post'])(
    'RFC 6749 §4.1: a %s application signs a person in, and openid-client accepts state, nonce, iss and the ID token',
    async (name) => {
      const config = await discover(server, app(name));
      const signedIn = await signIn(server, app(name), ada);
      expect(signedIn.callback.origin + signedIn.callback.pathname).toBe(app(name).redirectUri);
      expect([...signedIn.callback.searchParams.keys()].sort()).toEqual([
        'code',
        'iss',
        'session_state',
        'state',
      ]);
      expect(signedIn.callback.searchParams.get('iss')).toBe(server.issuer);
      const tokens = await redeem(config, signedIn);
      expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 900, scope: 'openid profile email' });
      expect(tokens.access_token).toMatch(/^lk_at_/);
      expect(tokens.refresh_token).toBeUndefined();
      expect(tokens.claims()?.sub).toBe(ada.id);
      const info = await client.fetchUserInfo(config, tokens.access_token, ada.id);
      expect(info.email).toBe(ada.loginName);
    },
  );

  test('RFC 7523 §2.2: a web application redeems its code by private_key_jwt', async () => {
    const { keyFile } = app('web key');
    if (keyFile === undefined) throw new Error('no key file');
    const { createPrivateKey } = await import('node:crypto');
    const der = createPrivateKey(keyFile.key).export({ type: 'pkcs8', format: 'der' });
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign']);
    const config = await discover(server, app('web key'), client.PrivateKeyJwt({ key, kid: keyFile.keyId }));
    const tokens = await redeem(config, await signIn(server, app('web key'), ada));
    expect(tokens.claims()?.sub).toBe(ada.id);
  });

  test.each([51_234, 8, 65_000])(
    'RFC 8252 §7.3: a native application listens on loopback port %i without registering it',
    async (port) => {
      const redirect_uri = `http://127.0.0.1:${port}/callback`;
      const config = await discover(server, app('native'));
      const signedIn = await signIn(server, app('native'), ada, { params: { redirect_uri } });
      expect(signedIn.callback.href.startsWith(redirect_uri)).toBe(true);
      expect((await redeem(config, signedIn)).claims()?.sub).toBe(ada.id);
    },
  );

  test('OAuth 2.0 Multiple Response Types §2.1: response_mode=fragment answers in the fragment', async () => {
    const flow = await beginFlow(server, app('user_agent'), { response_mode: 'fragment' });
    const agent = createBrowserAgent(server);
    const { url } = leftFor(await completeSignIn(agent, await agent.open(flow.url), ada));
    expect(url.search).toBe('');
    const answer = new URLSearchParams(url.hash.slice(1));
    expect(answer.get('state')).toBe(flow.state);
    const asQuery = new URL(`${app('user_agent').redirectUri}?${answer}`);
    const tokens = await redeem(await discover(server, app('user_agent')), { flow, callback: asQuery });
    expect(tokens.claims()?.sub).toBe(ada.id);
  });

  test('OAuth 2.0 Form Post Response Mode §2: the browser posts code, state and iss to the application', async () => {
    const flow = await beginFlow(server, app('web basic'), { response_mode: 'form_post' });
    const agent = createBrowserAgent(server);
    const left = leftFor(await completeSignIn(agent, await agent.open(flow.url), ada));
    expect(left).toMatchObject({ method: 'POST', fields: { state: flow.state, iss: server.issuer } });
    expect(left.url.href).toBe(app('web basic').redirectUri);
    const request = new Request(left.url, { method: 'POST', body: new URLSearchParams(left.fields) });
    const tokens = await client.authorizationCodeGrant(await discover(server, app('web basic')), request, {
      pkceCodeVerifier: flow.verifier,
      expectedState: flow.state,
      expectedNonce: flow.nonce,
    });
    expect(tokens.claims()?.sub).toBe(ada.id);
  });

  test('ZITADEL dialect: a response_mode nobody knows is ignored, the answer goes to the query', async () => {
    const signedIn = await signIn(server, app('user_agent'), ada, {
      params: { response_mode: 'carrier_pigeon' },
    });
    expect(signedIn.code).not.toBe('');
  });

  test('OpenID Connect Core §3.1.2.1: the authorization endpoint takes its parameters by POST, too', async () => {
    const flow = await beginFlow(server, app('user_agent'));
    const response = await server.fetch('/oauth/v2/authorize', {
      method: 'POST',
      body: flow.url.searchParams,
    });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toMatch(`${server.issuer}/login?request=`);
  });

  test('RFC 6749 §4.1.2: without state none comes back; RFC 7636: a confidential client may do without PKCE', async () => {
    const params = { state: '', nonce: '', code_challenge: '', code_challenge_method: '' };
    const signedIn = await signIn(server, app('web basic'), ada, { params });
    expect([...signedIn.callback.searchParams.keys()].sort()).toEqual(['code', 'iss', 'session_state']);
    const tokens = await client.authorizationCodeGrant(
      await discover(server, app('web basic')),
      signedIn.callback,
      { idTokenExpected: true },
    );
    expect(tokens.claims()?.nonce).toBeUndefined();
  });

  test('ZITADEL dialect: development mode allows http and a pattern, and a browser form may lead there', async () => {
    for (const redirect_uri of ['http://localhost:3000/', 'http://pr-17.preview.example.com/cb']) {
      const signedIn = await signIn(server, app('dev'), ada, { params: { redirect_uri } });
      expect(signedIn.callback.href.startsWith(redirect_uri)).toBe(true);
    }
  });

  test('a second application in the same browser gets its code without a page', async () => {
    const { agent } = await signIn(server, app('user_agent'), ada);
    const flow = await beginFlow(server, app('web basic'));
    const { url } = leftFor(await agent.open(flow.url));
    const tokens = await redeem(await discover(server, app('web basic')), { flow, callback: url });
    expect(tokens.claims()?.sub).toBe(ada.id);
  });

  test('a person may sign in by verified e-mail address and in another spelling of the name', async () => {
    const email = `Grace.${ada.id}@Example.com`;
    const grace = await seedUser(server, {
      loginName: `grace-${ada.id}`,
      email,
      emailCanonical: email.toLowerCase(),
    });
    for (const loginName of [email.toUpperCase(), grace.loginName.toUpperCase(), ` ${grace.loginName} `]) {
      const signedIn = await signIn(server, app('user_agent'), { ...grace, loginName });
      const tokens = await redeem(await discover(server, app('user_agent')), signedIn);
      expect(tokens.claims()?.sub).toBe(grace.id);
    }
  });
});
