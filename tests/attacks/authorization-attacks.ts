import { type AttackCase, back, type Expected, numbered, page, type Row } from './attack-case.ts';
import { authorize } from './requests.ts';

type Fields = Readonly<Record<string, string>>;

const mismatch = page(400, 'redirect-uri-mismatch');
const invalid = back('invalid_request');
const noSignIn = { prompt: 'none' };

const foreignRedirects: readonly (readonly [attack: string, uri: string])[] = [
  ['another host', 'https://evil.example.com/callback'],
  ['a path after the registered one', 'https://spa.example.com/callback/evil'],
  ['a path after the registered one that goes up', 'https://spa.example.com/callback/../evil'],
  ['dot segments', 'https://spa.example.com/a/../callback'],
  ['a slash after the registered one', 'https://spa.example.com/callback/'],
  ['a query that was not registered', 'https://spa.example.com/callback?next=https://evil.example.com'],
  ['a fragment', 'https://spa.example.com/callback#evil'],
  ['the registered host as user name', 'https://spa.example.com@evil.example.com/callback'],
  ['a user name before the registered host', 'https://evil@spa.example.com/callback'],
  ['the registered host as prefix', 'https://spa.example.com.evil.example.com/callback'],
  ['another port', 'https://spa.example.com:8443/callback'],
  ['the default port written out', 'https://spa.example.com:443/callback'],
  ['plain http', 'http://spa.example.com/callback'],
  ['a host in capitals', 'https://SPA.example.com/callback'],
  ['a backslash before another host', 'https://spa.example.com\\@evil.example.com/callback'],
  ['an encoded slash after the host', 'https://spa.example.com%2fcallback'],
  ['an encoded slash after the path', 'https://spa.example.com/callback%2f..'],
  ['a NUL', 'https://spa.example.com/callback%00.evil.example.com'],
  ['a line break', 'https://spa.example.com/callback\r\nx-injected: 1'],
  ['a script', 'javascript:alert(1)//https://spa.example.com/callback'],
  ['data', 'data:text/html,<script>alert(1)</script>'],
  ['no scheme', '//evil.example.com/callback'],
  ['a path alone', '/callback'],
  ['a punycode look-alike', 'https://xn--sp-8ja.example.com/callback'],
];

type Changed = readonly [
  attack: string,
  source: string,
  changes: Fields,
  expect: Expected,
  more?: { readonly reason: RegExp },
];

