import { updateApplication } from '@latchkey/store';
import {
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  createCertificate,
  leftFor,
  seedApplication,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, beginFlow, call, introspect, signIn } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const urn = 'urn:ietf:params:oauth:';
const grants: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['authorization_code', { code: 'x', redirect_uri: 'https://web.example.com/callback' }],
  ['refresh_token', { refresh_token: 'x' }],
  ['client_credentials', {}],
  [`${urn}grant-type:device_code`, { device_code: 'x' }],
  ['urn:openid:params:grant-type:ciba', { auth_req_id: 'x' }],
  [
    `${urn}grant-type:token-exchange`,
    { subject_token: 'x', subject_token_type: `${urn}token-type:access_token` },
  ],
  [`${urn}grant-type:jwt-bearer`, { assertion: 'x' }],
];
const tokenTypes = ['id_token token', 'code token', 'code id_token token'] as const;

const options = {
  trustedProxies: ['127.0.0.0/8', '::1/128', '::ffff:127.0.0.1/128'],
  clientCertificateHeader: 'client-cert',
};

describe('an application whose access tokens must be bound to a key', () => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld('pglite', options);
  });
  afterAll(() => world?.stop());

  const demands = [
    ['DPoP', { isDpopRequired: true }, 'invalid_dpop_proof'],
    ['certificates', { isCertificateBound: true }, 'invalid_request'],
  ] as const;

  describe.each(demands)('by %s', (_, demand, error) => {
    const seed = () =>
      seedApplication(world.server, world.shop, {
        type: 'web',
        responseTypes: ['code', ...tokenTypes],
        grantTypes: ['authorization_code', 'implicit', 'refresh_token'],
        ...demand,
      });

    test.each(tokenTypes)('RFC 9449 §5, RFC 8705 §3: response_type=%s is refused', async (type) => {
      const application = await seed();
      const flow = await beginFlow(world.server, application, { response_type: type });
      const { url } = leftFor(await createBrowserAgent(world.server).open(flow.url));
      const fragment = new URLSearchParams(url.hash.slice(1));
      expect([fragment.get('error'), fragment.get('access_token')]).toEqual(['unauthorized_client', null]);
    });

    test('RFC 9449 §5: so is one that was begun before the application had to bind its tokens', async () => {
      const application = await seedApplication(world.server, world.shop, {
        type: 'web',
        responseTypes: [...tokenTypes],
        grantTypes: ['authorization_code', 'implicit'],
      });
      const flow = await beginFlow(world.server, application, { response_type: 'code token' });
      const agent = createBrowserAgent(world.server);
      const page = await agent.open(flow.url);
      await changeAsOperator(world.server, (change) => updateApplication(change, application.id, demand));
      const { url } = leftFor(await completeSignIn(agent, page, world.ada));
      const fragment = new URLSearchParams(url.hash.slice(1));
      expect([fragment.get('error'), fragment.get('access_token')]).toEqual(['unauthorized_client', null]);
    });

    test.each(grants)('RFC 9449 §5.2, RFC 8705 §3: %s without the key gets no token', async (grant, more) => {
      const application = await seed();
      const { status, body } = await call(world.server, '/oauth/v2/token', {
        form: { grant_type: grant, ...more },
        headers: basicOf(application),
      });
      expect([status, body.error]).toEqual([400, error]);
    });
  });

  test('RFC 9700 §2.2.1: an exchange does not turn a certificate-bound token into a bearer token', async () => {
    const { server, shop, ada, api } = world;
    const { der, thumbprint } = createCertificate({ subject: [['CN', 'client']] });
    const certificate = { 'client-cert': `:${der.toString('base64')}:` };
    const bound = await seedApplication(server, shop, { type: 'web', isCertificateBound: true });
    const broker = await seedApplication(server, shop, {
      type: 'api',
      grantTypes: [`${urn}grant-type:token-exchange`],
    });
    const { flow, code } = await signIn(server, bound, ada);
    const form = { grant_type: 'authorization_code', code, redirect_uri: bound.redirectUri };
    const first = await call(server, '/oauth/v2/token', {
      form: { ...form, code_verifier: flow.verifier },
      headers: { ...basicOf(bound), ...certificate },
    });
    const exchanged = await call(server, '/oauth/v2/token', {
      form: {
        grant_type: `${urn}grant-type:token-exchange`,
        subject_token: String(first.body.access_token),
        subject_token_type: `${urn}token-type:access_token`,
      },
      headers: { ...basicOf(broker), ...certificate },
    });
    expect(exchanged.status).toBe(200);
    expect(await introspect(server, api, String(exchanged.body.access_token))).toMatchObject({
      cnf: { 'x5t#S256': thumbprint },
    });
  });
});
