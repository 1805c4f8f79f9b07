import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import * as jose from 'jose';
import { basicOf, call } from '../flows/flow-world.ts';
import { type AttackCase, inactive, numbered, type Row, refused } from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { introspection, userinfo } from './requests.ts';

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function parts(jwt: string): readonly [string, string, string] {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  return [header, payload, signature];
}

function decode(part: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

async function publishedKey({ near }: AttackWorld): Promise<string> {
  const { keys }: jose.JSONWebKeySet = await (await near.fetch('/oauth/v2/keys')).json();
  const jwk = keys.find((key) => key.alg === 'RS256');
  if (jwk === undefined) throw new Error('no RS256 key is published');
  const key = await jose.importJWK(jwk, 'RS256');
  if (key instanceof Uint8Array) throw new Error('not a public key');
  return await jose.exportSPKI(key);
}

const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The payload of a JWT under another header, signed by the attacker. */
function resigned(jwt: string, header: Readonly<Record<string, unknown>>): string {
  const [oldHeader, payload] = parts(jwt);
  const input = `${encode({ ...decode(oldHeader), ...header })}.${payload}`;
  return `${input}.${sign('sha256', Buffer.from(input), attacker.privateKey).toString('base64url')}`;
}

/** A JWT with other claims under its old signature. */
function altered(jwt: string, claims: Readonly<Record<string, unknown>>): string {
  const [header, payload, signature] = parts(jwt);
  return `${header}.${encode({ ...decode(payload), ...claims })}.${signature}`;
}

async function signedByPublicKey(world: AttackWorld): Promise<string> {
  const [header, payload] = parts(world.liveJwt.accessToken);
  const input = `${encode({ ...decode(header), alg: 'HS256' })}.${payload}`;
  const key = await publishedKey(world);
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

function jtiOf({ liveJwt }: AttackWorld): string {
  return String(decode(parts(liveJwt.accessToken)[1]).jti);
}

type Forgery = readonly [
  attack: string,
  source: string,
  make: (world: AttackWorld) => string | Promise<string>,
];

/** What is shown as an access token, at introspection and at userinfo. */
const forgeries: readonly Forgery[] = [
  ['a refresh token', 'RFC 7662 §2.1', (w) => w.live.refreshToken],
  ['an ID token', 'RFC 8725 §3.11', (w) => w.live.idToken],
  ['a code', 'RFC 8725 §3.11', async (w) => (await w.unspentCode()).code],
  ['a sealed sign-in', 'RFC 8725 §3.11', (w) => w.foreignFlow],
  ['an access token cut short', 'CVE-2026-27840', (w) => w.live.accessToken.slice(0, -4)],
  ['an access token with a character more', 'CVE-2026-27840', (w) => `${w.live.accessToken}A`],
  ['an access token with padding', 'RFC 4648 §3.2', (w) => `${w.live.accessToken}==`],
  [
    'an access token with the prefix of another kind',
    'RFC 8725 §3.11',
    (w) => w.live.accessToken.replace('lk_at_', 'lk_pat_'),
  ],
  [
    'a refresh token with the prefix of an access token',
    'RFC 8725 §3.11',
    (w) => w.live.refreshToken.replace('lk_rt_', 'lk_at_'),
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
    (w) => `${parts(w.liveJwt.accessToken).slice(0, 2).join('.')}.`,
  ],
  [
    'a JWT with alg none',
    'RFC 8725 §3.2',
    (w) => `${encode({ alg: 'none', typ: 'at+jwt' })}.${parts(w.liveJwt.accessToken)[1]}.`,
  ],
  ['a JWT signed with the public key as secret', 'CVE-2015-9235', signedByPublicKey],
  [
    'a JWT with the signature of another',
    'RFC 7515 §5.2',
    (w) => {
      const [header, payload] = parts(w.liveJwt.accessToken);
      return `${header}.${payload}.${parts(w.liveJwt.idToken)[2]}`;
    },
  ],
  [
    'a JWT with another subject',
    'RFC 7515 §5.2',
    (w) => altered(w.liveJwt.accessToken, { sub: w.shop.robot.id }),
  ],
  [
    'a JWT with a later expiry',
    'RFC 7515 §5.2',
    (w) => altered(w.liveJwt.accessToken, { exp: 9_999_999_999 }),
  ],
  [
    "a JWT signed by the attacker under the issuer's kid",
    'RFC 7515 §5.2',
    (w) => resigned(w.liveJwt.accessToken, {}),
  ],
  [
    'a JWT with its key in the header',
    'CVE-2018-0114',
    (w) => resigned(w.liveJwt.accessToken, { jwk: attacker.publicKey.export({ format: 'jwk' }) }),
  ],
  [
    'a JWT that names another algorithm',
    'RFC 8725 §3.1',
    (w) => {
      const [header, payload, signature] = parts(w.liveJwt.accessToken);
      return `${encode({ ...decode(header), alg: 'PS256' })}.${payload}.${signature}`;
    },
  ],
  ['the jti of a JWT alone', 'RFC 8725 §3.11', jtiOf],
  ['the jti of a JWT with a prefix', 'RFC 8725 §3.11', (w) => `lk_at_${jtiOf(w)}`],
  ['SQL', 'CWE-89', () => "' or 1=1 --"],
];

const introspections: readonly Row[] = [
  [
    'the token of another project of the organization',
    'RFC 7662 §4',
    (w) => introspection(w, w.live.accessToken, basicOf(w.shop.ledgerApi)),
    inactive,
    { reason: /not meant for the caller/ },
  ],
  [
    'the token of another organization',
    'RFC 7662 §4',
    (w) => introspection(w, w.live.accessToken, basicOf(w.acme.api)),
    inactive,
    { reason: /not meant for the caller/ },
  ],
  ['two tokens', 'CWE-20', (w) => introspection(w, `${w.live.accessToken} ${w.live.accessToken}`), inactive],
  ['50,000 characters', 'CWE-770', (w) => introspection(w, 'x'.repeat(50_000)), inactive],
  [
    'a refresh token, with its hint',
    'RFC 7662 §2.1',
    (w) => ({
      path: '/oauth/v2/introspect',
      form: { token: w.live.refreshToken, token_type_hint: 'refresh_token' },
      headers: basicOf(w.shop.api),
    }),
    inactive,
  ],
  [
    'the token of a session that was ended',
    'OpenID Connect Core §2',
    async (w) => {
      const { accessToken, refreshToken } = await w.freshTokens();
      await call(w.near, '/oauth/v2/revoke', {
        form: { token: refreshToken, client_id: w.shop.spa.clientId },
      });
      return introspection(w, accessToken);
    },
    inactive,
    { at: ['near'], reason: /revoked|ended/ },
  ],
];

const userinfos: readonly Row[] = [
  ['no token', 'RFC 6750 §3.1', () => ({ path: '/oidc/v1/userinfo' }), refused(401, 'invalid_request')],
  [
    'the token in the query',
    'RFC 9700 §4.3.2',
    (w) => ({ path: `/oidc/v1/userinfo?access_token=${w.live.accessToken}` }),
    refused(401, 'invalid_request'),
  ],
  [
    'the token twice',
    'RFC 6750 §2',
    ({ live }) => ({ ...userinfo(live.accessToken), form: { access_token: live.accessToken } }),
    refused(400, 'invalid_request'),
  ],
  [
    'a bearer token by the DPoP scheme',
    'RFC 9449 §7.1',
    (w) => ({ path: '/oidc/v1/userinfo', headers: { authorization: `DPoP ${w.live.accessToken}` } }),
    refused(401, 'invalid_token'),
  ],
  [
    'Basic credentials',
    'RFC 6750 §2.1',
    (w) => ({ path: '/oidc/v1/userinfo', headers: basicOf(w.shop.api) }),
    refused(400, 'invalid_request'),
  ],
];

// What a header cannot carry, or what makes it malformed, is tried at introspection alone.
const unsendable: readonly string[] = ['SQL', 'a sealed sign-in', '10,000 characters'];

/** Attacks with tokens that are not access tokens, or not for the caller. */
export const tokenAttacks: readonly AttackCase[] = [
  ...numbered(
    'token-introspect',
    forgeries.map(
      ([attack, source, make]): Row => [
        `introspecting ${attack}`,
        source,
        async (world) => introspection(world, await make(world)),
        inactive,
      ],
    ),
  ),
  ...numbered(
    'token-userinfo',
    forgeries
      .filter(([attack]) => !unsendable.includes(attack))
      .map(
        ([attack, source, make]): Row => [
          `userinfo with ${attack}`,
          source,
          async (world) => userinfo(await make(world)),
          refused(401, 'invalid_token'),
        ],
      ),
  ),
  ...numbered('introspect', introspections),
  ...numbered('userinfo', userinfos),
];
