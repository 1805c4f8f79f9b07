import { type AttackCase, type AttackOutcome, authorize, page, redirect } from './attack-case.ts';

const foreignRedirects: readonly (readonly [string, string])[] = [
  ['another host', 'https://evil.example.com/callback'],
  ['a path behind the registered one', 'https://spa.example.com/callback/evil'],
  ['a slash behind the registered one', 'https://spa.example.com/callback/'],
  ['a query behind the registered one', 'https://spa.example.com/callback?next=https://evil.example.com'],
  ['a fragment', 'https://spa.example.com/callback#evil'],
  ['userinfo before another host', 'https://spa.example.com@evil.example.com/callback'],
  ['userinfo of the registered host', 'https://evil@spa.example.com/callback'],
  ['another port', 'https://spa.example.com:8443/callback'],
  ['plain http', 'http://spa.example.com/callback'],
  ['a host in capitals', 'https://SPA.example.com/callback'],
  ['a suffix of the host', 'https://spa.example.com.evil.example.com/callback'],
  ['a backslash', 'https://spa.example.com\\@evil.example.com/callback'],
  ['dot segments', 'https://spa.example.com/a/../callback'],
  ['an encoded slash', 'https://spa.example.com/callback%2f..'],
  ['a line break', 'https://spa.example.com/callback\r\nSet-Cookie: a=b'],
  ['a script', 'javascript:alert(1)//https://spa.example.com/callback'],
  ['a data address', 'data:text/html,<script>alert(1)</script>'],
  ['a scheme-less address', '//evil.example.com/callback'],
  ['a path alone', '/callback'],
  ['a punycode look-alike', 'https://xn--sp-8ja.example.com/callback'],
];

