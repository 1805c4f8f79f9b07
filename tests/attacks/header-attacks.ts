import { basicOf, sessionCookieOf } from '../flows/flow-world.ts';
import {
  type AttackCase,
  type AttackRequest,
  answered,
  back,
  numbered,
  page,
  problem,
  type Row,
  refused,
  status,
} from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { api, authorize, token, userinfo } from './requests.ts';

const invalidRequest = refused(400, 'invalid_request');
const invalidClient = refused(401, 'invalid_client');
const invalidInput = problem(400, 'invalid-input');
const stale = problem(412, 'stale-version');

function withHeaders(request: AttackRequest, headers: Readonly<Record<string, string>>): AttackRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

const bearers: readonly (readonly [attack: string, header: (text: string) => string])[] = [
  ['two tokens joined by a comma', (text) => `Bearer ${text}, Bearer ${text}`],
  ['a tab after the scheme', (text) => `Bearer\t${text}`],
  ['no space after the scheme', (text) => `Bearer${text}`],
  ['a letter beyond ASCII after the token', (text) => `Bearer ${text}é`],
  ['an auth-param in place of the token', (text) => `Bearer token="${text}"`],
  ['a scheme alone', () => 'Bearer'],
];

const basics: readonly (readonly [attack: string, header: (credentials: string) => string])[] = [
  ['credentials joined by a comma', (credentials) => `${credentials}, ${credentials}`],
  ['a tab in Basic credentials', (credentials) => credentials.replace(' ', '\t')],
  ['a letter beyond ASCII in Basic credentials', (credentials) => `${credentials}é`],
  ['URL-safe letters in Basic credentials', (credentials) => `${credentials}-_`],
];

const authorization: readonly Row[] = [
  ...bearers.map(
    ([attack, header]): Row => [
      attack,
      'RFC 6750 §2.1',
      (w) => withHeaders(userinfo(''), { authorization: header(w.live.accessToken) }),
      invalidRequest,
    ],
  ),
  ...basics.map(
    ([attack, header]): Row => [
      attack,
      'RFC 7617 §2',
      (w) =>
        token(
          { grant_type: 'refresh_token', refresh_token: 'lk_rt_AAAA' },
          { authorization: header(basicOf(w.shop.web).authorization) },
        ),
      invalidClient,
    ],
  ),
];

/** A silent request of a third-party client in a browser that is signed in, its Cookie header changed. */
function silent(change: (cookie: string) => string): AttackCase['send'] {
  return async (w) => {
    const { signedIn } = await w.freshTokens(w.shop.spa, await w.freshPerson());
    const { cookie } = sessionCookieOf(signedIn.agent);
    const { clientId, redirectUri } = w.shop.thirdParty;
    const request = authorize(w, { client_id: clientId, redirect_uri: redirectUri, prompt: 'none' });
    return withHeaders(request, { cookie: change(cookie) });
  };
}

// Consent is asked of whoever is signed in, so this answer shows that the session was found.
const sessionFound = back('consent_required');
const loginRequired = back('login_required');
const many = (count: number): string => Array.from({ length: count }, (_, n) => `c${n}=1`).join('; ');

const cookies: readonly Row[] = [
  [
    'a cookie without a name, to be read in place of the session',
    'CVE-2022-2860, RFC 6265 §5.2',
    silent((cookie) => `latchkey_sessionsX; ${cookie}`),
    sessionFound,
  ],
  [
    'a cookie whose name ends like that of the session',
    'RFC 6265 §5.4',
    silent((cookie) => `xlatchkey_sessions=1.AAAA; latchkey_sessions2=1.AAAA; ${cookie}`),
    sessionFound,
  ],
  ['100 cookies before the session', 'CWE-770', silent((cookie) => `${many(100)}; ${cookie}`), sessionFound],
  [
    'a session cookie with a letter beyond ASCII',
    'RFC 6265 §4.1.1',
    silent((cookie) => `${cookie}é`),
    loginRequired,
  ],
  [
    'a session cookie in quotes',
    'RFC 6265 §4.1.1',
    silent((c) => c.replace(/=(.*)$/, '="$1"')),
    loginRequired,
  ],
];

/** A change of the name of an organization with an `If-Match`, by an owner. */
function changing(ifMatch: (etag: string) => string): AttackCase['send'] {
  return async (w, door) => {
    const accessToken = await w.tokenFor(w.people.instanceOwner);
    const path = `/organizations/${w.shop.organizationId}`;
    const present = await door.send(api(accessToken, 'GET', path));
    const etag = present.headers.get('etag') ?? '';
    return withHeaders(api(accessToken, 'PATCH', path, { name: 'Stolen' }), { 'if-match': ifMatch(etag) });
  };
}

