import {
  basicOf,
  codeFor,
  plain,
  post,
  type Row,
  raw,
  readTokens,
  redeem,
  redemption,
  refresh,
  tokensFor,
  withTokens,
} from './rows.ts';
import { type Side, seenAtEndpoint } from './side.ts';

const downgrade: Row['ask'] = async (side) => {
  const coded = await codeFor(side, 'web', { code_challenge: '', code_challenge_method: '' });
  return seenAtEndpoint(await post(side, 'token_endpoint', 'web', redemption(coded)));
};

/** Tokens whose code then came a second time; the answer to that. */
async function replayCode(side: Side) {
  const tokens = await tokensFor(side, 'web');
  const second = await post(side, 'token_endpoint', 'web', redemption(tokens.coded));
  return { tokens, second };
}

const reuse: Row['ask'] = async (side) => seenAtEndpoint((await replayCode(side)).second);

const afterReuse: Row['ask'] = async (side) => {
  const { tokens } = await replayCode(side);
  return seenAtEndpoint(await post(side, 'introspection_endpoint', 'web', { token: tokens.accessToken }));
};

function refreshOnce(side: Side, refreshToken: string): Promise<Response> {
  return post(side, 'token_endpoint', 'web', { grant_type: 'refresh_token', refresh_token: refreshToken });
}

const refreshAfterReuse: Row['ask'] = async (side) =>
  seenAtEndpoint(await refreshOnce(side, (await replayCode(side)).tokens.refreshToken));

/** Refreshes twice, and then presents one of the three refresh tokens again. */
async function refreshTwice(side: Side) {
  const first = await tokensFor(side, 'web');
  const second = await readTokens(await refreshOnce(side, first.refreshToken), first.coded);
  const third = await readTokens(await refreshOnce(side, second.refreshToken), first.coded);
  return { first, third };
}

const usedRefresh: Row['ask'] = async (side) => {
  const first = await tokensFor(side, 'web');
  await refreshOnce(side, first.refreshToken);
  return seenAtEndpoint(await refreshOnce(side, first.refreshToken));
};

const olderRefresh: Row['ask'] = async (side) =>
  seenAtEndpoint(await refreshOnce(side, (await refreshTwice(side)).first.refreshToken));

const newestAfterReplay: Row['ask'] = async (side) => {
  const { first, third } = await refreshTwice(side);
  await refreshOnce(side, first.refreshToken);
  return seenAtEndpoint(await refreshOnce(side, third.refreshToken));
};