const requests: readonly (readonly [string, Readonly<Record<string, string>>, AttackOutcome, string])[] = [
  ['a client nobody registered', { client_id: '1' }, page(), 'RFC 6749 §4.1.2.1'],
  ['SQL as client_id', { client_id: "' or 1=1 --" }, page(), 'CWE-89'],
  ['a script as client_id', { client_id: '<script>alert(1)</script>' }, page(), 'CWE-79'],
  ['__proto__ as client_id', { client_id: '__proto__' }, page(), 'CWE-1321'],
  ['no redirect_uri', { redirect_uri: '' }, page(), 'OpenID Connect Core §3.1.2.1'],
  [
    'response_type token',
    { response_type: 'token' },
    redirect('unsupported_response_type', 'fragment'),
    'RFC 9700 §2.1.2',
  ],
  [
    'implicit of an application that may not',
    { response_type: 'id_token' },
    redirect('unauthorized_client', 'fragment'),
    'RFC 9700 §2.1.2',
  ],
  [
    'hybrid of an application that may not',
    { response_type: 'code id_token' },
    redirect('unauthorized_client', 'fragment'),
    'RFC 9700 §2.1.2',
  ],
  [
    'implicit into the query',
    { response_type: 'id_token', response_mode: 'query' },
    redirect('unauthorized_client', 'fragment'),
    'Multiple Response Types §5',
  ],
  [
    'no PKCE',
    { code_challenge: '', code_challenge_method: '' },
    redirect('invalid_request'),
    'RFC 9700 §2.1.1',
  ],
  ['plain PKCE', { code_challenge_method: 'plain' }, redirect('invalid_request'), 'RFC 9700 §2.1.1'],
  ['PKCE without a method', { code_challenge_method: '' }, redirect('invalid_request'), 'RFC 7636 §4.3'],
  ['a challenge of one character', { code_challenge: 'a' }, redirect('invalid_request'), 'RFC 7636 §4.2'],
  [
    'a challenge of 10,000 characters',
    { code_challenge: 'a'.repeat(9000) },
    redirect('invalid_request'),
    'RFC 7636 §4.2',
  ],
  [
    'prompt=none with login',
    { prompt: 'none login' },
    redirect('invalid_request'),
    'OpenID Connect Core §3.1.2.1',
  ],
  [
    'registration by prompt where it is off',
    { prompt: 'create' },
    redirect('invalid_request'),
    'Prompt Create §4',
  ],
  ['a negative max_age', { max_age: '-1' }, redirect('invalid_request'), 'OpenID Connect Core §3.1.2.1'],
  ['an endless max_age', { max_age: '9'.repeat(400) }, redirect('invalid_request'), 'CWE-190'],
  ['state of 5,000 characters', { state: 's'.repeat(5000) }, redirect('invalid_request'), 'CWE-770'],
  [
    'claims nested a thousand deep',
    { claims: '{"userinfo":'.repeat(300) },
    redirect('invalid_request'),
    'CWE-674',
  ],
  [
    'claims with __proto__',
    { claims: '{"userinfo":{"__proto__":{"essential":1}}}' },
    redirect('invalid_request'),
    'CWE-1321',
  ],
  [
    'scope with a quote and a line break',
    { scope: 'openid "\r\nx' },
    redirect('invalid_scope'),
    'RFC 6749 §3.3',
  ],
  [
    '200 scopes',
    { scope: `openid ${Array.from({ length: 200 }, (_, i) => `s${i}`).join(' ')}` },
    redirect('invalid_scope'),
    'CWE-770',
  ],
  [
    'a resource nobody registered',
    { resource: 'https://evil.example.com' },
    redirect('invalid_target'),
    'RFC 8707 §2',
  ],
  [
    'a resource with a fragment',
    { resource: 'https://api.example.com#x' },
    redirect('invalid_target'),
    'RFC 8707 §2',
  ],
  [
    'an unsigned request object',
    { request: 'eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.' },
    redirect('invalid_request_object'),
    'RFC 9101 §10.1',
  ],
  ['a request object that is none', { request: 'a.b.c' }, redirect('invalid_request_object'), 'RFC 9101 §6'],
  [
    'a request_uri in the network inside',
    { request_uri: 'http://169.254.169.254/latest/meta-data' },
    redirect('invalid_request_uri'),
    'CWE-918',
  ],
  [
    'a request_uri of a stranger',
    { request_uri: 'https://evil.example.com/r.jwt' },
    redirect('invalid_request_uri'),
    'CVE-2020-10770',
  ],
  [
    'a pushed reference that was never given out',
    { request_uri: 'urn:ietf:params:oauth:request_uri:AAAA' },
    page(),
    'RFC 9126 §7.1',
  ],
  [
    'a registration parameter',
    { registration: '{}' },
    redirect('registration_not_supported'),
    'OpenID Connect Core §7.2.1',
  ],
  ['dpop_jkt that is no thumbprint', { dpop_jkt: 'x' }, redirect('invalid_request'), 'RFC 9449 §10'],
];

const rawSuffixes: readonly (readonly [string, string, AttackOutcome])[] = [
  ['a second redirect_uri', '&redirect_uri=https%3A%2F%2Fevil.example.com', page()],
  ['a second client_id', '&client_id=1', page()],
  ['a second state', '&state=x', redirect('invalid_request')],
  ['a second scope', '&scope=openid', redirect('invalid_request')],
  ['a broken escape', '&x=%zz', redirect('invalid_request')],
  ['NUL', '&x=%00', redirect('invalid_request')],
  ['a lone surrogate', '&x=%ed%a0%80', redirect('invalid_request')],
];

const number = (index: number): string => String(index + 1).padStart(2, '0');

/** Attacks on the authorization endpoint. */
export const authorizationAttacks: readonly AttackCase[] = [
  ...foreignRedirects.map(
    ([what, uri], index): AttackCase => ({
      id: `redirect-${number(index)}`,
      what: `redirect_uri with ${what}`,
      source: 'RFC 9700 §4.1.3',
      request: (world) => authorize(world, { redirect_uri: uri }),
      outcome: page(),
    }),
  ),
  ...requests.map(
    ([what, params, outcome, source], index): AttackCase => ({
      id: `authorize-${number(index)}`,
      what,
      source,
      request: (world) => authorize(world, params),
      outcome,
    }),
  ),
  ...rawSuffixes.map(
    ([what, raw, outcome], index): AttackCase => ({
      id: `parameters-${number(index)}`,
      what,
      source: 'RFC 6749 §3.1',
      request: (world) => authorize(world, {}, raw),
      outcome,
    }),
  ),
];
