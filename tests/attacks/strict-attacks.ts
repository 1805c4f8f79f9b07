import {
  type ApplicationSeed,
  type AssertionOptions,
  type SeededApplication,
  seedApplication,
  signAssertion,
  signUserAssertion,
} from '@latchkey/testkit';
import { basicOf, introspect, sessionCookieOf } from '../flows/flow-world.ts';
import {
  type AttackCase,
  answered,
  back,
  numbered,
  onward,
  page,
  problem,
  type Row,
  refused,
} from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { api, authorize, token } from './requests.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const foreign = 'https://other.example.com';
const tokenTypes = ['id_token token', 'code token', 'code id_token token'] as const;

const seeds = {
  dpop: { type: 'web', isDpopRequired: true },
  certificate: { type: 'web', isCertificateBound: true },
  pkce: { type: 'web', isPkceRequired: true },
  native: { type: 'native', redirectUris: ['http://127.0.0.1/callback'] },
} as const satisfies Readonly<Record<string, ApplicationSeed>>;

type Name = keyof typeof seeds;

const applications = new WeakMap<AttackWorld, Map<Name, Promise<SeededApplication>>>();

/** An application of the shop for these attacks, made at its first use. */
function applicationOf(world: AttackWorld, name: Name): Promise<SeededApplication> {
  const known = applications.get(world) ?? new Map<Name, Promise<SeededApplication>>();
  applications.set(world, known);
  const application =
    known.get(name) ??
    seedApplication(world.near, world.shop.project, {
      responseTypes: ['code', ...tokenTypes],
      grantTypes: ['authorization_code', 'implicit', 'refresh_token'],
      ...(name === 'native' ? {} : { redirectUris: [`https://${name}.example.com/callback`] }),
      ...seeds[name],
    });
  known.set(name, application);
  return application;
}

function nowSeconds(world: AttackWorld): number {
  return Math.floor(world.near.clock.now() / 1000);
}

const unbound: readonly Row[] = (['dpop', 'certificate'] as const).flatMap((name) => [
  ...tokenTypes.map(
    (type): Row => [
      `an unbound token in the authorization response: ${type}, ${name}`,
      'RFC 9449 §5, RFC 8705 §3',
      async (w) => {
        const { clientId, redirectUri } = await applicationOf(w, name);
        return authorize(w, { client_id: clientId, redirect_uri: redirectUri, response_type: type });
      },
      back('unauthorized_client', 'fragment'),
    ],
  ),
  [
    `an unbound token by an assertion, with the credentials of an application that must bind: ${name}`,
    'RFC 7521 §4.1',
    async (w) => {
      const assertion = signUserAssertion(w.shop.robotKey, {
        audience: w.near.issuer,
        nowSeconds: nowSeconds(w),
      });
      return token({ grant_type: jwtBearer, assertion }, basicOf(await applicationOf(w, name)));
    },
    refused(400, name === 'dpop' ? 'invalid_dpop_proof' : 'invalid_request'),
  ] satisfies Row,
]);

const endpoints: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['/oauth/v2/token', { grant_type: 'refresh_token', refresh_token: 'lk_rt_AAAA' }],
  ['/oauth/v2/introspect', { token: 'x' }],
  ['/oauth/v2/revoke', { token: 'x' }],
  ['/oauth/v2/par', { response_type: 'code' }],
  ['/oauth/v2/device_authorization', { scope: 'openid' }],
  ['/oauth/v2/bc-authorize', { scope: 'openid', login_hint: 'x' }],
];

const audiences: readonly Row[] = [
  ...endpoints.flatMap(([path, form]) =>
    [
      ['after', (issuer: string) => [issuer, foreign]] as const,
      ['before', (issuer: string) => [foreign, issuer]] as const,
    ].map(
      ([where, aud]): Row => [
        `a client assertion for another server ${where} ours, at ${path}`,
        'RFC 7523 §3, RFC 7523bis §4',
        (w) => ({
          path,
          form: {
            ...form,
            client_assertion_type: assertionType,
            client_assertion: signAssertion(w.shop.keyFile, {
              audience: w.near.issuer,
              nowSeconds: nowSeconds(w),
              claims: { aud: aud(w.near.issuer) },
            }),
          },
        }),
        refused(401, 'invalid_client'),
      ],
    ),
  ),
  [
    'an assertion of a machine user for another server beside ours',
    'RFC 7523 §3',
    (w) =>
      token({
        grant_type: jwtBearer,
        assertion: signUserAssertion(w.shop.robotKey, {
          audience: w.near.issuer,
          nowSeconds: nowSeconds(w),
          claims: { aud: [w.near.issuer, foreign] },
        }),
      }),
    refused(400, 'invalid_grant'),
    { reason: /aud of the assertion/ },
  ],
];

const loopback: readonly Row[] = [
  'https://127.0.0.1/callback',
  'https://127.0.0.1:8443/callback',
  'http://localhost/callback',
  'http://[::1]:3000/callback',
  'http://127.0.0.1:3000/callback?x=1',
].map(
  (uri): Row => [
    `a loopback address that differs in more than its port: ${uri}`,
    'RFC 8252 §7.3, §8.3',
    async (w) => authorize(w, { client_id: (await applicationOf(w, 'native')).clientId, redirect_uri: uri }),
    page(400, 'redirect-uri-mismatch'),
  ],
);

