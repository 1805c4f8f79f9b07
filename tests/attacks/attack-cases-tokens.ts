import type { SignedIn } from '../flows/flow-world.ts';
import { basic, basicOf } from '../flows/flow-world.ts';
import type { AttackCase, AttackRequest, AttackWorld } from './attack-case.ts';

type Fields = Readonly<Record<string, string>>;

function token(form: Fields, headers: Fields = {}): AttackRequest {
  return { path: '/oauth/v2/token', form, headers };
}

function redemption(world: AttackWorld, { code, flow }: SignedIn): Fields {
  const { spa } = world.shop;
  return {
    grant_type: 'authorization_code',
    code,
    code_verifier: flow.verifier,
    redirect_uri: spa.redirectUri,
    client_id: spa.clientId,
  };
}

/** Redeems a fresh code of the browser application with other fields than the right ones. */
function redeeming(change: (world: AttackWorld, signedIn: SignedIn) => Fields): AttackCase['input'] {
  return async (world) => {
    const signedIn = await world.freshCode(world.shop.spa);
    return token({ ...redemption(world, signedIn), ...change(world, signedIn) });
  };
}

/** Presents something as a refresh token of the browser application. */
function refreshing(change: (world: AttackWorld) => Fields): AttackCase['input'] {
  return (world) =>
    token({ grant_type: 'refresh_token', client_id: world.shop.spa.clientId, ...change(world) });
}

function bearer(text: (world: AttackWorld) => string): AttackCase['input'] {
  return (world) => ({ path: '/oidc/v1/userinfo', headers: { authorization: `Bearer ${text(world)}` } });
}

function asking(
  form: (world: AttackWorld) => Fields,
  by: (world: AttackWorld) => Fields = (world) => basicOf(world.shop.api),
): AttackCase['input'] {
  return (world) => ({ path: '/oauth/v2/introspect', form: form(world), headers: by(world) });
}

function revoking(
  form: (world: AttackWorld) => Fields,
  by: (world: AttackWorld) => Fields,
): AttackCase['input'] {
  return (world) => ({ path: '/oauth/v2/revoke', form: form(world), headers: by(world) });
}

function unsigned(jwt: string): string {
  const header = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
  return `${header}.${jwt.split('.')[1]}.`;
}

const codes = 'RFC 6749 §4.1.3';
const confusion = 'RFC 8725 §3.12';
const invalid = '400 invalid_grant';

