import { createCertificate, type SeededApplication, seedApplication } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, basicOf, call, engines, introspect, payloadOf, signIn } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const header = 'client-cert';
const options = {
  trustedProxies: ['127.0.0.0/8', '::1/128', '::ffff:127.0.0.1/128'],
  clientCertificateHeader: header,
};

interface ShownCertificate {
  readonly headers: Readonly<Record<string, string>>;
  readonly thumbprint: string;
}

/** A certificate of its own, as a proxy hands it on (RFC 9440 §2.2). */
function createShownCertificate(): ShownCertificate {
  const { der, thumbprint } = createCertificate({ subject: [['CN', 'client']] });
  return { headers: { [header]: `:${der.toString('base64')}:` }, thumbprint };
}

describe.each(engines)('certificate-bound tokens on $engine', ({ engine }) => {
  let world: ShopWorld;
  let web: SeededApplication;
  const own = createShownCertificate();
  const other = createShownCertificate();

  beforeAll(async () => {
    world = await startShopWorld(engine, options);
    web = await seedApplication(world.server, world.shop, {
      type: 'web',
      isCertificateBound: true,
      accessTokenType: 'jwt',
    });
  });
  afterAll(() => world?.stop());

  async function redeemAs(headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { flow, code } = await signIn(world.server, web, world.ada, {
      params: { scope: 'openid offline_access' },
    });
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: web.redirectUri,
      code_verifier: flow.verifier,
    };
    return await call(world.server, '/oauth/v2/token', { form, headers: { ...basicOf(web), ...headers } });
  }

  function userinfo(token: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const authorization = `Bearer ${token}`;
    return call(world.server, '/oidc/v1/userinfo', { headers: { authorization, ...headers } });
  }

  test('RFC 8705 §3: a token is bound to the certificate of the connection that got it', async () => {
    const { status, body } = await redeemAs(own.headers);
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    const token = String(body.access_token);
    expect(payloadOf(token).cnf).toEqual({ 'x5t#S256': own.thumbprint });
    expect(await introspect(world.server, world.api, token)).toMatchObject({
      active: true,
      token_type: 'Bearer',
      cnf: { 'x5t#S256': own.thumbprint },
    });
    expect(await userinfo(token, own.headers)).toMatchObject({ status: 200, body: { sub: world.ada.id } });
    for (const headers of [{}, other.headers, { [header]: 'nonsense' }]) {
      const answer = await userinfo(token, headers);
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    }
  });

  test('RFC 8705 §3: an application for bound tokens gets none without a certificate', async () => {
    const answer = await redeemAs({});
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  test('RFC 8705 §4: refreshed tokens are bound to the certificate of the refresh', async () => {
    const { body } = await redeemAs(own.headers);
    const form = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) };
    const bare = await call(world.server, '/oauth/v2/token', { form, headers: basicOf(web) });
    expect(bare).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const headers = { ...basicOf(web), ...own.headers };
    const refreshed = await call(world.server, '/oauth/v2/token', { form, headers });
    expect(payloadOf(String(refreshed.body.access_token)).cnf).toEqual({ 'x5t#S256': own.thumbprint });
  });
});
