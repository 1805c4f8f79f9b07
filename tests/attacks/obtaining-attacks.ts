import { pageOf, type SeededApplication, seedApplication, signUserAssertion } from '@latchkey/testkit';
import { basicOf, beginFlow, call, sessionCookieOf, signIn } from '../flows/flow-world.ts';
import { type Way, waysToObtain } from '../flows/obtain-tokens.ts';
import { audienceScope } from '../flows/shop-world.ts';
import {
  type Answer,
  type AttackCase,
  answered,
  back,
  inactive,
  numbered,
  problem,
  type Row,
  refused,
} from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { oncePerWorld } from './once-per-world.ts';
import { api, authorize, introspection, token } from './requests.ts';

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const managementScope = audienceScope({ id: 'zitadel' });
const foreignUri = 'https://vault.acme.example.com/api';

/** An ordinary application of the shop that may use every grant. */
const application = oncePerWorld(({ near, shop }) =>
  seedApplication(near, shop.project, {
    type: 'web',
    grantTypes: [
      ...(['authorization_code', 'implicit', 'refresh_token', exchange] as const),
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:openid:params:grant-type:ciba',
    ],
    responseTypes: ['code', 'code id_token token'],
    cibaDeliveryMode: 'poll',
    redirectUris: ['https://every.example.com/callback'],
  }),
);

/** An API of another organization that goes by an address. */
const vault = oncePerWorld(({ near, acme }) =>
  seedApplication({ ...near, organizationId: acme.organizationId }, acme.project, {
    type: 'api',
    resourceUris: [foreignUri],
  }),
);

async function obtained(w: AttackWorld, obtain: Way, scope: string): Promise<string> {
  const ada = await w.freshPerson(['IAM_OWNER']);
  const { body } = await obtain(
    { server: w.near, ada, spa: w.shop.spa },
    await application(w),
    `openid ${scope}`,
  );
  if (typeof body.access_token !== 'string') throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.access_token;
}

const people: readonly Row[] = Object.entries(waysToObtain).flatMap(([way, obtain]): readonly Row[] => [
  [
    `an instance owner’s token for the management API at an ordinary application: ${way}`,
    'RFC 9700 §2.3, decision 0018',
    async (w) =>
      api(await obtained(w, obtain, managementScope), 'POST', '/organizations', { name: 'Taken over' }),
    problem(401, 'wrong-audience'),
    { at: ['near'] },
  ],
  [
    `a token for the project of another organization: ${way}`,
    'RFC 9700 §2.3, decision 0018',
    async (w) =>
      introspection(w, await obtained(w, obtain, audienceScope(w.acme.project)), basicOf(w.acme.api)),
    inactive,
    { at: ['near'], reason: /not meant for the caller/ },
  ],
]);

async function byAssertion(w: AttackWorld, scope: string): Promise<string> {
  const nowSeconds = Math.floor(w.near.clock.now() / 1000);
  const assertion = signUserAssertion(w.shop.robotKey, { audience: w.near.issuer, nowSeconds });
  const form = { grant_type: jwtBearer, assertion, scope };
  return String((await call(w.near, '/oauth/v2/token', { form })).body.access_token);
}

const machines: readonly Row[] = [
  [
    'a machine user’s token by an assertion for the project of another organization',
    'RFC 7523 §2.1, decision 0018',
    async (w) =>
      introspection(w, await byAssertion(w, `openid ${audienceScope(w.acme.project)}`), basicOf(w.acme.api)),
    inactive,
    { reason: /not meant for the caller/ },
  ],
  [
    'a machine user without roles at the management API, for which it may get a token',
    'decision 0018',
    async (w) =>
      api(await byAssertion(w, `openid ${managementScope}`), 'POST', '/organizations', { name: 'Mine' }),
    problem(403, 'forbidden'),
  ],
];

/** A request of the application to an endpoint, naming the API of another organization. */
function naming(path: string, form: Readonly<Record<string, string>>): AttackCase['send'] {
  return async (w) => {
    await vault(w);
    const app = await application(w);
    const headers = basicOf(path === '/oauth/v2/token' ? w.shop.robot : app);
    const redirect = path === '/oauth/v2/par' ? { redirect_uri: app.redirectUri } : {};
    return { path, form: { ...form, ...redirect, resource: foreignUri }, headers };
  };
}

const invalidTarget = refused(400, 'invalid_target');

