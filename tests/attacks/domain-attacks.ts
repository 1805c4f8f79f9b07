import { insertDomain } from '@latchkey/store';
import {
  changeAsOperator,
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  seedApplication,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { basicOf, beginFlow, call, signIn } from '../flows/flow-world.ts';
import {
  type AttackCase,
  type AttackRequest,
  answered,
  numbered,
  page,
  type Row,
  refused,
} from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { submission } from './door-browser.ts';
import type { Door } from './doors.ts';
import { oncePerWorld } from './once-per-world.ts';
import { token } from './requests.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const cibaGrant = 'urn:openid:params:grant-type:ciba';

/** Another domain of the instance under attack. */
const twinHost = oncePerWorld(async ({ near }) => {
  const origin = near.issuer.replace('//localhost', '//twin.localhost');
  await changeAsOperator(near, (change) => insertDomain(change, origin));
  return new URL(origin).host;
});

/** The host of the other domain, once the door answers there. */
async function twinAt(w: AttackWorld, door: Door): Promise<{ readonly host: string }> {
  const host = await twinHost(w);
  for (let tries = 0; tries < 1000; tries += 1)
    if ((await door.send({ path: '/oauth/v2/keys', headers: { host } })).status === 200) return { host };
  throw new Error(`the door ${door.name} does not answer at ${host}`);
}

/** A handle for the other domain at the near node. */
async function twinOf({ near }: AttackWorld, { host }: { readonly host: string }) {
  const issuer = `http://${host}`;
  const fetch: TestServer['fetch'] = (path, init = {}) =>
    near.fetch(path.replace(issuer, ''), { ...init, headers: { host, ...init.headers } });
  return { issuer, fetch };
}

/** An application that may use every grant with codes. */
const application = oncePerWorld(({ near, shop }) =>
  seedApplication(near, shop.project, {
    type: 'web',
    grantTypes: ['authorization_code', 'refresh_token', deviceGrant, cibaGrant],
    cibaDeliveryMode: 'poll',
    redirectUris: ['https://domains.example.com/callback'],
  }),
);

/** Makes something at the domain of the issuer; the request is sent to the other domain. */
function elsewhere(
  make: (app: SeededApplication, at: TestServer, w: AttackWorld) => Promise<AttackRequest>,
): AttackCase['send'] {
  return async (w, door) => {
    const twin = await twinAt(w, door);
    const request = await make(await application(w), w.near, w);
    return { ...request, headers: { ...request.headers, ...twin } };
  };
}

async function redemption(app: SeededApplication, at: TestServer, w: AttackWorld) {
  const { code, flow } = await signIn(at, app, w.shop.ada, { params: { scope: 'openid offline_access' } });
  const form = { grant_type: 'authorization_code', code, redirect_uri: app.redirectUri };
  return { form: { ...form, code_verifier: flow.verifier }, headers: basicOf(app) };
}

/** What an endpoint answers the application at the domain of the issuer. */
async function answerOf(
  at: TestServer,
  app: SeededApplication,
  path: string,
  form: Readonly<Record<string, string>>,
) {
  return (await call(at, path, { form, headers: basicOf(app) })).body;
}

const invalidGrant = refused(400, 'invalid_grant');

const rows: readonly Row[] = [
  [
    'a code',
    'RFC 9207 §1',
    elsewhere(async (app, at, w) => {
      const { form, headers } = await redemption(app, at, w);
      return token(form, headers);
    }),
    invalidGrant,
  ],
  [
    'a refresh token',
    'RFC 6749 §6',
    elsewhere(async (app, at, w) => {
      const { form } = await redemption(app, at, w);
      const { refresh_token } = await answerOf(at, app, '/oauth/v2/token', form);
      return token({ grant_type: 'refresh_token', refresh_token: String(refresh_token) }, basicOf(app));
    }),
    invalidGrant,
  ],
  [
    'a pushed request',
    'RFC 9126 §2.2',
    elsewhere(async (app, at) => {
      const { url } = await beginFlow(at, app);
      const form = Object.fromEntries(url.searchParams);
      const { request_uri } = await answerOf(at, app, '/oauth/v2/par', form);
      const query = { client_id: app.clientId, request_uri: String(request_uri) };
      return { path: `/oauth/v2/authorize?${new URLSearchParams(query)}` };
    }),
    page(400),
  ],
  [
    'a sign-in that has begun',
    'RFC 9700 §4.4.2',
    elsewhere(async (app, at) => {
      const agent = createBrowserAgent(at);
      const { forms } = pageOf(await agent.open((await beginFlow(at, app)).url));
      const path = `/login?${new URLSearchParams({ request: forms[0]?.fields.request ?? '' })}`;
      return { path, headers: { cookie: agent.cookies.header() } };
    }),
    page(400),
  ],
  [
    'a device code',
    'RFC 8628 §3.4',
    elsewhere(async (app, at) => {
      const { device_code } = await answerOf(at, app, '/oauth/v2/device_authorization', { scope: 'openid' });
      return token({ grant_type: deviceGrant, device_code: String(device_code) }, basicOf(app));
    }),
    invalidGrant,
  ],
  [
    'an auth_req_id',
    'CIBA Core §10.1',
    elsewhere(async (app, at) => {
      const { loginName } = await seedUser(at);
      const form = { scope: 'openid', login_hint: loginName };
      const { auth_req_id } = await answerOf(at, app, '/oauth/v2/bc-authorize', form);
      return token({ grant_type: cibaGrant, auth_req_id: String(auth_req_id) }, basicOf(app));
    }),
    invalidGrant,
  ],
];

const userCode: Row = [
  'a user code',
  'RFC 8628 §3.3',
  async (w, door) => {
    const host = await twinAt(w, door);
    const app = await application(w);
    const { user_code } = await answerOf(w.near, app, '/oauth/v2/device_authorization', { scope: 'openid' });
    const agent = createBrowserAgent(await twinOf(w, host));
    const entry = pageOf(await agent.open('/device'));
    const request = submission(agent, entry, { userCode: String(user_code) });
    return { ...request, headers: { ...request.headers, ...host } };
  },
  page(400),
];

const told: Row = [
  'an access token at an API of another domain is active, and names the domain that issued it',
  'RFC 7662 §2.2',
  elsewhere(async (_app, _at, { shop, live }) => ({
    path: '/oauth/v2/introspect',
    form: { token: live.accessToken },
    headers: basicOf(shop.api),
  })),
  answered(200, ({ json }, w) => {
    if (json.active !== true || json.iss !== w.near.issuer) throw new Error(JSON.stringify(json));
  }),
];

/** What one domain of an instance issued, at another. */
export const domainAttacks: readonly AttackCase[] = numbered('domain', [
  ...[...rows, userCode].map(
    ([attack, ...rest]): Row => [`${attack} of one domain at another domain of the instance`, ...rest],
  ),
  told,
]);