const requests: readonly Changed[] = [
  ['an unknown client_id', 'RFC 6749 §4.1.2.1', { client_id: '1' }, page(400, 'client-unknown')],
  ['SQL as client_id', 'CWE-89', { client_id: "' or 1=1 --" }, page(400, 'client-unknown')],
  ['markup as client_id', 'CWE-79', { client_id: '<script>alert(1)</script>' }, page(400, 'client-unknown')],
  ['__proto__ as client_id', 'CWE-1321', { client_id: '__proto__' }, page(400, 'client-unknown')],
  ['no redirect_uri', 'OpenID Connect Core §3.1.2.1', { redirect_uri: '' }, page(400)],
  [
    'response_type token',
    'RFC 9700 §2.1.2',
    { response_type: 'token' },
    back('unsupported_response_type', 'fragment'),
  ],
  [
    'an access token in the query',
    'RFC 9700 §2.1.2',
    { response_type: 'token', response_mode: 'query' },
    back('unsupported_response_type', 'fragment'),
  ],
  [
    'an ID token for an application that may only have codes',
    'RFC 9700 §2.1.2',
    { response_type: 'id_token' },
    back('unauthorized_client', 'fragment'),
  ],
  [
    'a hybrid response for an application that may only have codes',
    'RFC 9700 §2.1.2',
    { response_type: 'code id_token' },
    back('unauthorized_client', 'fragment'),
  ],
  [
    'an ID token in the query',
    'OAuth 2.0 Multiple Response Types §5',
    { response_type: 'id_token', response_mode: 'query' },
    back('unauthorized_client', 'fragment'),
  ],
  [
    'no PKCE challenge of a public client',
    'RFC 9700 §2.1.1',
    { code_challenge: '', code_challenge_method: '' },
    invalid,
    { reason: /code_challenge/ },
  ],
  ['a plain challenge', 'RFC 9700 §2.1.1', { code_challenge_method: 'plain' }, invalid, { reason: /S256/ }],
  [
    'a challenge without its method, which would mean plain',
    'RFC 7636 §4.3',
    { code_challenge_method: '' },
    invalid,
    { reason: /S256/ },
  ],
  ['a challenge of one character', 'RFC 7636 §4.2', { code_challenge: 'a' }, invalid],
  ['a challenge of 9,000 characters', 'RFC 7636 §4.2', { code_challenge: 'a'.repeat(9000) }, invalid],
  ['prompt=none with login', 'OpenID Connect Core §3.1.2.1', { prompt: 'none login' }, invalid],
  ['registration by prompt where it is off', 'Prompt Create §4', { prompt: 'create' }, invalid],
  ['a negative max_age', 'OpenID Connect Core §3.1.2.1', { max_age: '-1' }, invalid],
  ['an endless max_age', 'CWE-190', { max_age: '9'.repeat(400) }, invalid],
  ['a state of 9,000 characters', 'CWE-770', { state: 's'.repeat(9000) }, invalid],
  ['claims nested a thousand deep', 'CWE-674', { claims: '{"userinfo":'.repeat(300) }, invalid],
  ['claims with __proto__', 'CWE-1321', { claims: '{"userinfo":{"__proto__":{"essential":1}}}' }, invalid],
  [
    'a scope with a quote and a line break',
    'RFC 6749 §3.3',
    { scope: 'openid "\r\nx' },
    back('invalid_scope'),
  ],
  [
    '200 scopes',
    'CWE-770',
    { scope: `openid ${Array.from({ length: 200 }, (_, i) => `s${i}`).join(' ')}` },
    back('invalid_scope'),
  ],
  ['an unknown resource', 'RFC 8707 §2', { resource: 'https://evil.example.com' }, back('invalid_target')],
  [
    'a resource with a fragment',
    'RFC 8707 §2',
    { resource: 'https://api.example.com#x' },
    back('invalid_target'),
  ],
  [
    'an unsigned request object',
    'RFC 9101 §10.1',
    { request: 'eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.' },
    back('invalid_request_object'),
  ],
  ['a malformed request object', 'RFC 9101 §6', { request: 'a.b.c' }, back('invalid_request_object')],
  [
    'a request_uri inside the network',
    'CWE-918',
    { request_uri: 'http://169.254.169.254/latest/meta-data' },
    back('invalid_request_uri'),
  ],
  [
    'a request_uri that was not registered',
    'CVE-2020-10770',
    { request_uri: 'https://evil.example.com/r.jwt' },
    back('invalid_request_uri'),
  ],
  [
    'a made-up pushed request_uri',
    'RFC 9126 §7.1',
    { request_uri: 'urn:ietf:params:oauth:request_uri:AAAA' },
    page(400),
  ],
  [
    'a registration parameter',
    'OpenID Connect Core §7.2.1',
    { registration: '{}' },
    back('registration_not_supported'),
  ],
  ['a dpop_jkt that is no thumbprint', 'RFC 9449 §10', { dpop_jkt: 'x' }, invalid],
  ['line breaks in state', 'CWE-93', { ...noSignIn, state: 'a\r\nx-injected: 1' }, back('login_required')],
  [
    'an id_token_hint of another issuer',
    'OpenID Connect Core §3.1.2.1',
    { ...noSignIn, id_token_hint: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.' },
    back('login_required'),
  ],
];

const rawSuffixes: readonly (readonly [attack: string, raw: string, expect: Expected])[] = [
  ['a second redirect_uri', '&redirect_uri=https%3A%2F%2Fevil.example.com', page(400, 'request-invalid')],
  ['a second client_id', '&client_id=1', page(400, 'request-invalid')],
  ['a second state', '&state=x', invalid],
  ['a second scope', '&scope=openid', invalid],
  ['a broken escape', '&x=%zz', invalid],
  ['a NUL', '&x=%00', invalid],
  ['a lone surrogate', '&x=%ed%a0%80', invalid],
];

/** Attacks on the authorization endpoint. */
export const authorizationAttacks: readonly AttackCase[] = [
  ...numbered(
    'redirect',
    foreignRedirects.map(
      ([attack, redirect_uri]): Row => [
        `redirect_uri with ${attack}`,
        'RFC 9700 §4.1.3',
        (world) => authorize(world, { redirect_uri }),
        mismatch,
      ],
    ),
  ),
  ...numbered('foreign-redirect', [
    [
      'the redirect_uri of another application',
      'RFC 9700 §4.1.3',
      (world) => authorize(world, { redirect_uri: world.shop.web.redirectUri }),
      mismatch,
    ],
    [
      'the redirect_uri of an application of another organization',
      'RFC 9700 §4.1.3',
      (world) => authorize(world, { redirect_uri: world.acme.spa.redirectUri }),
      mismatch,
    ],
  ]),
  ...numbered(
    'authorize',
    requests.map(
      ([attack, source, changes, expect, more]): Row => [
        attack,
        source,
        (world) => authorize(world, changes),
        expect,
        more,
      ],
    ),
  ),
  ...numbered(
    'parameters',
    rawSuffixes.map(
      ([attack, raw, expect]): Row => [attack, 'RFC 6749 §3.1', (world) => authorize(world, {}, raw), expect],
    ),
  ),
];
