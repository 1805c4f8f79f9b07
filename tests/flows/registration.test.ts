import {
  type BrowserStop,
  completeSignIn,
  createBrowserAgent,
  leftFor,
  type SeededUser,
  seedUser,
} from '@latchkey/testkit';
import * as client from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DocumentHost, startDocumentHost } from './document-host.ts';
import {
  beginFlow,
  call,
  countRows,
  discover,
  engines,
  type FlowServer,
  introspect,
  redeem,
  startFlowServer,
} from './flow-world.ts';
import {
  bearer,
  configure,
  register,
  registered,
  registerPath,
  seedInitialToken,
  textOf,
  toApplication,
  usualMetadata,
} from './registration-world.ts';

const rsaKey = { kty: 'RSA', kid: 'k1', use: 'sig', e: 'AQAB', n: 'x'.repeat(342) };

describe.each(engines)('dynamic registration on $engine', ({ engine }) => {
  let world: FlowServer;
  let documents: DocumentHost;
  let ada: SeededUser;

  beforeAll(async () => {
    documents = await startDocumentHost();
    world = await startFlowServer(engine, { outboundAllow: [documents.target] });
    ada = await seedUser(world.server);
  });
  afterEach(() => configure(world.server, { dynamicRegistration: 'off', registrationPolicy: '{}' }));
  afterAll(async () => {
    await world?.stop();
    await documents?.close();
  });

  const open = (policy: object = {}) =>
    configure(world.server, { dynamicRegistration: 'open', registrationPolicy: JSON.stringify(policy) });

  async function consent(stop: BrowserStop, agent: ReturnType<typeof createBrowserAgent>) {
    if (stop.kind === 'page' && stop.page.name === 'consent')
      return await agent.submit(stop.page, { decision: 'allow' });
    return stop;
  }

  test('RFC 8414 §2: where registration is off there is no endpoint and discovery names none', async () => {
    const { server } = world;
    const { body } = await call(server, '/.well-known/openid-configuration');
    expect(body).not.toHaveProperty('registration_endpoint');
    expect((await register(server, usualMetadata)).status).toBe(404);
  });

  test.each([
    ['backchannel_logout_uri', 'https://10.0.0.1/logout'],
    ['jwks_uri', 'https://localhost:8443/jwks'],
    ['request_uris', ['https://corner.example.com/request', 'https://[::1]/request']],
    ['backchannel_client_notification_endpoint', 'https://192.168.0.1/ping'],
  ])(
    'RFC 7591 §3.2.2: %s at an address the server never calls is invalid_client_metadata',
    async (name, value) => {
      await open();
      const { status, body } = await register(world.server, { ...usualMetadata, [name]: value });
      expect([status, body]).toEqual([
        400,
        {
          error: 'invalid_client_metadata',
          error_description: `${name} is not a public address; use a public https URL`,
        },
      ]);
    },
  );

  test('an address that the operator allows, and a name whose addresses nobody looks up, can be registered', async () => {
    await open();
    const addresses = {
      jwks_uri: `https://${documents.target}/jwks`,
      backchannel_logout_uri: 'https://unresolvable.invalid/logout',
    };
    const { status, body } = await register(world.server, { ...usualMetadata, ...addresses });
    expect(status).toBe(201);
    expect(body).toMatchObject(addresses);
  });

  test('RFC 7591 §3.2.1: a registration is answered with 201 and everything that was registered', async () => {
    await open();
    const { server } = world;
    const sentAt = Math.floor(server.clock.now() / 1000);
    const { status, headers, body } = await register(server, {
      ...usualMetadata,
      contacts: ['till@example.com'],
      logo_uri: 'https://corner.example.com/logo.png',
      initiate_login_uri: 'https://corner.example.com/login',
      default_max_age: 300,
      software_id: 'till',
      scope: 'openid profile',
      whatever: { else: 1 },
    });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    const clientId = textOf(body, 'client_id');
    expect(body).toMatchObject({
      client_secret_expires_at: 0,
      registration_client_uri: `${server.issuer}${registerPath}/${clientId}`,
      client_name: 'Corner shop',
      application_type: 'web',
      redirect_uris: ['https://corner.example.com/callback'],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
      subject_type: 'public',
      contacts: ['till@example.com'],
      logo_uri: 'https://corner.example.com/logo.png',
      initiate_login_uri: 'https://corner.example.com/login',
      default_max_age: 300,
      software_id: 'till',
      scope: 'openid profile',
    });
    const issuedAt = Number(body.client_id_issued_at);
    expect(issuedAt).toBeGreaterThanOrEqual(sentAt);
    expect(issuedAt).toBeLessThanOrEqual(Math.floor(server.clock.now() / 1000));
    expect(body).not.toHaveProperty('whatever');
    expect(textOf(body, 'client_secret')).toMatch(/^lk_sec_/);
    expect(textOf(body, 'registration_access_token')).toMatch(/^lk_reg_/);
  });

  test('RFC 7591 §3.2.1: a registered client signs people in, and they are asked since it is of somebody else', async () => {
    await open();
    const { server } = world;
    const application = toApplication(await registered(server));
    const config = await discover(server, application);
    const flow = await beginFlow(server, application);
    const agent = createBrowserAgent(server);
    const asked = await completeSignIn(agent, await agent.open(flow.url), ada);
    expect(asked.kind === 'page' ? asked.page.name : 'left').toBe('consent');
    const { url } = leftFor(await consent(asked, agent));
    const tokens = await redeem(config, { flow, callback: url });
    expect(tokens.claims()?.sub).toBe(ada.id);
  });

  test('RFC 7662 §4: applications that registered themselves learn nothing of the tokens of each other', async () => {
    await open({ isThirdParty: true });
    const { server } = world;
    const [one, other] = [toApplication(await registered(server)), toApplication(await registered(server))];
    const flow = await beginFlow(server, one);
    const agent = createBrowserAgent(server);
    const { url } = leftFor(
      await consent(await completeSignIn(agent, await agent.open(flow.url), ada), agent),
    );
    const tokens = await redeem(await discover(server, one), { flow, callback: url });
    expect((await introspect(server, one, tokens.access_token)).active).toBe(true);
    expect(await introspect(server, other, tokens.access_token)).toEqual({ active: false });
  });

  test.each([
    ['redirect_uris missing', { redirect_uris: undefined }, 'invalid_redirect_uri'],
    ['a redirect URI with a fragment', { redirect_uris: ['https://a.example/cb#x'] }, 'invalid_redirect_uri'],
    ['http away from this machine', { redirect_uris: ['http://a.example/cb'] }, 'invalid_redirect_uri'],
    [
      'a redirect URI that runs',
      { redirect_uris: ['javascript:alert(1)'], application_type: 'native' },
      'invalid_redirect_uri',
    ],
    ['a pattern', { redirect_uris: ['https://*.example.com/cb'] }, 'invalid_redirect_uri'],
    ['a relative redirect URI', { redirect_uris: ['/cb'] }, 'invalid_redirect_uri'],
    ['a text in place of a list', { redirect_uris: 'https://a.example/cb' }, 'invalid_redirect_uri'],
    [
      '21 redirect URIs',
      { redirect_uris: Array.from({ length: 21 }, (_, i) => `https://a.example/${i}`) },
      'invalid_redirect_uri',
    ],
    ['a number for a name', { client_name: 7 }, 'invalid_client_metadata'],
    ['a name with control characters', { client_name: 'a\nb' }, 'invalid_client_metadata'],
    [
      'an implicit response type',
      { response_types: ['id_token'], grant_types: ['implicit'] },
      'invalid_client_metadata',
    ],
    ['a grant type nobody knows', { grant_types: ['password'] }, 'invalid_client_metadata'],
    [
      'code without its grant',
      { grant_types: ['refresh_token'], response_types: ['code'] },
      'invalid_client_metadata',
    ],
    [
      'an authentication method nobody knows',
      { token_endpoint_auth_method: 'magic' },
      'invalid_client_metadata',
    ],
    [
      'private_key_jwt without keys',
      { token_endpoint_auth_method: 'private_key_jwt' },
      'invalid_client_metadata',
    ],
    [
      'jwks and jwks_uri',
      { jwks: { keys: [rsaKey] }, jwks_uri: 'https://a.example/jwks' },
      'invalid_client_metadata',
    ],
    ['a private key', { jwks: { keys: [{ ...rsaKey, d: 'AQAB' }] } }, 'invalid_client_metadata'],
    ['an unsigned ID token', { id_token_signed_response_alg: 'none' }, 'invalid_client_metadata'],
    ['an algorithm without a key', { userinfo_signed_response_alg: 'ES512' }, 'invalid_client_metadata'],
    [
      'initiate_login_uri over http',
      { initiate_login_uri: 'http://a.example/login' },
      'invalid_client_metadata',
    ],
    ['a logo over http', { logo_uri: 'http://a.example/logo.png' }, 'invalid_client_metadata'],
    ['a negative max_age', { default_max_age: -1 }, 'invalid_client_metadata'],
    ['encrypted userinfo', { userinfo_encrypted_response_alg: 'RSA-OAEP' }, 'invalid_client_metadata'],
    ['a software statement', { software_statement: 'a.b.c' }, 'unapproved_software_statement'],
    [
      'pairwise subjects over two hosts',
      { subject_type: 'pairwise', redirect_uris: ['https://a.example/', 'https://b.example/'] },
      'invalid_client_metadata',
    ],
  ] as const)('RFC 7591 §3.2.2: refused with its code: %s', async (_, change, code) => {
    await open();
    const before = await countRows(world.server);
    const { status, body } = await register(world.server, { ...usualMetadata, ...change });
    expect([status, body.error]).toEqual([400, code]);
    expect(await countRows(world.server)).toEqual(before);
  });

  test.each([
    ['not JSON', '{"redirect_uris":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a member twice', '{"client_name":"a","client_name":"b","redirect_uris":["https://a.example/"]}'],
    [
      'a member twice, escaped',
      '{"client_name":"a","client_n\\u0061me":"b","redirect_uris":["https://a.example/"]}',
    ],
    ['__proto__', '{"__proto__":{"is_third_party":false},"redirect_uris":["https://a.example/"]}'],
    ['a half surrogate', '{"client_name":"\\ud800","redirect_uris":["https://a.example/"]}'],
    ['a number out of range', '{"default_max_age":1e999,"redirect_uris":["https://a.example/"]}'],
    ['deep nesting', `{"x":${'['.repeat(5000)}${']'.repeat(5000)}}`],
  ])('RFC 7591 §3.1: a body that is not a clean JSON object is 400: %s', async (_, text) => {
    await open();
    const { status, body } = await register(world.server, text);
    expect([status, body.error]).toEqual([400, 'invalid_client_metadata']);
  });

  test('RFC 7591 §3.1: the body must be JSON of at most 64 kB', async () => {
    await open();
    const { server } = world;
    expect((await register(server, usualMetadata, { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await register(server, { ...usualMetadata, x: 'x'.repeat(70_000) })).status).toBe(413);
  });

  test('RFC 7591 §3: openid-client registers by its own request and uses what it got', async () => {
    await open();
    const { server } = world;
    const offsetSeconds = Math.round(server.clock.offsetMs() / 1000);
    const config = await client.dynamicClientRegistration(
      new URL(server.issuer),
      { redirect_uris: ['https://corner.example.com/callback'], [client.clockSkew]: offsetSeconds },
      undefined,
      { execute: [client.allowInsecureRequests] },
    );
    const application = toApplication({ ...config.clientMetadata() });
    const flow = await beginFlow(server, application);
    const agent = createBrowserAgent(server);
    const { url } = leftFor(
      await consent(await completeSignIn(agent, await agent.open(flow.url), ada), agent),
    );
    expect((await redeem(config, { flow, callback: url })).claims()?.sub).toBe(ada.id);
  });

  test('RFC 8252 §7.3: a public client that comes back to this machine is a native one', async () => {
    await open();
    const body = await registered(world.server, {
      redirect_uris: ['http://127.0.0.1:3334/callback', 'com.example.app:/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
    });
    expect(body).toMatchObject({ application_type: 'native', token_endpoint_auth_method: 'none' });
    expect(body).not.toHaveProperty('client_secret');
    expect(body).not.toHaveProperty('client_secret_expires_at');
  });

  test('OpenID Connect Core §8.1: sector_identifier_uri must list every redirect URI', async () => {
    await open();
    const { server } = world;
    const uris = ['https://a.example/cb', 'https://b.example/cb'];
    const pairwise = { redirect_uris: uris, subject_type: 'pairwise' };
    const good = documents.publish('/sector', { body: uris });
    const short = documents.publish('/short', { body: [uris[0]] });
    const broken = documents.publish('/broken', { body: '{' });
    const body = await registered(server, { ...pairwise, sector_identifier_uri: good });
    expect(body).toMatchObject({ subject_type: 'pairwise', sector_identifier_uri: good });
    for (const uri of [short, broken, `${documents.origin}/none`, 'https://169.254.169.254/sector']) {
      const refused = await register(server, { ...pairwise, sector_identifier_uri: uri });
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_client_metadata']);
    }
  });

  test('RFC 7591 §5: the policy says which grants, hosts and schemes are registered, and where', async () => {
    const { server } = world;
    await open({
      grantTypes: ['authorization_code', 'implicit'],
      responseTypes: ['code', 'code id_token'],
      redirectHosts: ['*.example.com'],
      redirectSchemes: ['com.example.app'],
      isThirdParty: false,
    });
    const body = await registered(server, {
      ...usualMetadata,
      response_types: ['id_token code'],
      grant_types: ['authorization_code', 'implicit'],
    });
    expect(body.response_types).toEqual(['code id_token']);
    const elsewhere = await register(server, { redirect_uris: ['https://example.org/cb'] });
    const scheme = { redirect_uris: ['org.other:/cb'], application_type: 'native' };
    const grant = { ...usualMetadata, grant_types: ['authorization_code', 'refresh_token'] };
    expect(elsewhere.body.error).toBe('invalid_redirect_uri');
    expect((await register(server, scheme)).body.error).toBe('invalid_redirect_uri');
    // RFC 7591 §2: what is registered in place of what was asked for is told.
    expect((await registered(server, grant)).grant_types).toEqual(['authorization_code']);
    const none = { ...usualMetadata, grant_types: ['refresh_token'], response_types: [] };
    expect((await register(server, none)).body.error).toBe('invalid_client_metadata');
  });

  test('RFC 7591 §5: no more applications register than the policy allows', async () => {
    const { server } = world;
    await open({ maximumApplications: 0 });
    expect((await register(server, usualMetadata)).status).toBe(403);
  });

  test('RFC 7591 §3: where a token is needed, none and a wrong one are refused with 401', async () => {
    await configure(world.server, { dynamicRegistration: 'token' });
    const { server } = world;
    const none = await register(server, usualMetadata);
    const wrong = await register(server, usualMetadata, bearer('lk_iat_wrong'));
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Latchkey"']);
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_token']);
  });

  test('RFC 7591 §3: an initial access token counts for so many uses and so long', async () => {
    await configure(world.server, { dynamicRegistration: 'token' });
    const { server } = world;
    const twice = await seedInitialToken(server, { uses: 2 });
    const short = await seedInitialToken(server, { lifeMs: 1000 });
    await registered(server, usualMetadata, bearer(twice));
    await registered(server, usualMetadata, bearer(twice));
    expect((await register(server, usualMetadata, bearer(twice))).status).toBe(401);
    server.clock.advance(1000);
    expect((await register(server, usualMetadata, bearer(short))).status).toBe(401);
  });

  test('RFC 7591 §3: of many registrations at once by one token, one succeeds', async () => {
    await configure(world.server, { dynamicRegistration: 'token' });
    const { server } = world;
    const token = await seedInitialToken(server);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => register(server, usualMetadata, bearer(token))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 11 }, () => 401)]);
  });

  test('RFC 7591 §3: a refused registration uses nothing of its token up', async () => {
    await configure(world.server, { dynamicRegistration: 'token' });
    const { server } = world;
    const token = await seedInitialToken(server);
    expect((await register(server, { redirect_uris: [] }, bearer(token))).status).toBe(400);
    expect((await register(server, usualMetadata, bearer(token))).status).toBe(201);
  });
});

test('RFC 7591 §5: strangers register at most ten clients a minute from one address', async () => {
  const world = await startFlowServer('pglite', { clientRegistrationLimit: { perMinute: 10, burst: 10 } });
  try {
    await configure(world.server, { dynamicRegistration: 'open' });
    for (let count = 0; count < 10; count += 1) await registered(world.server);
    const refused = await register(world.server, usualMetadata);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '6']);
    world.server.clock.advance(6000);
    await registered(world.server);
  } finally {
    await world.stop();
  }
});
