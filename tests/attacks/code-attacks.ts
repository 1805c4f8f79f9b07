import { basicOf, type SignedIn } from '../flows/flow-world.ts';
import { type AttackCase, type AttackRequest, numbered, type Row, refused, status } from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { token } from './requests.ts';

type Fields = Readonly<Record<string, string>>;

/** Redeems the unspent code of the shop's front end, with some fields changed. */
async function redeem(
  world: AttackWorld,
  change: Fields | ((unspent: SignedIn) => Fields),
  headers: Fields = {},
): Promise<AttackRequest> {
  const { spa } = world.shop;
  const unspent = await world.unspentCode();
  return token(
    {
      grant_type: 'authorization_code',
      code: unspent.code,
      redirect_uri: spa.redirectUri,
      code_verifier: unspent.flow.verifier,
      client_id: spa.clientId,
      ...(typeof change === 'function' ? change(unspent) : change),
    },
    headers,
  );
}

/** Refreshes the live tokens of the shop's front end, with some fields changed. */
function refresh({ shop, live }: AttackWorld, changes: Fields, headers: Fields = {}): AttackRequest {
  return token(
    {
      grant_type: 'refresh_token',
      refresh_token: live.refreshToken,
      client_id: shop.spa.clientId,
      ...changes,
    },
    headers,
  );
}

function revoke(text: string, form: Fields, headers: Fields = {}): AttackRequest {
  return { path: '/oauth/v2/revoke', form: { token: text, ...form }, headers };
}

function flip(text: string): string {
  return text.slice(0, -3) + (text.at(-3) === 'A' ? 'B' : 'A') + text.slice(-2);
}

const invalidGrant = refused(400, 'invalid_grant');

const codes: readonly Row[] = [
  [
    'a wrong verifier',
    'RFC 7636 §4.6',
    (w) => redeem(w, { code_verifier: 'x'.repeat(43) }),
    invalidGrant,
    { reason: /does not match/ },
  ],
  [
    'no verifier',
    'RFC 7636 §4.6',
    (w) => redeem(w, { code_verifier: '' }),
    invalidGrant,
    { reason: /code_verifier is missing/ },
  ],
  [
    'the challenge as verifier',
    'RFC 7636 §7.2',
    (w) => redeem(w, ({ flow }) => ({ code_verifier: flow.url.searchParams.get('code_challenge') ?? '' })),
    invalidGrant,
    { reason: /does not match/ },
  ],
  [
    'a verifier for a request that had no challenge',
    'RFC 9700 §4.8.2',
    async (w) => {
      const { web } = w.shop;
      const { code } = await w.freshCode(web, { code_challenge: '', code_challenge_method: '' });
      const form = { code, redirect_uri: web.redirectUri, code_verifier: 'x'.repeat(43), client_id: '' };
      return redeem(w, form, basicOf(web));
    },
    invalidGrant,
    { reason: /had no code_challenge/ },
  ],
  [
    'another redirect_uri',
    'RFC 6749 §4.1.3',
    (w) => redeem(w, { redirect_uri: 'https://evil.example.com' }),
    invalidGrant,
    { reason: /redirect_uri differs/ },
  ],
  [
    'no redirect_uri',
    'RFC 6749 §4.1.3',
    (w) => redeem(w, { redirect_uri: '' }),
    invalidGrant,
    { reason: /redirect_uri differs/ },
  ],
  [
    'another public client',
    'RFC 6749 §4.1.3',
    (w) => redeem(w, { client_id: w.shop.device.clientId }),
    invalidGrant,
    { reason: /not issued to this client/ },
  ],
  [
    'another confidential client',
    'RFC 6749 §4.1.3',
    (w) => redeem(w, { client_id: '' }, basicOf(w.shop.web)),
    invalidGrant,
    { reason: /not issued to this client/ },
  ],
  [
    'a client of another organization',
    'RFC 6749 §4.1.3',
    (w) => redeem(w, { client_id: '' }, basicOf(w.acme.web)),
    invalidGrant,
    { reason: /not issued to this client/ },
  ],
  [
    'a changed code',
    'RFC 6749 §10.10',
    (w) => redeem(w, ({ code }) => ({ code: flip(code) })),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'a code cut short',
    'CVE-2026-27840',
    (w) => redeem(w, ({ code }) => ({ code: code.slice(0, -8) })),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'a code with padding',
    'RFC 4648 §3.2',
    (w) => redeem(w, ({ code }) => ({ code: `${code}=` })),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'a refresh token as code',
    'RFC 8725 §3.11',
    (w) => redeem(w, { code: w.live.refreshToken }),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'an access token as code',
    'RFC 8725 §3.11',
    (w) => redeem(w, { code: w.live.accessToken }),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'a resource the code is not for',
    'RFC 8707 §2.2',
    (w) => redeem(w, { resource: 'https://evil.example.com' }),
    refused(400, 'invalid_target'),
  ],
  [
    'a code that was redeemed a moment before, with its verifier',
    'RFC 6749 §4.1.2',
    async (w) => {
      const { code, flow } = (await w.freshTokens()).signedIn;
      return redeem(w, { code, code_verifier: flow.verifier });
    },
    invalidGrant,
    { reason: /used before/ },
  ],
];

