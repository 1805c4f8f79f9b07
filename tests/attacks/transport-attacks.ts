import { type AttackCase, answered, numbered, page, type Row, refused, status } from './attack-case.ts';

const invalid = refused(400, 'invalid_request');
const tokenPath = '/oauth/v2/token';
const formType = { 'content-type': 'application/x-www-form-urlencoded' };

/** A body at the token endpoint, as it is. */
function posting(body: string, headers: Readonly<Record<string, string>> = formType): AttackCase['send'] {
  return () => ({ path: tokenPath, body, headers });
}

const methods: readonly Row[] = [
  [
    'DELETE at the token endpoint',
    'RFC 9110 §15.5.6',
    () => ({ path: tokenPath, method: 'DELETE' }),
    refused(405),
  ],
  [
    'a method in a header',
    'CWE-650',
    () => ({ path: tokenPath, headers: { 'x-http-method-override': 'POST' } }),
    refused(405),
  ],
  [
    'GET with parameters at the token endpoint',
    'RFC 6749 §3.2',
    () => ({ path: `${tokenPath}?grant_type=client_credentials` }),
    refused(405),
  ],
  ['a traversal', 'CWE-22', () => ({ path: '/oauth/v2/%2e%2e/%2e%2e/etc/passwd' }), refused(404)],
  ['a double slash to another host', 'CWE-601', () => ({ path: '//evil.example.com/login' }), refused(404)],
  [
    'an encoded line break in the path',
    'CWE-93',
    () => ({ path: '/login%0d%0aSet-Cookie:%20a=b' }),
    refused(404),
  ],
];

const hosts: readonly Row[] = [
  [
    'an unknown host',
    'CWE-644',
    () => ({ path: '/.well-known/openid-configuration', headers: { host: 'evil.example.com' } }),
    status(421),
  ],
  [
    'another host in X-Forwarded-Host',
    'security.md, publicUrl',
    () => ({
      path: tokenPath,
      form: { grant_type: 'x' },
      headers: { 'x-forwarded-host': 'evil.example.com', 'x-forwarded-proto': 'https' },
    }),
    refused(400, 'unsupported_grant_type'),
    { at: ['near', 'far'] },
  ],
  [
    'another host in X-Forwarded-Host, by a trusted proxy',
    'security.md, publicUrl',
    () => ({
      path: tokenPath,
      form: { grant_type: 'x' },
      headers: { 'x-forwarded-host': 'evil.example.com', 'x-forwarded-proto': 'https' },
    }),
    status(421),
    { at: ['process'] },
  ],
  [
    'userinfo for the page of another origin, with cookies',
    'security.md, CORS',
    ({ live }) => ({
      path: '/oidc/v1/userinfo',
      headers: {
        origin: 'https://evil.example.com',
        cookie: 'latchkey_sessions=1.x',
        authorization: `Bearer ${live.refreshToken}`,
      },
    }),
    refused(401, 'invalid_token'),
  ],
  [
    'a preflight for the sign-in page',
    'security.md, CORS',
    () => ({
      path: '/login',
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' },
    }),
    page(405, 'method-not-allowed'),
  ],
];

const bodies: readonly Row[] = [
  [
    'JSON at the token endpoint',
    'RFC 6749 §3.2',
    () => ({ path: tokenPath, json: { grant_type: 'client_credentials' } }),
    invalid,
  ],
  [
    'XML at the token endpoint',
    'CWE-611',
    posting('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', {
      'content-type': 'application/xml',
    }),
    invalid,
  ],
  [
    'a multipart body',
    'RFC 6749 §3.2',
    posting('--x\r\n\r\n--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
    invalid,
  ],
  [
    'a body of 70 kB',
    'CWE-770',
    posting(`grant_type=refresh_token&refresh_token=${'a'.repeat(70_000)}`),
    refused(413, 'invalid_request'),
  ],
  [
    'a hundred and one parameters',
    'CWE-770',
    posting(Array.from({ length: 101 }, (_, i) => `p${i}=1`).join('&')),
    invalid,
  ],
  ['a parameter twice', 'RFC 6749 §3.2', posting('grant_type=a&grant_type=b'), invalid],
  [
    'a parameter twice, once encoded',
    'RFC 6749 §3.2',
    posting('grant_type=refresh_token&grant%5Ftype=authorization_code'),
    invalid,
  ],
  ['broken percent-encoding', 'CWE-20', posting('grant_type=%zz'), invalid],
  ['bytes that are not UTF-8', 'CWE-20', posting('grant_type=%ff%fe'), invalid],
  [
    '__proto__ as grant_type and as parameter',
    'CWE-1321',
    posting('grant_type=__proto__&__proto__=x&constructor=y'),
    refused(400, 'unsupported_grant_type'),
  ],
];

/** Header lines beside those a request needs; the names are short, so that their size is not what is refused. */
function headerLines(count: number): AttackCase['send'] {
  const lines = Array.from({ length: count }, (_, index) => [`x${index.toString(36)}`, '']);
  return () => ({ path: '/.well-known/openid-configuration', headers: Object.fromEntries(lines) });
}

const headers: readonly Row[] = [101, 2000].map((count) => [
  `${count} header lines`,
  'CWE-770',
  headerLines(count),
  status(431),
]);

/** RFC 7034 and CSP Level 3 §6.4.2: nobody frames the page. */
const unframed = answered(200, (answer) => {
  const policy = answer.headers.get('content-security-policy') ?? '';
  if (!policy.includes("frame-ancestors 'none'") || answer.headers.get('x-frame-options') !== 'DENY')
    throw new Error(`the page may be framed: ${policy}`);
});

const frames: readonly Row[] = [
  ['the documentation of the API in a frame', 'CWE-1021', () => ({ path: '/api/v1/docs' }), unframed],
  // The nodes of this process have no console.
  ['the console in a frame', 'CWE-1021', () => ({ path: '/console/' }), unframed, { at: ['process'] }],
  [
    'a screen of the console in a frame',
    'CWE-1021',
    () => ({ path: '/console/organizations' }),
    unframed,
    { at: ['process'] },
  ],
];

/** Attacks on methods, hosts, bodies, headers and frames. */
export const transportAttacks: readonly AttackCase[] = [
  ...numbered('method', methods),
  ...numbered('host', hosts),
  ...numbered('body', bodies),
  ...numbered('header', headers),
  ...numbered('frame', frames),
];
