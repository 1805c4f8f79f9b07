import { type SeededApplication, seedApplication } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, basicOf, type CallOptions, call, countRows, engines, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

interface Facts {
  readonly world: ShopWorld;
  readonly post: SeededApplication;
  readonly codeOnly: SeededApplication;
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface Row {
  readonly name: string;
  readonly path: string;
  readonly request: (facts: Facts) => CallOptions;
  readonly status: number;
  readonly error: string;
}

const token = '/oauth/v2/token';
const introspect = '/oauth/v2/introspect';
const revoke = '/oauth/v2/revoke';
const code = {
  grant_type: 'authorization_code',
  code: 'lk_ac_AAAA',
  redirect_uri: 'https://spa.example.com/callback',
};
const machine = { grant_type: 'client_credentials' };
const big = 'x'.repeat(70_000);
const basicHeader = (value: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${value}`,
});

function row(name: string, path: string, request: Row['request'], status: number, error: string): Row {
  return { name, path, request, status, error };
}

const tokenRows: readonly Row[] = [
  row('no body', token, () => ({ form: '' }), 400, 'invalid_request'),
  row('no grant_type', token, () => ({ form: { code: 'x' } }), 400, 'invalid_request'),
  row('empty grant_type', token, () => ({ form: 'grant_type=' }), 400, 'invalid_request'),
  row(
    'grant_type password',
    token,
    () => ({ form: { grant_type: 'password' } }),
    400,
    'unsupported_grant_type',
  ),
  row(
    'grant_type __proto__',
    token,
    () => ({ form: { grant_type: '__proto__' } }),
    400,
    'unsupported_grant_type',
  ),
  row(
    'grant_type toString',
    token,
    () => ({ form: { grant_type: 'toString' } }),
    400,
    'unsupported_grant_type',
  ),
  row('grant_type twice', token, () => ({ form: 'grant_type=a&grant_type=a' }), 400, 'invalid_request'),
  row(
    'client_id twice',
    token,
    () => ({ form: 'grant_type=refresh_token&client_id=a&client_id=a' }),
    400,
    'invalid_request',
  ),
  row(
    'an unknown parameter twice',
    token,
    () => ({ form: 'grant_type=refresh_token&z=1&z=2' }),
    400,
    'invalid_request',
  ),
  row('bad percent-encoding', token, () => ({ form: 'grant_type=%zz' }), 400, 'invalid_request'),
  row('UTF-8 cut short', token, () => ({ form: 'grant_type=%e2%82' }), 400, 'invalid_request'),
  row('NUL', token, () => ({ form: 'grant_type=refresh_token&refresh_token=a%00b' }), 400, 'invalid_request'),
  row(
    'a lone surrogate',
    token,
    () => ({ form: 'grant_type=refresh_token&client_id=%ed%a0%80' }),
    400,
    'invalid_request',
  ),
  row(
    '101 parameters',
    token,
    () => ({ form: Array.from({ length: 101 }, (_, i) => `p${i}=1`).join('&') }),
    400,
    'invalid_request',
  ),
  row(
    '70 kB',
    token,
    () => ({ form: { grant_type: 'refresh_token', refresh_token: big } }),
    413,
    'invalid_request',
  ),
  row(
    'JSON',
    token,
    () => ({ form: '{}', headers: { 'content-type': 'application/json' } }),
    400,
    'invalid_request',
  ),
  row(
    'text',
    token,
    () => ({ form: 'grant_type=x', headers: { 'content-type': 'text/plain' } }),
    400,
    'invalid_request',
  ),
  row(
    'a form that only begins like one',
    token,
    () => ({ form: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencodedx' } }),
    400,
    'invalid_request',
  ),
  row(
    'multipart',
    token,
    () => ({ form: 'x', headers: { 'content-type': 'multipart/form-data; boundary=x' } }),
    400,
    'invalid_request',
  ),
  row(
    'parameters in the query',
    `${token}?grant_type=client_credentials`,
    () => ({ form: '' }),
    400,
    'invalid_request',
  ),
  row('a code without client', token, () => ({ form: code }), 401, 'invalid_client'),
  row(
    'a code that is none',
    token,
    ({ world }) => ({ form: { ...code, client_id: world.spa.clientId } }),
    400,
    'invalid_grant',
  ),
  row(
    'an access token as code',
    token,
    ({ world, accessToken }) => ({ form: { ...code, code: accessToken, client_id: world.spa.clientId } }),
    400,
    'invalid_grant',
  ),
  row(
    'code missing',
    token,
    ({ world }) => ({ form: { grant_type: code.grant_type, client_id: world.spa.clientId } }),
    400,
    'invalid_request',
  ),
  row(
    'refresh_token missing',
    token,
    ({ world }) => ({ form: { grant_type: 'refresh_token', client_id: world.spa.clientId } }),
    400,
    'invalid_request',
  ),
  row(
    'refresh_token that is none',
    token,
    ({ world }) => ({
      form: { grant_type: 'refresh_token', refresh_token: 'x', client_id: world.spa.clientId },
    }),
    400,
    'invalid_grant',
  ),
  row(
    'refresh without right to',
    token,
    ({ codeOnly, refreshToken }) => ({
      form: { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: codeOnly.clientId },
    }),
    400,
    'unauthorized_client',
  ),
  row(
    'a machine with a code',
    token,
    ({ world }) => ({ form: code, headers: basicOf(world.robot) }),
    400,
    'unauthorized_client',
  ),
  row(
    'a machine with a refresh token',
    token,
    ({ world, refreshToken }) => ({
      form: { grant_type: 'refresh_token', refresh_token: refreshToken },
      headers: basicOf(world.robot),
    }),
    400,
    'unauthorized_client',
  ),
  row(
    'client_credentials of an application',
    token,
    ({ world }) => ({ form: machine, headers: basicOf(world.web) }),
    400,
    'unauthorized_client',
  ),
  row(
    'client_credentials of a public client',
    token,
    ({ world }) => ({ form: { ...machine, client_id: world.spa.clientId } }),
    400,
    'unauthorized_client',
  ),
  row(
    'a scope with a quote',
    token,
    ({ world }) => ({ form: { ...machine, scope: 'a"b' }, headers: basicOf(world.robot) }),
    400,
    'invalid_scope',
  ),
  row(
    '101 scopes',
    token,
    ({ world }) => ({
      form: { ...machine, scope: Array.from({ length: 101 }, (_, i) => `s${i}`).join(' ') },
      headers: basicOf(world.robot),
    }),
    400,
    'invalid_scope',
  ),
];

const clientRows: readonly Row[] = [token, introspect, revoke].flatMap((path) => {
  const base = { ...machine, token: 'x' };
  return [
    row('no client', path, () => ({ form: base }), 401, 'invalid_client'),
    row(
      'a wrong secret by Basic',
      path,
      ({ world }) => ({ form: base, headers: basic(world.api.clientId, 'wrong') }),
      401,
      'invalid_client',
    ),
    row(
      'a wrong secret in the body',
      path,
      ({ post }) => ({ form: { ...base, client_id: post.clientId, client_secret: 'wrong' } }),
      401,
      'invalid_client',
    ),
    row(
      'another client’s secret',
      path,
      ({ world }) => ({ form: base, headers: basic(world.api.clientId, world.web.clientSecret) }),
      401,
      'invalid_client',
    ),
    row(
      'a wrong secret of a machine',
      path,
      ({ world }) => ({ form: base, headers: basic(world.robot.clientId, 'wrong') }),
      401,
      'invalid_client',
    ),
    row('an unknown client', path, () => ({ form: base, headers: basic('404', 'x') }), 401, 'invalid_client'),
    row(
      'an endless client_id',
      path,
      () => ({ form: { ...base, client_id: 'x'.repeat(60_000) } }),
      401,
      'invalid_client',
    ),
    row(
      'a secret for a public client',
      path,
      ({ world }) => ({ form: { ...base, client_id: world.spa.clientId, client_secret: 'x' } }),
      401,
      'invalid_client',
    ),
    row(
      'a confidential client without secret',
      path,
      ({ world }) => ({ form: { ...base, client_id: world.web.clientId } }),
      401,
      'invalid_client',
    ),
    row('Basic of nothing', path, () => ({ form: base, headers: basicHeader('') }), 401, 'invalid_client'),
    row(
      'Basic of one letter',
      path,
      () => ({ form: base, headers: basicHeader('A') }),
      401,
      'invalid_client',
    ),
    row(
      'Basic padded wrongly',
      path,
      () => ({ form: base, headers: basicHeader('AA=') }),
      401,
      'invalid_client',
    ),
    row(
      'Basic without a colon',
      path,
      () => ({ form: base, headers: basicHeader(Buffer.from('abc').toString('base64')) }),
      401,
      'invalid_client',
    ),
    row('Basic with NUL', path, () => ({ form: base, headers: basic('a%00b', 'c') }), 401, 'invalid_client'),
    row(
      'Basic that is no base64',
      path,
      () => ({ form: base, headers: basicHeader('%%%') }),
      401,
      'invalid_client',
    ),
    row(
      'Basic that is no UTF-8',
      path,
      () => ({ form: base, headers: basicHeader('/////zr/') }),
      401,
      'invalid_client',
    ),
    row(
      'Bearer',
      path,
      () => ({ form: base, headers: { authorization: 'Bearer x' } }),
      401,
      'invalid_client',
    ),
    row(
      'Basic and secret',
      path,
      ({ world }) => ({ form: { ...base, client_secret: 'x' }, headers: basicOf(world.api) }),
      400,
      'invalid_request',
    ),
    row(
      'Basic and assertion',
      path,
      ({ world }) => ({ form: { ...base, client_assertion: 'x' }, headers: basicOf(world.api) }),
      400,
      'invalid_request',
    ),
    row(
      'Basic and another client_id',
      path,
      ({ world }) => ({ form: { ...base, client_id: world.web.clientId }, headers: basicOf(world.api) }),
      400,
      'invalid_request',
    ),
    row(
      'an assertion of another type',
      path,
      () => ({
        form: {
          ...base,
          client_assertion: 'a.b.c',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
        },
      }),
      401,
      'invalid_client',
    ),
    row(
      'an assertion type alone',
      path,
      () => ({
        form: { ...base, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
      }),
      401,
      'invalid_client',
    ),
  ];
});

const tokenInputRows: readonly Row[] = [
  row(
    'no token',
    introspect,
    ({ world }) => ({ form: { token_type_hint: 'access_token' }, headers: basicOf(world.api) }),
    400,
    'invalid_request',
  ),
  row(
    'an empty token',
    introspect,
    ({ world }) => ({ form: 'token=', headers: basicOf(world.api) }),
    400,
    'invalid_request',
  ),
  row(
    'token twice',
    introspect,
    ({ world }) => ({ form: 'token=a&token=b', headers: basicOf(world.api) }),
    400,
    'invalid_request',
  ),
  row(
    'no token and a wrong caller: the caller counts',
    introspect,
    ({ world }) => ({ form: {}, headers: basic(world.api.clientId, 'x') }),
    401,
    'invalid_client',
  ),
  row(
    'a public client asks',
    introspect,
    ({ world, accessToken }) => ({ form: { token: accessToken, client_id: world.spa.clientId } }),
    403,
    'unauthorized_client',
  ),
  row(
    'a machine asks',
    introspect,
    ({ world, accessToken }) => ({ form: { token: accessToken }, headers: basicOf(world.robot) }),
    403,
    'unauthorized_client',
  ),
  row(
    'no token',
    revoke,
    ({ world }) => ({ form: { client_id: world.spa.clientId } }),
    400,
    'invalid_request',
  ),
  row(
    'token twice',
    revoke,
    ({ world }) => ({ form: `token=a&token=b&client_id=${world.spa.clientId}` }),
    400,
    'invalid_request',
  ),
  row('70 kB', revoke, () => ({ form: { token: big } }), 413, 'invalid_request'),
  row('70 kB', introspect, () => ({ form: { token: big } }), 413, 'invalid_request'),
];

describe.each(engines)('refused requests on $engine', ({ engine }) => {
  let facts: Facts;
  beforeAll(async () => {
    const world = await startShopWorld(engine);
    const { server, shop, spa, ada } = world;
    const { accessToken, refreshToken } = await tokensFor(server, spa, ada);
    const post = await seedApplication(server, shop, { type: 'web', authMethod: 'client_secret_post' });
    const codeOnly = await seedApplication(server, shop, {
      type: 'user_agent',
      grantTypes: ['authorization_code'],
    });
    facts = { world, post, codeOnly, accessToken, refreshToken };
  });
  afterAll(() => facts?.world.stop());

  test.each([...tokenRows, ...clientRows, ...tokenInputRows])(
    '$path: $name is $status $error and changes nothing',
    async ({ path, request, status, error }) => {
      const { server } = facts.world;
      const before = await countRows(server);
      const answer = await call(server, path, request(facts));
      expect([answer.status, answer.body.error], String(answer.body.error_description)).toEqual([
        status,
        error,
      ]);
      // RFC 6749 §5.2: a client that failed to prove itself hears which scheme it may use.
      expect(answer.headers.get('www-authenticate')).toEqual(
        status === 401 ? expect.stringMatching(/^Basic realm="/) : null,
      );
      expect(await countRows(server)).toEqual(before);
    },
  );

  test('after many failed client authentications an address is asked to wait, but right credentials go through', async () => {
    const { world } = facts;
    const node = await world.server.startNode({ clientAuthLimit: { perMinute: 10, burst: 5 } });
    try {
      const statuses: number[] = [];
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const options = { form: { token: 'x' }, headers: basic(world.api.clientId, 'wrong') };
        const answer = await call(node, introspect, options);
        statuses.push(answer.status);
        if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
      const right = await call(node, introspect, { form: { token: 'x' }, headers: basicOf(world.api) });
      expect(right.status).toBe(200);
    } finally {
      await node.close();
    }
  });
});
