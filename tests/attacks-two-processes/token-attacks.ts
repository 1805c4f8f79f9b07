import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import * as jose from 'jose';
import { type AttackCase, inactive, introspection, json, userinfo } from './attack-case.ts';
import type { AttackRequest } from './attack-request.ts';
import type { AttackWorld } from './attack-world.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function parts(jwt: string): readonly [string, string, string] {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  return [header, payload, signature];
}

function decode(part: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

async function publishedKey(world: AttackWorld): Promise<string> {
  const { keys }: jose.JSONWebKeySet = await (await world.server.fetch('/oauth/v2/keys')).json();
  const jwk = keys.find((key) => key.alg === 'RS256');
  if (jwk === undefined) throw new Error('no RS256 key is published');
  const key = await jose.importJWK(jwk, 'RS256');
  if (key instanceof Uint8Array) throw new Error('not a public key');
  return await jose.exportSPKI(key);
}

const strangersKey = generateKeyPairSync('rsa', { modulusLength: 2048 });

function resigned(jwt: string, header: Readonly<Record<string, unknown>>): string {
  const [oldHeader, payload] = parts(jwt);
  const input = `${encode({ ...decode(oldHeader), ...header })}.${payload}`;
  return `${input}.${sign('sha256', Buffer.from(input), strangersKey.privateKey).toString('base64url')}`;
}

function altered(jwt: string, claims: Readonly<Record<string, unknown>>): string {
  const [header, payload, signature] = parts(jwt);
  return `${header}.${encode({ ...decode(payload), ...claims })}.${signature}`;
}

type Forgery = readonly [string, string, (world: AttackWorld) => string | Promise<string>];

const forgeries: readonly Forgery[] = [
  ['a refresh token', 'RFC 7662 §2.1', (w) => w.refreshToken],
  ['an ID token', 'RFC 8725 §3.11', (w) => w.idToken],
  ['a code', 'RFC 8725 §3.11', (w) => w.code],
  ['a sealed sign-in', 'RFC 8725 §3.11', (w) => w.foreignFlow],
  ['an access token cut short', 'CVE-2026-27840', (w) => w.accessToken.slice(0, -4)],
  ['an access token with a character more', 'CVE-2026-27840', (w) => `${w.accessToken}A`],
  ['an access token with padding', 'RFC 4648 §3.2', (w) => `${w.accessToken}==`],
  [
    'an access token with the prefix of another kind',
    'RFC 8725 §3.11',
    (w) => w.accessToken.replace('lk_at_', 'lk_pat_'),
  ],
  [
    'a refresh token with the prefix of an access token',
    'RFC 8725 §3.11',
    (w) => w.refreshToken.replace('lk_rt_', 'lk_at_'),
  ],
  ['the prefix alone', 'CWE-20', () => 'lk_at_'],
  [
    'a personal access token written by hand',
    'CWE-330',
    () => `lk_pat_${Buffer.from(randomUUID()).toString('base64url')}`,
  ],
  ['10,000 characters', 'CWE-770', () => `lk_at_${'A'.repeat(10_000)}`],
  [
    'a JWT without signature',
    'RFC 8725 §3.2',
    (w) => {
      const [h, p] = parts(w.jwtAccessToken);
      return `${h}.${p}.`;
    },
  ],
  [
    'a JWT with alg none',
    'RFC 8725 §3.2',
    (w) => `${encode({ alg: 'none', typ: 'at+jwt' })}.${parts(w.jwtAccessToken)[1]}.`,
  ],
  [
    'a JWT signed with the public key as secret',
    'CVE-2015-9235',
    async (w) => {
      const input = `${encode({ ...decode(parts(w.jwtAccessToken)[0]), alg: 'HS256' })}.${parts(w.jwtAccessToken)[1]}`;
      return `${input}.${createHmac('sha256', await publishedKey(w))
        .update(input)
        .digest('base64url')}`;
    },
  ],
  ['a JWT with another subject', 'RFC 7515 §5.2', (w) => altered(w.jwtAccessToken, { sub: w.robot.id })],
  ['a JWT with a later expiry', 'RFC 7515 §5.2', (w) => altered(w.jwtAccessToken, { exp: 9_999_999_999 })],
  [
    "a JWT signed by a stranger under the issuer's kid",
    'RFC 7515 §5.2',
    (w) => resigned(w.jwtAccessToken, {}),
  ],
  [
    'a JWT with its key in the header',
    'CVE-2018-0114',
    (w) => resigned(w.jwtAccessToken, { jwk: strangersKey.publicKey.export({ format: 'jwk' }) }),
  ],
  [
    'a JWT that names another algorithm',
    'RFC 8725 §3.1',
    (w) => {
      const [h, p, s] = parts(w.jwtAccessToken);
      return `${encode({ ...decode(h), alg: 'PS256' })}.${p}.${s}`;
    },
  ],
  ['the jti of a JWT alone', 'RFC 8725 §3.11', (w) => String(decode(parts(w.jwtAccessToken)[1]).jti)],
  [
    'the jti of a JWT with a prefix',
    'RFC 8725 §3.11',
    (w) => `lk_at_${decode(parts(w.jwtAccessToken)[1]).jti}`,
  ],
  ['two tokens', 'CWE-20', (w) => `${w.accessToken} ${w.accessToken}`],
  ['SQL', 'CWE-89', () => "' or 1=1 --"],
];

const resource: readonly (readonly [
  string,
  string,
  (world: AttackWorld) => AttackRequest,
  number,
  string,
])[] = [
  ['no token', 'RFC 6750 §3.1', () => ({ path: '/oidc/v1/userinfo' }), 401, 'invalid_request'],
  [
    'a token in the address',
    'RFC 6750 §2.3',
    (w) => ({ path: `/oidc/v1/userinfo?access_token=${w.accessToken}` }),
    401,
    'invalid_request',
  ],
  [
    'a token twice',
    'RFC 6750 §2',
    (w) => ({
      path: '/oidc/v1/userinfo',
      form: { access_token: w.accessToken },
      headers: { authorization: `Bearer ${w.accessToken}` },
    }),
    400,
    'invalid_request',
  ],
  [
    'a bearer token by the DPoP scheme',
    'RFC 9449 §7.1',
    (w) => ({ path: '/oidc/v1/userinfo', headers: { authorization: `DPoP ${w.accessToken}` } }),
    401,
    'invalid_token',
  ],
  ['a refresh token', 'RFC 6750 §3.1', (w) => userinfo(w.refreshToken), 401, 'invalid_token'],
  ['an ID token', 'RFC 6750 §3.1', (w) => userinfo(w.idToken), 401, 'invalid_token'],
  [
    'Basic credentials',
    'RFC 6750 §2.1',
    (w) => ({ path: '/oidc/v1/userinfo', headers: w.basicOf(w.api) }),
    400,
    'invalid_request',
  ],
];

const number = (index: number): string => String(index + 1).padStart(2, '0');

/** Attacks with tokens that are none, or none of this kind. */
export const tokenAttacks: readonly AttackCase[] = [
  ...forgeries.map(
    ([what, source, make], index): AttackCase => ({
      id: `token-${number(index)}`,
      what: `introspecting ${what}`,
      source,
      request: async (world) => introspection(world, await make(world)),
      outcome: inactive,
    }),
  ),
  {
    id: 'token-99',
    what: "introspecting another project's token",
    source: 'RFC 7662 §4',
    request: (world) => ({
      path: '/oauth/v2/introspect',
      form: { token: world.accessToken },
      headers: world.basicOf(world.strangerApi),
    }),
    outcome: inactive,
  },
  ...resource.map(
    ([what, source, request, status, error], index): AttackCase => ({
      id: `userinfo-${number(index)}`,
      what: `userinfo with ${what}`,
      source,
      request,
      outcome: json(status, error),
    }),
  ),
];
