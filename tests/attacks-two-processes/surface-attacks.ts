import { type AttackCase, type AttackOutcome, json, page } from './attack-case.ts';
import type { AttackRequest } from './attack-request.ts';
import type { AttackWorld } from './attack-world.ts';

type Row = readonly [string, string, (world: AttackWorld) => AttackRequest, AttackOutcome];

const own = (world: AttackWorld): Readonly<Record<string, string>> => ({
  origin: world.server.issuer,
  'sec-fetch-site': 'same-origin',
});
const foreign = { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' };

const forms: readonly Row[] = [
  [
    'a login form of another site',
    'CWE-352',
    (w) => ({ path: '/login', form: { request: w.foreignFlow, loginName: 'x' }, headers: foreign }),
    page(403),
  ],
  [
    'a login form without an origin',
    'CWE-352',
    (w) => ({ path: '/login', form: { request: w.foreignFlow, loginName: 'x' } }),
    page(403),
  ],
  [
    'a password form of another site',
    'CWE-352',
    (w) => ({ path: '/login/password', form: { request: w.foreignFlow, password: 'x' }, headers: foreign }),
    page(403),
  ],
  [
    "another browser's sign-in",
    'CWE-384',
    (w) => ({ path: '/login', form: { request: w.foreignFlow, loginName: 'x' }, headers: own(w) }),
    page(),
  ],
  [
    "another browser's sign-in by address",
    'CWE-384',
    (w) => ({ path: `/login?request=${w.foreignFlow}` }),
    page(),
  ],
  [
    'a sign-in nobody sealed',
    'CWE-345',
    (w) => ({ path: '/login/password', form: { request: 'AAAA', password: 'x' }, headers: own(w) }),
    page(),
  ],
  [
    'a consent form of another site',
    'CWE-352',
    (w) => ({
      path: '/login/consent',
      form: { request: w.foreignFlow, decision: 'allow' },
      headers: foreign,
    }),
    page(403),
  ],
  [
    "a consent for another browser's sign-in",
    'CWE-384',
    (w) => ({ path: '/login/consent', form: { request: w.foreignFlow, decision: 'allow' }, headers: own(w) }),
    page(),
  ],
  [
    'a device code form of another site',
    'RFC 8628 §5.4',
    () => ({ path: '/device', form: { user_code: 'BCDF-GHJK' }, headers: foreign }),
    page(403),
  ],
  [
    'an approval of requests from another site',
    'CWE-352',
    () => ({ path: '/login/requests', form: { decision: 'approve' }, headers: foreign }),
    page(403),
  ],
  [
    'a sign-out form of another site',
    'CWE-352',
    (w) => ({ path: '/logout', form: { request: w.foreignFlow, decision: 'sign-out' }, headers: foreign }),
    page(403),
  ],
  [
    'a sign-in where a sign-out belongs',
    'RFC 8725 §3.11',
    (w) => ({ path: '/logout', form: { request: w.foreignFlow, decision: 'sign-out' }, headers: own(w) }),
    page(),
  ],
  [
    'a session cookie made up',
    'CWE-565',
    (w) => ({
      path: '/oauth/v2/authorize?client_id=1',
      headers: { cookie: `latchkey_sessions=1.${'a'.repeat(43)}`, ...own(w) },
    }),
    page(),
  ],
  [
    'an open redirect by post_logout_redirect_uri',
    'CWE-601',
    (w) => ({
      path: `/oidc/v1/end_session?${new URLSearchParams({ client_id: w.spa.clientId, post_logout_redirect_uri: 'https://evil.example.com' })}`,
    }),
    page(),
  ],
  [
    'a hint of one client and the id of another',
    'RP-Initiated Logout §2',
    (w) => ({
      path: `/oidc/v1/end_session?${new URLSearchParams({ client_id: w.web.clientId, id_token_hint: w.idToken })}`,
    }),
    page(),
  ],
];

const transport: readonly Row[] = [
  [
    'a host nobody has',
    'CWE-644',
    () => ({ path: '/.well-known/openid-configuration', headers: { host: 'evil.example.com' } }),
    { kind: 'status', status: 421 },
  ],
  [
    'DELETE at the token endpoint',
    'RFC 9110 §15.5.6',
    () => ({ path: '/oauth/v2/token', method: 'DELETE' }),
    json(405),
  ],
  [
    'a method in a header',
    'CWE-650',
    () => ({ path: '/oauth/v2/token', headers: { 'x-http-method-override': 'POST' } }),
    json(405),
  ],
  [
    'GET with parameters at the token endpoint',
    'RFC 6749 §3.2',
    () => ({ path: '/oauth/v2/token?grant_type=client_credentials' }),
    json(405),
  ],
  [
    'JSON at the token endpoint',
    'RFC 6749 §3.2',
    () => ({
      path: '/oauth/v2/token',
      body: '{"grant_type":"client_credentials"}',
      headers: { 'content-type': 'application/json' },
    }),
    json(400, 'invalid_request'),
  ],
  [
    'XML at the token endpoint',
    'CWE-611',
    () => ({
      path: '/oauth/v2/token',
      body: '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
      headers: { 'content-type': 'application/xml' },
    }),
    json(400, 'invalid_request'),
  ],
  [
    'a multipart body',
    'RFC 6749 §3.2',
    () => ({
      path: '/oauth/v2/token',
      body: '--x\r\n\r\n--x--',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    }),
    json(400, 'invalid_request'),
  ],
  [
    '70 kB',
    'CWE-770',
    () => ({ path: '/oauth/v2/token', form: `grant_type=refresh_token&refresh_token=${'a'.repeat(70_000)}` }),
    json(413, 'invalid_request'),
  ],
  [
    'a hundred and one parameters',
    'CWE-770',
    () => ({ path: '/oauth/v2/token', form: Array.from({ length: 101 }, (_, i) => `p${i}=1`).join('&') }),
    json(400, 'invalid_request'),
  ],
  [
    'a parameter twice',
    'RFC 6749 §3.2',
    () => ({ path: '/oauth/v2/token', form: 'grant_type=a&grant_type=b' }),
    json(400, 'invalid_request'),
  ],
  ['a traversal', 'CWE-22', () => ({ path: '/oauth/v2/%2e%2e/%2e%2e/etc/passwd' }), json(404)],
  ['a double slash to another host', 'CWE-601', () => ({ path: '//evil.example.com/login' }), json(404)],
  [
    'an encoded line break in the path',
    'CWE-93',
    () => ({ path: '/login%0d%0aSet-Cookie:%20a=b' }),
    json(404),
  ],
];

const number = (index: number): string => String(index + 1).padStart(2, '0');

function named(family: string, rows: readonly Row[]): readonly AttackCase[] {
  return rows.map(([what, source, request, outcome], index) => ({
    id: `${family}-${number(index)}`,
    what,
    source,
    request,
    outcome,
  }));
}

/** Attacks on forms, cookies and the way in. */
export const surfaceAttacks: readonly AttackCase[] = [
  ...named('form', forms),
  ...named('transport', transport),
];
