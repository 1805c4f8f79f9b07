import { createBrowserAgent, pageOf } from '@latchkey/testkit';
import { beginFlow } from '../flows/flow-world.ts';
import {
  type AttackCase,
  type AttackRequest,
  back,
  numbered,
  onward,
  page,
  type Row,
} from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { authorize } from './requests.ts';

type Fields = Readonly<Record<string, string>>;

const elsewhere = { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' };
const goodbye = 'https://jwt.example.com/goodbye';
const forbidden = page(403, 'forbidden-origin');
const otherBrowser = page(400, 'other-browser');

function own(world: AttackWorld): Fields {
  return { origin: world.near.issuer, 'sec-fetch-site': 'same-origin' };
}

/** The form of the first sign-in page in a fresh browser, and the cookies of that browser. */
async function signInForm({ near, shop }: AttackWorld) {
  const agent = createBrowserAgent(near);
  const shown = pageOf(await agent.open((await beginFlow(near, shop.spa)).url));
  const form = shown.forms[0];
  const { pathname, search } = new URL(form?.action ?? '', shown.url);
  return {
    request: { path: pathname + search, form: { ...form?.fields, loginName: shop.ada.loginName } },
    cookie: agent.cookies.header(),
  };
}

/** Sends the sign-in form with these headers and cookies. */
async function submit(
  world: AttackWorld,
  cookies: 'own' | 'none' | 'of another browser',
  headers: Fields,
): Promise<AttackRequest> {
  const { request, cookie } = await signInForm(world);
  if (cookies === 'none') return { ...request, headers };
  const sent = cookies === 'own' ? cookie : (await signInForm(world)).cookie;
  return { ...request, headers: { cookie: sent, ...headers } };
}

/** A form of ours with the sealed sign-in of another browser. */
function foreign(path: string, fields: Fields, headers: (world: AttackWorld) => Fields): AttackCase['send'] {
  return (world) => ({ path, form: { request: world.foreignFlow, ...fields }, headers: headers(world) });
}

const forms: readonly Row[] = [
  [
    'the sign-in form sent by another site',
    'CWE-352',
    (w) => submit(w, 'own', { origin: 'https://evil.example.com' }),
    forbidden,
  ],
  [
    'the sign-in form with Origin: null',
    'CWE-352',
    (w) => submit(w, 'own', { origin: 'null', 'sec-fetch-site': 'cross-site' }),
    forbidden,
  ],
  ['the sign-in form without an Origin', 'CWE-352', (w) => submit(w, 'own', {}), forbidden],
  [
    'the sign-in form without the cookie it belongs to',
    'RFC 9700 §4.7',
    (w) => submit(w, 'none', own(w)),
    otherBrowser,
  ],
  [
    'the sign-in form of one browser in another',
    'CWE-384',
    (w) => submit(w, 'of another browser', own(w)),
    otherBrowser,
  ],
  [
    "another browser's sign-in by its address",
    'CWE-384',
    (w) => ({ path: `/login?request=${w.foreignFlow}` }),
    otherBrowser,
  ],
  [
    'a password form sent by another site',
    'CWE-352',
    foreign('/login/password', { password: 'x' }, () => elsewhere),
    forbidden,
  ],
  [
    'a made-up sealed sign-in',
    'CWE-345',
    (w) => ({ path: '/login/password', form: { request: 'AAAA', password: 'x' }, headers: own(w) }),
    page(400),
  ],
  [
    'a consent form sent by another site',
    'CWE-352',
    foreign('/login/consent', { decision: 'allow' }, () => elsewhere),
    forbidden,
  ],
  [
    "consent to another browser's sign-in",
    'CWE-384',
    foreign('/login/consent', { decision: 'allow' }, own),
    page(400),
  ],
  [
    'a user code sent by another site',
    'RFC 8628 §5.4',
    () => ({ path: '/device', form: { user_code: 'BCDF-GHJK' }, headers: elsewhere }),
    forbidden,
  ],
  [
    'an approval of requests sent by another site',
    'CWE-352',
    () => ({ path: '/login/requests', form: { decision: 'approve' }, headers: elsewhere }),
    forbidden,
  ],
  [
    'a sign-out form sent by another site',
    'CWE-352',
    foreign('/logout', { decision: 'sign-out' }, () => elsewhere),
    forbidden,
  ],
  [
    'a sealed sign-in in a sign-out form',
    'RFC 8725 §3.11',
    foreign('/logout', { decision: 'sign-out' }, own),
    page(400),
  ],
];

function endSession(query: (world: AttackWorld) => Fields): AttackCase['send'] {
  return (world) => ({ path: `/oidc/v1/end_session?${new URLSearchParams(query(world))}` });
}

const logouts: readonly Row[] = [
  [
    'a post_logout_redirect_uri of the attacker',
    'RP-Initiated Logout §3',
    endSession(({ shop }) => ({
      client_id: shop.jwtApp.clientId,
      post_logout_redirect_uri: 'https://evil.example.com/',
    })),
    page(400, 'request-invalid'),
  ],
  [
    'a post_logout_redirect_uri that is a script',
    'RP-Initiated Logout §3',
    endSession(({ shop }) => ({
      client_id: shop.jwtApp.clientId,
      post_logout_redirect_uri: 'javascript:alert(1)',
    })),
    page(400, 'request-invalid'),
  ],
  [
    'the post_logout_redirect_uri of another application',
    'RP-Initiated Logout §3',
    endSession(({ shop }) => ({ client_id: shop.spa.clientId, post_logout_redirect_uri: goodbye })),
    page(400, 'request-invalid'),
  ],
  [
    'client_id and id_token_hint of two applications',
    'RP-Initiated Logout §2',
    endSession(({ shop, live }) => ({ client_id: shop.web.clientId, id_token_hint: live.idToken })),
    page(400, 'request-invalid'),
  ],
  [
    'an access token as id_token_hint',
    'RFC 8725 §3.12',
    endSession(({ liveJwt }) => ({
      id_token_hint: liveJwt.accessToken,
      post_logout_redirect_uri: goodbye,
    })),
    onward('/logout/done'),
  ],
];

function withCookie(cookie: string): AttackCase['send'] {
  return (world) => ({ ...authorize(world, { prompt: 'none' }), headers: { cookie } });
}

const cookies: readonly Row[] = [
  [
    'a made-up session cookie',
    'CWE-565',
    withCookie(`latchkey_sessions=1.${'A'.repeat(43)}`),
    back('login_required'),
  ],
  [
    'a session cookie of SQL and nonsense',
    'CWE-565',
    withCookie("latchkey_sessions=' or 1=1 --; latchkey_sessions=%zz; =; ;;"),
    back('login_required'),
  ],
  [
    'the id of a live session with a wrong secret',
    'CWE-565',
    async (world, door) => {
      const { agent } = await world.freshCode(world.shop.spa);
      const cookie = agent.cookies
        .header()
        .replace(/(latchkey_sessions=[^.;]+)\.[\w-]+/, `$1.${'A'.repeat(43)}`);
      return await withCookie(cookie)(world, door);
    },
    back('login_required'),
  ],
];

/** Attacks through browsers: forms, cookies, signing out. */
export const browserAttacks: readonly AttackCase[] = [
  ...numbered('form', forms),
  ...numbered('logout', logouts),
  ...numbered('cookie', cookies),
];