const resources: readonly Row[] = [
  [
    'at the authorization endpoint',
    async (w: AttackWorld) => {
      await vault(w);
      const { clientId, redirectUri } = await application(w);
      return authorize(w, { client_id: clientId, redirect_uri: redirectUri, resource: foreignUri });
    },
    back('invalid_target'),
  ] as const,
  ['in a pushed request', naming('/oauth/v2/par', { response_type: 'code' }), invalidTarget] as const,
  ['by a device', naming('/oauth/v2/device_authorization', { scope: 'openid' }), invalidTarget] as const,
  [
    'by backchannel authentication',
    async (w: AttackWorld) => {
      const form = { scope: 'openid', login_hint: w.shop.ada.loginName };
      return await naming('/oauth/v2/bc-authorize', form)(w, w.doors.near);
    },
    invalidTarget,
  ] as const,
  [
    'by a machine user',
    naming('/oauth/v2/token', { grant_type: 'client_credentials' }),
    invalidTarget,
  ] as const,
  [
    'in a token exchange',
    async (w: AttackWorld) => {
      await vault(w);
      const { accessToken } = await w.freshTokens();
      const form = { grant_type: exchange, subject_token: accessToken, subject_token_type: accessTokenType };
      return token({ ...form, resource: foreignUri }, basicOf(w.shop.broker));
    },
    invalidTarget,
  ] as const,
].map(
  ([where, send, expected]): Row => [
    `the API of another organization as resource ${where}`,
    'RFC 8707 §2, decision 0018',
    send,
    expected,
  ],
);

/** The consent page a signed-in person is shown, as the request that shows it. */
async function consentPage(w: AttackWorld, app: SeededApplication, scope: string) {
  const { agent } = await signIn(w.near, w.shop.spa, await w.freshPerson(['IAM_OWNER']));
  const { url } = pageOf(await agent.open((await beginFlow(w.near, app, { scope })).url));
  return { path: url.pathname + url.search, headers: { cookie: agent.cookies.header() } };
}

const managementWords = 'Manage this Latchkey instance with all your administrator permissions';

function says(wanted: readonly string[], unwanted: readonly string[]) {
  return ({ text }: Answer): void => {
    for (const each of wanted) if (!text.includes(each)) throw new Error(`the page does not say: ${each}`);
    for (const each of unwanted) if (text.includes(each)) throw new Error(`the page says: ${each}`);
  };
}

const partner = oncePerWorld(({ near, shop }) =>
  seedApplication(near, shop.project, {
    type: 'web',
    isThirdParty: true,
    isManagementClient: true,
    redirectUris: ['https://partner.example.com/callback'],
  }),
);

const consents: readonly Row[] = [
  [
    'a third party with access to the management API is allowed without knowing what for',
    'RFC 9700 §2.3',
    async (w) => consentPage(w, await partner(w), `openid ${managementScope}`),
    answered(200, says([managementWords], ['Use other services of'])),
  ],
  [
    'a third party without access to the management API asks for it, and for the project of another organization',
    'RFC 9700 §2.3',
    async (w) =>
      consentPage(w, w.shop.thirdParty, `openid ${managementScope} ${audienceScope(w.acme.project)}`),
    answered(200, says(['data-page="consent"'], [managementWords, 'Use other services of'])),
  ],
  [
    'a third party asks silently',
    'OpenID Connect Core §3.1.2.1',
    async (w) => {
      const { agent } = await signIn(w.near, w.shop.spa, await w.freshPerson(['IAM_OWNER']));
      const { clientId, redirectUri } = await partner(w);
      const scope = `openid ${managementScope}`;
      const params = { client_id: clientId, redirect_uri: redirectUri, scope, prompt: 'none' };
      return { ...authorize(w, params), headers: sessionCookieOf(agent) };
    },
    back('consent_required'),
  ],
];

/** The samples of the dialect go on working. */
const kept: readonly Row[] = [
  [
    'a token for the own project',
    async (w: AttackWorld) => {
      const { accessToken } = await w.freshTokens(
        w.shop.spa,
        w.shop.ada,
        `openid ${audienceScope(w.shop.project)}`,
      );
      return introspection(w, accessToken);
    },
  ] as const,
  [
    'a token for another project of the own organization',
    async (w: AttackWorld) => {
      const { accessToken } = await w.freshTokens(
        w.shop.spa,
        w.shop.ada,
        `openid ${audienceScope(w.shop.ledger)}`,
      );
      return introspection(w, accessToken, basicOf(w.shop.ledgerApi));
    },
  ] as const,
  [
    'a token for a project that was granted to the organization',
    async (w: AttackWorld) => {
      const { accessToken } = await w.freshTokens(
        w.acme.spa,
        w.acme.ada,
        `openid ${audienceScope(w.shop.project)}`,
      );
      return introspection(w, accessToken);
    },
  ] as const,
].map(
  ([what, send]): Row => [
    `${what} is active at its API`,
    'ZITADEL dialect, decision 0018',
    send,
    answered(200, ({ json }) => {
      if (json.active !== true) throw new Error(JSON.stringify(json));
    }),
  ],
);

/** Audiences asked for by every grant and parameter, and what people are told of them. */
export const obtainingAttacks: readonly AttackCase[] = [
  ...numbered('obtain', [...people, ...machines]),
  ...numbered('resource', resources),
  ...numbered('consent', consents),
  ...numbered('kept', kept),
];
