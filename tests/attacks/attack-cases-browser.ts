import { createBrowserAgent, pageOf } from '@latchkey/testkit';
import { beginFlow } from '../flows/flow-world.ts';
import type { AttackCase, AttackRequest, AttackWorld } from './attack-case.ts';

type Fields = Readonly<Record<string, string>>;

const goodbye = 'https://jwt.example.com/goodbye';
const csrf = 'RFC 9700 §4.7';

/** A form of the sign-in page of a fresh browser, with the cookies of that browser. */
async function signInForm(
  world: AttackWorld,
): Promise<{ readonly request: AttackRequest; readonly cookie: string }> {
  const agent = createBrowserAgent(world.near);
  const page = pageOf(await agent.open((await beginFlow(world.near, world.shop.spa)).url));
  const form = page.forms[0];
  const request = {
    path: new URL(form?.action ?? '', page.url).pathname + new URL(form?.action ?? '', page.url).search,
    form: { ...form?.fields, loginName: world.shop.ada.loginName },
  };
  return { request, cookie: agent.cookies.header() };
}

/** Sends the sign-in form with these headers; `cookies` says whether the browser's own go along. */
function submitting(headers: Fields, cookies: 'own' | 'none' | 'of another browser'): AttackCase['input'] {
  return async (world) => {
    const { request, cookie } = await signInForm(world);
    const other = cookies === 'of another browser' ? (await signInForm(world)).cookie : cookie;
    const origin = headers.origin === 'issuer' ? { origin: world.near.issuer } : {};
    return {
      ...request,
      headers: { ...(cookies === 'none' ? {} : { cookie: other }), ...headers, ...origin },
    };
  };
}

function logOut(query: (world: AttackWorld) => Fields): AttackCase['input'] {
  return (world) => ({ path: `/oidc/v1/end_session?${new URLSearchParams(query(world))}` });
}

