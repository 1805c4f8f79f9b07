import { decodeProtectedHeader } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, engines, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const openid = '/.well-known/openid-configuration';
const rfc8414 = '/.well-known/oauth-authorization-server';

describe.each(engines)('discovery, keys and addresses on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());

  test.each(['oidc', 'oauth2'] as const)(
    'oauth4webapi accepts the %s metadata and finds the same',
    async (algorithm) => {
      const issuer = new URL(world.server.issuer);
      const response = await oauth.discoveryRequest(issuer, {
        algorithm,
        [oauth.allowInsecureRequests]: true,
      });
      const metadata = await oauth.processDiscoveryResponse(issuer, response);
      expect(metadata).toMatchObject({
        issuer: world.server.issuer,
        authorization_response_iss_parameter_supported: true,
        code_challenge_methods_supported: ['S256'],
        response_types_supported: expect.arrayContaining(['code', 'code id_token token']),
      });
      const other = await call(world.server, algorithm === 'oidc' ? rfc8414 : openid);
      expect(other.body).toEqual(metadata);
    },
  );

  test('RFC 8414 §2: every endpoint named is on the issuer and there', async () => {
    const { body } = await call(world.server, openid);
    const names = Object.keys(body).filter((name) => /_endpoint$|jwks_uri/.test(name));
    expect(names.sort()).toEqual([
      'authorization_endpoint',
      'backchannel_authentication_endpoint',
      'device_authorization_endpoint',
      'end_session_endpoint',
      'introspection_endpoint',
      'jwks_uri',
      'pushed_authorization_request_endpoint',
      'revocation_endpoint',
      'token_endpoint',
      'userinfo_endpoint',
    ]);
    for (const name of names) {
      const url = String(body[name]);
      expect(url.startsWith(`${world.server.issuer}/`)).toBe(true);
      const { status } = await world.server.fetch(url);
      expect([200, 302, 400, 401, 405], `${name} answered ${status}`).toContain(status);
    }
  });

  test('RFC 7517 §5: the key set holds public halves only, with kid, alg and use, and the key that signs', async () => {
    const { server, spa, ada } = world;
    const { body, headers } = await call(server, '/oauth/v2/keys');
    expect(headers.get('cache-control')).toMatch(/^public, max-age=300/);
    const keys = Array.isArray(body.keys) ? body.keys : [];
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'EdDSA', 'RS256']);
    for (const key of keys) {
      expect(key).toMatchObject({ use: 'sig', kid: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret);
    }
    const { kid } = decodeProtectedHeader((await tokensFor(server, spa, ada)).idToken);
    expect(keys.map((key) => key.kid)).toContain(kid);
  });

  test('RFC 9110 §9.3.2: HEAD answers like GET without a body', async () => {
    for (const path of [openid, '/oauth/v2/keys', '/healthz']) {
      const response = await world.server.fetch(path, { method: 'HEAD' });
      expect([path, response.status, await response.text()]).toEqual([path, 200, '']);
    }
  });

  test('a page of any origin may read the endpoints for programs, without cookies', async () => {
    for (const path of [openid, '/oauth/v2/token', '/oidc/v1/userinfo', '/oauth/v2/revoke']) {
      const preflight = await world.server.fetch(path, { method: 'OPTIONS' });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
      const asked = 'authorization,traceparent,baggage,sentry-trace,x-own-header';
      const tracing = await world.server.fetch(path, {
        method: 'OPTIONS',
        headers: { origin: 'https://a.example', 'access-control-request-headers': asked },
      });
      expect(tracing.headers.get('access-control-allow-headers')).toBe(asked);
      const { headers } = await call(world.server, path);
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.has('access-control-allow-credentials')).toBe(false);
    }
  });

  test('a method an endpoint does not know is 405 with Allow; an address nobody has is 404', async () => {
    const token = await call(world.server, '/oauth/v2/token', { method: 'GET' });
    expect([token.status, token.headers.get('allow')]).toEqual([405, 'POST']);
    const userinfo = await call(world.server, '/oidc/v1/userinfo', { method: 'PUT' });
    expect([userinfo.status, userinfo.headers.get('allow')]).toEqual([405, 'GET, POST']);
    for (const path of ['/oauth/v2/nothing', '//evil.example.com/', '/oauth/v2/token/', '/%2e%2e/etc/passwd'])
      expect((await call(world.server, path)).status).toBe(404);
  });

  test.each(['evil.example.com', 'localhost', '127.0.0.1', 'localhost.evil.example.com'])(
    'RFC 9110 §15.5.20: a request for the host %s is 421 and names it nowhere',
    async (host) => {
      for (const path of [openid, '/oauth/v2/authorize', '/login', '/', '/oauth/v2/token']) {
        const headers = { host, 'x-forwarded-host': new URL(world.server.issuer).host };
        const response = await world.server.fetch(path, { headers });
        expect(response.status).toBe(421);
        expect(response.headers.has('location')).toBe(false);
        expect(await response.text()).not.toContain('evil.example.com');
      }
    },
  );

  test('forwarded headers of a stranger change no address of ours', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example.com',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example.com;proto=https',
      'x-zitadel-instance-host': 'evil.example.com',
      'x-zitadel-public-host': 'evil.example.com',
    };
    const { body } = await call(world.server, openid, { headers });
    expect(JSON.stringify(body)).not.toContain('evil.example.com');
    const login = await world.server.fetch('/login', { headers });
    expect(login.headers.get('location')?.startsWith(`${world.server.issuer}/login`)).toBe(true);
  });

  test('healthz, readyz and metrics answer', async () => {
    for (const path of ['/healthz', '/livez', '/readyz', '/ready', '/debug/healthz', '/debug/ready'])
      expect((await world.server.fetch(path)).status).toBe(200);
    const metrics = await (await world.server.fetch('/metrics')).text();
    expect(metrics).toContain('# TYPE');
  });
});