const refreshes: readonly Row[] = [
  [
    'another public client',
    'RFC 6749 §10.4',
    (w) => refresh(w, { client_id: w.shop.device.clientId }),
    invalidGrant,
  ],
  [
    'another confidential client',
    'RFC 6749 §10.4',
    (w) => refresh(w, { client_id: '' }, basicOf(w.shop.web)),
    invalidGrant,
  ],
  [
    'a changed token',
    'RFC 6749 §10.10',
    (w) => refresh(w, { refresh_token: flip(w.live.refreshToken) }),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'a token cut short',
    'CVE-2026-27840',
    (w) => refresh(w, { refresh_token: w.live.refreshToken.slice(0, -6) }),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'an access token',
    'RFC 8725 §3.11',
    (w) => refresh(w, { refresh_token: w.live.accessToken }),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'an access token with the prefix of refresh tokens',
    'RFC 8725 §3.11',
    (w) => refresh(w, { refresh_token: w.live.accessToken.replace('lk_at_', 'lk_rt_') }),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'an ID token',
    'RFC 8725 §3.11',
    (w) => refresh(w, { refresh_token: w.live.idToken }),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'a code',
    'RFC 8725 §3.11',
    async (w) => refresh(w, { refresh_token: (await w.unspentCode()).code }),
    invalidGrant,
    { reason: /not one of this server/ },
  ],
  [
    'more scopes than were granted',
    'RFC 6749 §6',
    (w) => refresh(w, { scope: 'openid email phone' }),
    refused(400, 'invalid_scope'),
  ],
  [
    'a resource',
    'RFC 8707 §2.2',
    (w) => refresh(w, { resource: 'https://evil.example.com' }),
    refused(400, 'invalid_target'),
  ],
];

const revocations: readonly Row[] = [
  [
    'the refresh token of another client, by a public client',
    'RFC 7009 §2.1',
    (w) => revoke(w.live.refreshToken, { client_id: w.shop.device.clientId }),
    refused(400, 'invalid_client'),
  ],
  [
    'the refresh token of another client',
    'RFC 7009 §2.1',
    (w) => revoke(w.live.refreshToken, {}, basicOf(w.shop.web)),
    refused(400, 'invalid_client'),
  ],
  [
    'the access token of another client',
    'RFC 7009 §2.1',
    (w) => revoke(w.live.accessToken, {}, basicOf(w.shop.web)),
    refused(400, 'invalid_client'),
  ],
  [
    'no client authentication',
    'RFC 7009 §2.1',
    (w) => revoke(w.live.accessToken, {}),
    refused(401, 'invalid_client'),
  ],
  ['an ID token', 'RFC 7009 §2.2', (w) => revoke(w.live.idToken, {}, basicOf(w.shop.web)), status(200)],
];

/** Attacks on codes, refresh tokens and their revocation. */
export const codeAttacks: readonly AttackCase[] = [
  ...numbered('code', codes),
  ...numbered('refresh', refreshes),
  ...numbered('revoke', revocations),
];