const pkce: readonly Row[] = [
  [
    'no PKCE where a confidential application must use it',
    'RFC 9700 §2.1.1',
    async (w) => {
      const { clientId, redirectUri } = await applicationOf(w, 'pkce');
      return authorize(w, {
        ...{ client_id: clientId, redirect_uri: redirectUri },
        ...{ code_challenge: '', code_challenge_method: '' },
      });
    },
    back('invalid_request'),
  ],
  [
    'no PKCE in a pushed request of such an application',
    'RFC 9126 §2.1',
    async (w) => {
      const application = await applicationOf(w, 'pkce');
      return {
        path: '/oauth/v2/par',
        form: { response_type: 'code', scope: 'openid', redirect_uri: application.redirectUri },
        headers: basicOf(application),
      };
    },
    refused(400, 'invalid_request'),
  ],
  [
    'a code that was asked for with PKCE, redeemed without',
    'RFC 7636 §4.6',
    async (w) => {
      const application = await applicationOf(w, 'pkce');
      const { code } = await w.freshCode(application);
      const form = { grant_type: 'authorization_code', code, redirect_uri: application.redirectUri };
      return token(form, basicOf(application));
    },
    refused(400, 'invalid_grant'),
  ],
];

const logouts: readonly Row[] = [
  [
    'an ID token without the cookie of its session',
    'RP-Initiated Logout §2',
    (w) => ({ path: `/oidc/v1/end_session?${new URLSearchParams({ id_token_hint: w.live.idToken })}` }),
    answered(302, async (_, w) => {
      expectActive(await introspect(w.near, w.shop.api, w.live.accessToken));
    }),
  ],
  [
    'an ID token by POST without the cookie of its session',
    'RP-Initiated Logout §2',
    (w) => ({ path: '/oidc/v1/end_session', form: { id_token_hint: w.live.idToken } }),
    answered(303, async (_, w) => {
      expectActive(await introspect(w.near, w.shop.api, w.live.accessToken));
    }),
  ],
  [
    'an ID token of somebody else than who is signed in',
    'RP-Initiated Logout §2',
    async (w) => {
      const { signedIn } = await w.freshTokens(w.shop.spa, await w.freshPerson());
      return {
        path: `/oidc/v1/end_session?${new URLSearchParams({ id_token_hint: w.live.idToken })}`,
        headers: sessionCookieOf(signedIn.agent),
      };
    },
    onward('/logout'),
  ],
];

function expectActive(answer: Readonly<Record<string, unknown>>): void {
  if (answer.active !== true) throw new Error('the session was ended');
}

const drawing = (svg: string): string => `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;

const drawings: readonly Row[] = [
  '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
  '<svg xmlns="http://www.w3.org/2000/svg"><a href="javascript:alert(1)"><rect/></a></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://evil.example.com/pixel"/></svg>',
].map(
  (svg): Row => [
    `a logo that acts: ${svg.slice(40, 75)}`,
    'CWE-79',
    async (w) =>
      api(await w.tokenFor(w.people.instanceOwner), 'PATCH', '/instance/settings', {
        branding: { logoUrlLight: drawing(svg) },
      }),
    problem(400, 'invalid-input'),
  ],
);

let made = 0;

const rated: readonly Row[] = [
  [
    'a confidential web application returns to plain http, and is rated compliant',
    'RFC 9700 §2.6',
    async (w) => {
      made += 1;
      const body = { projectId: w.acme.project.id, name: `Plain ${made}`, type: 'web' };
      const redirectUris = ['http://plain.example.com/callback'];
      return api(await w.tokenFor(w.people.instanceOwner), 'POST', '/applications', {
        ...body,
        redirectUris,
      });
    },
    answered(201, ({ text, json }) => {
      const isRated =
        /"isCompliant":false/.test(text) && /"level":"warning","setting":"redirectUris"/.test(text);
      if (!isRated) throw new Error(JSON.stringify(json.compliance));
    }),
    { state: ['applications', 'client_secrets', 'events'] },
  ],
];

/** An assertion that is refused for nothing but the made-up refresh token it comes with. */
function taken(changes: (w: AttackWorld) => Partial<AssertionOptions>): AttackCase['send'] {
  return (w) =>
    token({
      ...{ grant_type: 'refresh_token', refresh_token: 'lk_rt_AAAA' },
      client_assertion_type: assertionType,
      client_assertion: signAssertion(w.shop.keyFile, {
        audience: w.near.issuer,
        nowSeconds: nowSeconds(w),
        ...changes(w),
      }),
    });
}

/** What the dialect and the certification suite rely on (decision 0023). */
const relied: readonly Row[] = [
  [
    'an assertion of an hour is taken',
    'ZITADEL dialect',
    taken(() => ({ lifetimeSeconds: 3600 })),
    refused(400, 'invalid_grant'),
    { state: ['consumed'] },
  ],
  [
    'an assertion for the token endpoint is taken',
    'OpenID Connect Core §9',
    taken((w) => ({ audience: `${w.near.issuer}/oauth/v2/token` })),
    refused(400, 'invalid_grant'),
    { state: ['consumed'] },
  ],
  [
    'an unknown response_mode is ignored',
    'OpenID Connect Core §3.1.2.1',
    (w) => authorize(w, { response_mode: 'telepathy' }),
    onward('/login'),
  ],
];

export const strictAttacks: readonly AttackCase[] = [
  ...numbered('unbound', unbound),
  ...numbered('assertion-audience', audiences),
  ...numbered('loopback', loopback),
  ...numbered('pkce', pkce),
  ...numbered('hint', logouts),
  ...numbered('drawing', drawings),
  ...numbered('rated', rated),
  ...numbered('relied', relied),
];