/** A new organization by an owner with an `Idempotency-Key`. */
function keyed(key: string): AttackCase['send'] {
  return async (w) => {
    const accessToken = await w.tokenFor(w.people.instanceOwner);
    return withHeaders(api(accessToken, 'POST', '/organizations', { name: 'Keyed' }), {
      'idempotency-key': key,
    });
  };
}

const conditions: readonly Row[] = [
  ['the version of another time', 'RFC 9110 §13.1.1', changing(() => '"AAAA"'), stale],
  ['the present version as a weak one', 'RFC 9110 §8.8.3.2', changing((etag) => `W/${etag}`), stale],
  ['the present version without quotes', 'RFC 9110 §8.8.3', changing((etag) => etag.slice(1, -1)), stale],
  ['a list of other versions', 'RFC 9110 §13.1.1', changing(() => '"a", "b",, W/"c"'), stale],
  ['a star among versions', 'RFC 9110 §13.1.1', changing(() => '*, "a"'), stale],
  ['an idempotency key of 201 characters', 'CWE-770', keyed('a'.repeat(201)), invalidInput],
  ['an idempotency key beyond ASCII', 'CWE-20', keyed('é'), invalidInput],
  ['an idempotency key with a space', 'CWE-20', keyed('a b'), invalidInput],
];

const languages = (count: number): string => Array.from({ length: count }, () => 'de;q=0.5').join(',');
const loginPage = (w: AttackWorld, accept: string) =>
  withHeaders(authorize(w), { 'accept-language': accept });

const negotiation: readonly Row[] = [
  ['10,000 accepted languages', 'CWE-770', (w) => loginPage(w, languages(10_000)), status(431)],
  [
    '1,000 accepted languages and weights that are none',
    'CWE-1333',
    () => withHeaders({ path: '/device' }, { 'accept-language': `${languages(1000)},x;q=,*;q=9,;;` }),
    answered(200),
  ],
];

const times: readonly string[] = [
  '+275760-09-13T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  '1152921504606846976',
  'NaN',
  '2026-02-30T00:00:00Z',
  '2026-01-01T24:00:01Z',
  '2026-01-01T00:00:00+99:99',
  '2026-01-01',
];

const timestamps: readonly Row[] = times.flatMap((time): readonly Row[] => [
  [
    `a personal access token that ends at ${time}`,
    'RFC 3339 §5.6',
    async (w) => {
      const accessToken = await w.tokenFor(w.people.instanceOwner);
      return api(accessToken, 'POST', `/users/${w.shop.ada.id}/tokens`, { expiresAt: time });
    },
    invalidInput,
  ],
  [
    `events from ${time}`,
    'RFC 3339 §5.6',
    async (w) =>
      api(await w.tokenFor(w.people.instanceOwner), 'GET', `/events?from=${encodeURIComponent(time)}`),
    invalidInput,
  ],
]);

const expired = page(400, 'request-expired');
const sealed: readonly Row[] = [
  [
    'a sealed sign-in of 40,000 characters',
    'CWE-770',
    (w) => ({
      path: '/login',
      form: { request: w.foreignFlow.padEnd(40_000, 'A') },
      headers: { origin: w.near.issuer },
    }),
    expired,
  ],
  [
    'a sealed sign-in as a pushed request',
    'RFC 9126 §2.2',
    (w) => authorize(w, { request_uri: `urn:ietf:params:oauth:request_uri:${w.foreignFlow}` }),
    page(400),
  ],
  [
    'a refresh token as a sealed sign-in, without its prefix',
    'RFC 8725 §3.11',
    (w) => ({ path: `/login?request=${w.live.refreshToken.replace(/^lk_rt_/, '')}` }),
    expired,
  ],
  [
    'a code as a sealed sign-in, without its prefix',
    'RFC 8725 §3.11',
    async (w) => ({ path: `/login?request=${(await w.unspentCode()).code.replace(/^lk_ac_/, '')}` }),
    expired,
  ],
  [
    'a refresh token of 40,000 characters',
    'CWE-770',
    (w) =>
      token({
        grant_type: 'refresh_token',
        refresh_token: `lk_rt_${'A'.repeat(40_000)}`,
        client_id: w.shop.spa.clientId,
      }),
    refused(400, 'invalid_grant'),
  ],
];

/** Attacks by headers, times and sealed texts. */
export const headerAttacks: readonly AttackCase[] = [
  ...numbered('authorization-header', authorization),
  ...numbered('cookie-header', cookies),
  ...numbered('condition', conditions),
  ...numbered('negotiation', negotiation),
  ...numbered('time', timestamps).map((attack): AttackCase => ({ ...attack, at: ['near'] })),
  ...numbered('sealed', sealed),
];