function post(path: string, body: string, headers: Fields): AttackCase['input'] {
  return () => ({ path, body, headers });
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** What is tried through browsers, and with requests that are none. */
export const browserAttacks: readonly AttackCase[] = [
  {
    id: 'logout-01',
    attack: 'a post-logout address of the attacker',
    input: logOut(({ jwtApp }) => ({
      client_id: jwtApp.clientId,
      post_logout_redirect_uri: 'https://evil.example.com/',
    })),
    expected: '400 error request-invalid',
    source: 'RP-Initiated Logout 1.0 §3',
  },
  {
    id: 'logout-02',
    attack: 'a post-logout address that is a script',
    input: logOut(({ jwtApp }) => ({
      client_id: jwtApp.clientId,
      post_logout_redirect_uri: 'javascript:alert(1)',
    })),
    expected: '400 error request-invalid',
    source: 'RP-Initiated Logout 1.0 §3',
  },
  {
    id: 'logout-03',
    attack: 'the post-logout address of another application',
    input: logOut(({ shop }) => ({ client_id: shop.spa.clientId, post_logout_redirect_uri: goodbye })),
    expected: '400 error request-invalid',
    source: 'RP-Initiated Logout 1.0 §3',
  },
  {
    id: 'logout-04',
    attack: 'client_id and id_token_hint of two applications',
    input: logOut(({ shop, live }) => ({ client_id: shop.web.clientId, id_token_hint: live.idToken })),
    expected: '400 error request-invalid',
    source: 'RP-Initiated Logout 1.0 §2',
  },
  {
    id: 'logout-05',
    attack: 'an access token as id_token_hint',
    input: logOut(({ liveJwt }) => ({
      id_token_hint: liveJwt.accessToken,
      post_logout_redirect_uri: goodbye,
    })),
    expected: 'on to /logout/done',
    source: 'RFC 8725 §3.12',
  },
  {
    id: 'logout-06',
    attack: 'the sign-out form posted by another site',
    input: post('/logout', 'decision=sign-out', { ...form, origin: 'https://evil.example.com' }),
    expected: '403 error forbidden-origin',
    source: csrf,
  },
  {
    id: 'csrf-01',
    attack: 'the sign-in form posted by another site',
    input: submitting({ origin: 'https://evil.example.com' }, 'own'),
    expected: '403 error forbidden-origin',
    source: csrf,
  },
  {
    id: 'csrf-02',
    attack: 'the sign-in form posted from nowhere (Origin: null)',
    input: submitting({ origin: 'null', 'sec-fetch-site': 'cross-site' }, 'own'),
    expected: '403 error forbidden-origin',
    source: csrf,
  },
  {
    id: 'csrf-03',
    attack: 'the sign-in form posted without an Origin',
    input: submitting({}, 'own'),
    expected: '403 error forbidden-origin',
    source: csrf,
  },
  {
    id: 'csrf-04',
    attack: 'the sign-in form without the cookie it belongs to',
    input: submitting({ origin: 'issuer', 'sec-fetch-site': 'same-origin' }, 'none'),
    expected: '400 error other-browser',
    source: csrf,
  },
  {
    id: 'csrf-05',
    attack: 'the sign-in form of one browser in another (login CSRF)',
    input: submitting({ origin: 'issuer', 'sec-fetch-site': 'same-origin' }, 'of another browser'),
    expected: '400 error other-browser',
    source: csrf,
  },
  {
    id: 'cookie-01',
    attack: 'a session cookie made up',
    input: async (world) => ({
      path: (await beginFlow(world.near, world.shop.spa, { prompt: 'none' })).url.href,
      headers: { cookie: `latchkey_sessions=1.${'A'.repeat(43)}` },
    }),
    expected: 'back: login_required',
    source: 'security.md, cookies',
  },
  {
    id: 'cookie-02',
    attack: 'a session cookie of SQL and nonsense',
    input: async (world) => ({
      path: (await beginFlow(world.near, world.shop.spa, { prompt: 'none' })).url.href,
      headers: { cookie: "latchkey_sessions=' or 1=1 --; latchkey_sessions=%zz; =; ;;" },
    }),
    expected: 'back: login_required',
    source: 'security.md, cookies',
  },
  {
    id: 'limit-01',
    attack: 'a body of 70 kB',
    input: post('/oauth/v2/token', `grant_type=${'x'.repeat(70_000)}`, form),
    expected: '413 invalid_request',
    source: 'security.md, limits',
  },
  {
    id: 'limit-02',
    attack: 'ten thousand parameters',
    input: post(
      '/oauth/v2/token',
      Array.from({ length: 9000 }, (_, index) => `a${index}=1`)
        .join('&')
        .slice(0, 60_000),
      form,
    ),
    expected: '400 invalid_request',
    source: 'security.md, limits',
  },
  {
    id: 'parser-01',
    attack: 'a body that is JSON',
    input: post('/oauth/v2/token', '{"grant_type":"refresh_token"}', { 'content-type': 'application/json' }),
    expected: '400 invalid_request',
    source: 'RFC 6749 §3.2',
  },
  {
    id: 'parser-02',
    attack: 'broken percent-encoding',
    input: post('/oauth/v2/token', 'grant_type=%zz', form),
    expected: '400 invalid_request',
    source: 'security.md, parsers',
  },
  {
    id: 'parser-03',
    attack: 'bytes that are no UTF-8',
    input: post('/oauth/v2/token', 'grant_type=%ff%fe', form),
    expected: '400 invalid_request',
    source: 'security.md, parsers',
  },
  {
    id: 'parser-04',
    attack: '__proto__ as grant_type and as parameter',
    input: post('/oauth/v2/token', 'grant_type=__proto__&__proto__=x&constructor=y', form),
    expected: '400 unsupported_grant_type',
    source: 'security.md, parsers',
  },
  {
    id: 'parser-05',
    attack: 'a parameter repeated under another encoding',
    input: post('/oauth/v2/token', 'grant_type=refresh_token&grant%5Ftype=authorization_code', form),
    expected: '400 invalid_request',
    source: 'RFC 6749 §3.2',
  },
  {
    id: 'parser-06',
    attack: 'a host that is nobody’s',
    input: () => ({ path: '/.well-known/openid-configuration', headers: { host: 'evil.example.com' } }),
    expected: '421',
    source: 'OpenID Connect Discovery §4',
  },
  {
    id: 'parser-07',
    attack: 'a method the endpoint does not have',
    input: () => ({ path: '/oauth/v2/token', method: 'DELETE' }),
    expected: '405 invalid_request',
    source: 'RFC 9110 §15.5.6',
  },
  {
    id: 'parser-08',
    attack: 'another host in X-Forwarded-Host',
    input: () => ({
      path: '/oauth/v2/token',
      form: { grant_type: 'x' },
      headers: { 'x-forwarded-host': 'evil.example.com', 'x-forwarded-proto': 'https' },
    }),
    expected: '400 unsupported_grant_type',
    source: 'security.md, publicUrl',
  },
  {
    id: 'cors-01',
    attack: 'userinfo asked for by the page of another origin, with cookies',
    input: ({ live }) => ({
      path: '/oidc/v1/userinfo',
      headers: {
        origin: 'https://evil.example.com',
        cookie: 'latchkey_sessions=1.x',
        authorization: `Bearer ${live.refreshToken}`,
      },
    }),
    expected: '401 invalid_token',
    source: 'security.md, CORS',
  },
  {
    id: 'cors-02',
    attack: 'a preflight for the sign-in page',
    input: () => ({
      path: '/login',
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' },
    }),
    expected: '405 error method-not-allowed',
    source: 'security.md, CORS',
  },
];
