import type { AttackCase, AttackRequest, AttackWorld } from './attack-case.ts';

type Fields = Readonly<Record<string, string>>;

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** An authorization request of the browser application; an empty value leaves a parameter out. */
function authorize(fields: Fields, suffix = ''): (world: AttackWorld) => AttackRequest {
  return ({ shop: { spa } }) => {
    const all = {
      client_id: spa.clientId,
      redirect_uri: spa.redirectUri,
      response_type: 'code',
      scope: 'openid',
      state: 's',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      prompt: 'none',
      ...fields,
    };
    const kept = Object.entries(all).filter(([, value]) => value !== '');
    return { path: `/oauth/v2/authorize?${new URLSearchParams(kept)}${suffix}` };
  };
}

const registered = 'RFC 9700 §4.1.3';
const mismatch = '400 error redirect-uri-mismatch';

const strangeRedirects: readonly (readonly [attack: string, uri: string])[] = [
  ['another origin', 'https://evil.example.com/callback'],
  ['a path after the registered one', 'https://spa.example.com/callback/../evil'],
  ['a query that was not registered', 'https://spa.example.com/callback?next=https://evil.example.com'],
  ['a fragment', 'https://spa.example.com/callback#evil'],
  ['the registered host as user name', 'https://spa.example.com@evil.example.com/callback'],
  ['the registered host as prefix', 'https://spa.example.com.evil.example.com/callback'],
  ['a backslash before another host', 'https://spa.example.com\\@evil.example.com/callback'],
  ['another case', 'https://SPA.example.com/callback'],
  ['the port written out', 'https://spa.example.com:443/callback'],
  ['plain http', 'http://spa.example.com/callback'],
  ['no scheme', '//evil.example.com/callback'],
  ['a script', 'javascript:alert(1)'],
  ['data', 'data:text/html,<script>alert(1)</script>'],
  ['an encoded slash', 'https://spa.example.com%2fcallback'],
  ['a NUL', 'https://spa.example.com/callback%00.evil.example.com'],
  ['a line break', 'https://spa.example.com/callback\r\nx-injected: 1'],
];

/** What is tried at the authorization endpoint. */
export const authorizeAttacks: readonly AttackCase[] = [
  ...strangeRedirects.map(([attack, redirect_uri], index) => ({
    id: `redirect-${String(index + 1).padStart(2, '0')}`,
    attack: `redirect_uri with ${attack}`,
    input: authorize({ redirect_uri }),
    expected: mismatch,
    source: registered,
  })),
  {
    id: 'redirect-17',
    attack: 'the redirect_uri of another application',
    input: (world) => authorize({ redirect_uri: world.shop.web.redirectUri })(world),
    expected: mismatch,
    source: registered,
  },
  {
    id: 'redirect-18',
    attack: 'two redirect_uris',
    input: authorize({}, '&redirect_uri=https%3A%2F%2Fevil.example.com'),
    expected: '400 error request-invalid',
    source: 'RFC 6749 §3.1',
  },
  {
    id: 'param-01',
    attack: 'markup as client_id',
    input: authorize({ client_id: '<script>alert(1)</script>' }),
    expected: '400 error client-unknown',
    source: 'RFC 9700 §4.11',
  },
  {
    id: 'param-02',
    attack: 'SQL as client_id',
    input: authorize({ client_id: "' or 1=1 --" }),
    expected: '400 error client-unknown',
    source: 'RFC 6749 §10.14',
  },
  {
    id: 'param-03',
    attack: 'line breaks in state',
    input: authorize({ state: 'a\r\nx-injected: 1' }),
    expected: 'back: login_required',
    source: 'RFC 6749 §10.14',
  },
  {
    id: 'param-04',
    attack: 'a state of 5,000 characters',
    input: authorize({ state: 's'.repeat(5000) }),
    expected: 'back: invalid_request',
    source: 'security.md, limits',
  },
  {
    id: 'param-05',
    attack: 'scope twice',
    input: authorize({}, '&scope=openid'),
    expected: 'back: invalid_request',
    source: 'RFC 6749 §3.1',
  },
  {
    id: 'param-06',
    attack: 'an access token asked for in the query',
    input: authorize({ response_type: 'token', response_mode: 'query' }),
    expected: 'back: unsupported_response_type',
    source: 'RFC 9700 §2.1.2',
  },
  {
    id: 'param-07',
    attack: 'an ID token for an application that may only have codes',
    input: authorize({ response_type: 'id_token', nonce: 'n' }),
    expected: 'back: unauthorized_client',
    source: 'RFC 6749 §4.1.2.1',
  },
  {
    id: 'param-08',
    attack: 'an id_token_hint of another issuer',
    input: authorize({ id_token_hint: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.' }),
    expected: 'back: login_required',
    source: 'OpenID Connect Core §3.1.2.1',
  },
  {
    id: 'param-09',
    attack: 'claims nested a thousand deep',
    input: authorize({ claims: '{"userinfo":'.repeat(300) }),
    expected: 'back: invalid_request',
    source: 'security.md, parsers',
  },
  {
    id: 'pkce-01',
    attack: 'no challenge by a public client',
    input: authorize({ code_challenge: '', code_challenge_method: '' }),
    expected: 'back: invalid_request',
    source: 'RFC 9700 §2.1.1',
  },
  {
    id: 'pkce-02',
    attack: 'a plain challenge',
    input: authorize({ code_challenge_method: 'plain' }),
    expected: 'back: invalid_request',
    source: 'RFC 9700 §2.1.1',
  },
  {
    id: 'pkce-03',
    attack: 'a challenge without its method, which would mean plain',
    input: authorize({ code_challenge_method: '' }),
    expected: 'back: invalid_request',
    source: 'RFC 7636 §4.3',
  },
  {
    id: 'pkce-04',
    attack: 'a challenge too short to be a hash',
    input: authorize({ code_challenge: 'abc' }),
    expected: 'back: invalid_request',
    source: 'RFC 7636 §4.2',
  },
];