/** What is tried with codes and tokens. */
export const tokenAttacks: readonly AttackCase[] = [
  {
    id: 'code-01',
    attack: 'a code redeemed by another client',
    input: async (world) => {
      const { client_id: _, ...form } = redemption(world, await world.freshCode(world.shop.spa));
      return token(form, basicOf(world.shop.web));
    },
    expected: invalid,
    source: codes,
  },
  {
    id: 'code-02',
    attack: 'a code with a wrong verifier',
    input: redeeming(() => ({ code_verifier: 'x'.repeat(43) })),
    expected: invalid,
    source: 'RFC 7636 §4.6',
  },
  {
    id: 'code-03',
    attack: 'a code without its verifier',
    input: redeeming(() => ({ code_verifier: '' })),
    expected: invalid,
    source: 'RFC 7636 §4.6',
  },
  {
    id: 'code-04',
    attack: 'a code with its challenge as verifier',
    input: redeeming((_, { flow }) => ({ code_verifier: flow.url.searchParams.get('code_challenge') ?? '' })),
    expected: invalid,
    source: 'RFC 7636 §7.2',
  },
  {
    id: 'code-05',
    attack: 'a code with another redirect_uri',
    input: redeeming(() => ({ redirect_uri: 'https://evil.example.com/callback' })),
    expected: invalid,
    source: codes,
  },
  {
    id: 'code-06',
    attack: 'a code with a character changed',
    input: redeeming((_, { code }) => ({
      code: `${code.slice(0, 20)}${code[20] === 'A' ? 'B' : 'A'}${code.slice(21)}`,
    })),
    expected: invalid,
    source: codes,
  },
  {
    id: 'code-07',
    attack: 'a verifier for a request that had no challenge (downgrade)',
    input: async (world) => {
      const { code } = await world.codeWithoutChallenge();
      const { redirectUri } = world.shop.web;
      const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
      return token({ ...form, code_verifier: 'x'.repeat(43) }, basicOf(world.shop.web));
    },
    expected: invalid,
    source: 'RFC 9700 §4.8.2',
  },
  {
    id: 'code-08',
    attack: 'a code used before: what it gave dies',
    input: async (world) => {
      const { signedIn } = await world.freshTokens();
      return token(redemption(world, signedIn));
    },
    expected: invalid,
    state: ['events', 'revocations'],
    source: 'RFC 6749 §4.1.2',
  },
  {
    id: 'code-09',
    attack: 'an access token as code',
    input: redeeming(({ live }) => ({ code: live.accessToken })),
    expected: invalid,
    source: confusion,
  },
  {
    id: 'refresh-01',
    attack: 'another client’s refresh token',
    input: ({ live, shop }) =>
      token({ grant_type: 'refresh_token', refresh_token: live.refreshToken }, basicOf(shop.web)),
    expected: invalid,
    source: 'RFC 6749 §10.4',
  },
  {
    id: 'refresh-02',
    attack: 'more scope than was granted',
    input: refreshing(({ live }) => ({ refresh_token: live.refreshToken, scope: 'openid phone' })),
    expected: '400 invalid_scope',
    source: 'RFC 6749 §6',
  },
  {
    id: 'refresh-03',
    attack: 'a refresh token with a character changed',
    input: refreshing(({ live }) => ({ refresh_token: `${live.refreshToken.slice(0, -3)}AAA` })),
    expected: invalid,
    source: 'RFC 6749 §10.10',
  },
  {
    id: 'refresh-04',
    attack: 'an access token as refresh token',
    input: refreshing(({ live }) => ({ refresh_token: live.accessToken })),
    expected: invalid,
    source: confusion,
  },
  {
    id: 'refresh-05',
    attack: 'an access token under the prefix of refresh tokens',
    input: refreshing(({ live }) => ({ refresh_token: live.accessToken.replace('lk_at_', 'lk_rt_') })),
    expected: invalid,
    source: confusion,
  },
  {
    id: 'refresh-06',
    attack: 'a refresh token that two rotations have passed: the family dies',
    input: async (world) => {
      const first = await world.freshTokens();
      const form = { grant_type: 'refresh_token', client_id: world.shop.spa.clientId };
      const send = async (refresh_token: string): Promise<string> => {
        const body = new URLSearchParams({ ...form, refresh_token });
        const answer: { refresh_token: string } = await (
          await world.near.fetch('/oauth/v2/token', { body })
        ).json();
        return answer.refresh_token;
      };
      await send(await send(first.refreshToken));
      return token({ ...form, refresh_token: first.refreshToken });
    },
    expected: invalid,
    state: ['events', 'revocations'],
    source: 'RFC 9700 §4.14.2',
  },
  {
    id: 'confusion-01',
    attack: 'a refresh token as access token',
    input: bearer(({ live }) => live.refreshToken),
    expected: '401 invalid_token',
    source: confusion,
  },
  {
    id: 'confusion-02',
    attack: 'an ID token as access token',
    input: bearer(({ live }) => live.idToken),
    expected: '401 invalid_token',
    source: confusion,
  },
  {
    id: 'confusion-03',
    attack: 'a JWT access token without a signature',
    input: bearer(({ liveJwt }) => unsigned(liveJwt.accessToken)),
    expected: '401 invalid_token',
    source: 'RFC 8725 §3.1',
  },
  {
    id: 'confusion-04',
    attack: 'a JWT access token with the signature of another',
    input: bearer(({ liveJwt }) => {
      const [header, payload] = liveJwt.accessToken.split('.');
      return `${header}.${payload}.${liveJwt.idToken.split('.')[2]}`;
    }),
    expected: '401 invalid_token',
    source: 'RFC 8725 §3.1',
  },
  {
    id: 'confusion-05',
    attack: 'the access token in the query',
    input: ({ live }) => ({ path: `/oidc/v1/userinfo?access_token=${live.accessToken}` }),
    expected: '401 invalid_request',
    source: 'RFC 9700 §4.3.2',
  },
  {
    id: 'introspect-01',
    attack: 'introspection by nobody',
    input: asking(
      ({ live }) => ({ token: live.accessToken }),
      () => ({}),
    ),
    expected: '401 invalid_client',
    source: 'RFC 7662 §2.1',
  },
  {
    id: 'introspect-02',
    attack: 'introspection with a wrong secret',
    input: asking(
      ({ live }) => ({ token: live.accessToken }),
      ({ shop }) => basic(shop.api.clientId, 'wrong'),
    ),
    expected: '401 invalid_client',
    source: 'RFC 7662 §2.1',
  },
  {
    id: 'introspect-03',
    attack: 'introspection by a public client',
    input: asking(
      ({ live, shop }) => ({ token: live.accessToken, client_id: shop.spa.clientId }),
      () => ({}),
    ),
    expected: '403 unauthorized_client',
    source: 'RFC 7662 §2.1',
  },
  {
    id: 'introspect-04',
    attack: 'introspection by the API of another project',
    input: asking(
      ({ live }) => ({ token: live.accessToken }),
      ({ shop }) => basicOf(shop.ledgerApi),
    ),
    expected: '200 inactive',
    source: 'RFC 7662 §4',
  },
  {
    id: 'introspect-05',
    attack: 'introspection of a refresh token',
    input: asking(({ live }) => ({ token: live.refreshToken, token_type_hint: 'refresh_token' })),
    expected: '200 inactive',
    source: 'ZITADEL dialect',
  },
  {
    id: 'introspect-06',
    attack: 'introspection of SQL',
    input: asking(() => ({ token: "' or 1=1 --" })),
    expected: '200 inactive',
    source: 'RFC 7662 §4',
  },
  {
    id: 'introspect-07',
    attack: 'introspection of 50,000 characters',
    input: asking(() => ({ token: 'x'.repeat(50_000) })),
    expected: '200 inactive',
    source: 'security.md, limits',
  },
  {
    id: 'introspect-08',
    attack: 'introspection of an unsigned JWT',
    input: asking(({ liveJwt }) => ({ token: unsigned(liveJwt.accessToken) })),
    expected: '200 inactive',
    source: 'RFC 8725 §3.1',
  },
  {
    id: 'revoke-01',
    attack: 'revoking another client’s access token',
    input: revoking(
      ({ live }) => ({ token: live.accessToken }),
      ({ shop }) => basicOf(shop.web),
    ),
    expected: '400 invalid_client',
    source: 'RFC 7009 §2.1',
  },
  {
    id: 'revoke-02',
    attack: 'revoking another client’s refresh token',
    input: revoking(
      ({ live }) => ({ token: live.refreshToken }),
      ({ shop }) => basicOf(shop.web),
    ),
    expected: '400 invalid_client',
    source: 'RFC 7009 §2.1',
  },
  {
    id: 'revoke-03',
    attack: 'revoking as nobody',
    input: revoking(
      ({ live }) => ({ token: live.accessToken }),
      () => ({}),
    ),
    expected: '401 invalid_client',
    source: 'RFC 7009 §2.1',
  },
  {
    id: 'revoke-04',
    attack: 'revoking an ID token',
    input: revoking(
      ({ live }) => ({ token: live.idToken }),
      ({ shop }) => basicOf(shop.web),
    ),
    expected: '200 nothing',
    source: 'RFC 7009 §2.2',
  },
];