/** Requests to the token endpoint, and what they come to. */
export const tokenRows: readonly Row[] = [
  {
    name: 'no grant_type',
    ask: plain('token_endpoint', 'web', { x: 'y' }),
    both: '400 invalid_request',
  },
  {
    name: 'grant_type unknown',
    ask: plain('token_endpoint', 'web', { grant_type: 'dance' }),
    both: '400 unsupported_grant_type',
  },
  {
    name: 'grant_type not allowed to the client',
    ask: plain('token_endpoint', 'web', { grant_type: 'client_credentials' }),
    ours: '400 unauthorized_client',
    theirs: '400 invalid_request',
    because: 'RFC 6749 §5.2: unauthorized_client is the name of it',
  },
  {
    name: 'nobody',
    ask: plain('token_endpoint', 'nobody', { grant_type: 'authorization_code', code: 'x' }),
    ours: '401 invalid_client',
    theirs: '400 invalid_request',
    because: 'RFC 6749 §5.2: no client authentication included is invalid_client',
  },
  {
    name: 'unknown public client',
    ask: plain('token_endpoint', 'nobody', {
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_id: '404',
    }),
    both: '401 invalid_client',
  },
  {
    name: 'confidential client without its secret',
    ask: raw((side) => ({
      address: 'token_endpoint',
      method: 'POST',
      body: `grant_type=refresh_token&refresh_token=x&client_id=${side.clients.web.clientId}`,
    })),
    both: '401 invalid_client',
  },
  {
    name: 'wrong secret by Basic',
    ask: raw((side) => ({
      address: 'token_endpoint',
      method: 'POST',
      body: 'grant_type=refresh_token&refresh_token=x',
      headers: basicOf(side.clients.web.clientId, 'wrong'),
    })),
    both: '401 invalid_client',
  },
  {
    name: 'Basic that is no base64',
    ask: raw(() => ({
      address: 'token_endpoint',
      method: 'POST',
      body: 'grant_type=refresh_token&refresh_token=x',
      headers: { authorization: 'Basic !' },
    })),
    ours: '401 invalid_client',
    theirs: '400 invalid_request',
    because: 'RFC 6749 §5.2: an Authorization header that fails is answered with 401',
  },
  {
    name: 'right secret in the body of a client registered for Basic',
    ask: raw((side) => ({
      address: 'token_endpoint',
      method: 'POST',
      body: `grant_type=refresh_token&refresh_token=x&client_id=${side.clients.web.clientId}&client_secret=${side.clients.web.clientSecret}`,
    })),
    both: '400 invalid_grant',
  },
  {
    name: 'secret by Basic and in the body',
    ask: plain('token_endpoint', 'web', {
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_id: 'x',
      client_secret: 'y',
    }),
    both: '400 invalid_request',
  },
  {
    name: 'a JSON body',
    ask: raw(() => ({
      address: 'token_endpoint',
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })),
    both: '400 invalid_request',
  },
  {
    name: 'a repeated parameter',
    ask: plain(
      'token_endpoint',
      'web',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      '&refresh_token=y',
    ),
    both: '400 invalid_request',
  },
  {
    name: 'no code',
    ask: plain('token_endpoint', 'web', {
      grant_type: 'authorization_code',
      redirect_uri: 'https://web.example.com/callback',
    }),
    both: '400 invalid_request',
  },
  {
    name: 'a code that is none',
    ask: redeem({ code: 'nonsense' }),
    both: '400 invalid_grant',
  },
  {
    name: 'a good code',
    ask: redeem({}),
    both: '200 tokens for openid profile offline_access',
  },
  {
    name: 'a wrong verifier',
    ask: redeem({ code_verifier: 'x'.repeat(43) }),
    both: '400 invalid_grant',
  },
  {
    name: 'no verifier',
    ask: redeem({ code_verifier: '' }),
    both: '400 invalid_grant',
  },
  {
    name: 'a verifier too short',
    ask: redeem({ code_verifier: 'short' }),
    ours: '400 invalid_grant',
    theirs: '400 invalid_request',
    because: 'RFC 7636 §4.6: a verifier that does not fit is invalid_grant',
  },
  {
    name: 'another redirect_uri',
    ask: redeem({ redirect_uri: 'https://web.example.com/other' }),
    both: '400 invalid_grant',
  },
  {
    name: 'no redirect_uri',
    ask: redeem({ redirect_uri: '' }),
    ours: '400 invalid_grant',
    theirs: '200 tokens for openid profile offline_access',
    because: 'RFC 6749 §4.1.3: it is required as it was part of the authorization request',
  },
  {
    name: 'a code of another client',
    ask: redeem({}, 'web', 'other'),
    both: '400 invalid_grant',
  },
  {
    name: 'a code of a confidential client by a public one',
    ask: redeem({}, 'web', 'spa'),
    both: '400 invalid_grant',
  },
  {
    name: 'a verifier though there was no challenge',
    ask: downgrade,
    both: '400 invalid_grant',
  },
  {
    name: 'a used code',
    ask: reuse,
    both: '400 invalid_grant',
  },
  {
    name: 'an access token whose code came twice',
    ask: afterReuse,
    ours: '200 active',
    theirs: '200 inactive',
    because: 'decision 0032: a repetition within seconds with the verifier is no theft',
  },
  {
    name: 'a refresh token whose code came twice',
    ask: refreshAfterReuse,
    ours: '200 tokens for openid profile offline_access',
    theirs: '400 invalid_grant',
    because: 'decision 0032: a repetition within seconds with the verifier is no theft',
  },
  {
    name: 'no refresh_token',
    ask: plain('token_endpoint', 'web', { grant_type: 'refresh_token' }),
    both: '400 invalid_request',
  },
  {
    name: 'a refresh token that is none',
    ask: refresh({ refresh_token: 'nonsense' }),
    both: '400 invalid_grant',
  },
  {
    name: 'a good refresh token',
    ask: refresh({}),
    both: '200 tokens for openid profile offline_access',
  },
  {
    name: 'a refresh token of another client',
    ask: refresh({}, 'other'),
    both: '400 invalid_grant',
  },
  {
    name: 'a wider scope',
    ask: refresh({ scope: 'openid profile offline_access email' }),
    both: '400 invalid_scope',
  },
  {
    name: 'a narrower scope',
    ask: refresh({ scope: 'openid' }),
    both: '200 tokens for openid',
  },
  {
    name: 'a used refresh token, at once',
    ask: usedRefresh,
    ours: '200 tokens for openid profile offline_access',
    theirs: '400 invalid_grant',
    because: 'decision 0007: within the grace every use of a token gets tokens',
  },
  {
    name: 'the token before the last',
    ask: olderRefresh,
    ours: '200 tokens for openid profile offline_access',
    theirs: '400 invalid_grant',
    because: 'decision 0007: both were used within the grace',
  },
  {
    name: 'the newest token after the one before the last came back',
    ask: newestAfterReplay,
    ours: '200 tokens for openid profile offline_access',
    theirs: '400 invalid_grant',
    because: 'decision 0007: both were used within the grace',
  },
  {
    name: 'an access token as refresh token',
    ask: withTokens((side, { accessToken }) =>
      post(side, 'token_endpoint', 'web', { grant_type: 'refresh_token', refresh_token: accessToken }),
    ),
    both: '400 invalid_grant',
  },
];
