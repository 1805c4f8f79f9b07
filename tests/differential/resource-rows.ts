import { basicOf, plain, post, type Row, raw, type Tokens, withTokens } from './rows.ts';
import type { Side } from './side.ts';

function bearer(side: Side, token: string): Promise<Response> {
  return side.send({ address: 'userinfo_endpoint', headers: { authorization: `Bearer ${token}` } });
}

/** Revokes one of two tokens, then tries the other: an access token by introspection, a refresh token by using it. */
function afterRevoking(
  revoked: 'accessToken' | 'refreshToken',
  tried: 'accessToken' | 'refreshToken',
): Row['ask'] {
  return withTokens(async (side: Side, tokens: Tokens) => {
    await post(side, 'revocation_endpoint', 'web', { token: tokens[revoked] });
    if (tried === 'accessToken')
      return post(side, 'introspection_endpoint', 'web', { token: tokens.accessToken });
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refreshToken };
    return post(side, 'token_endpoint', 'web', form);
  });
}

/** Requests to introspection, revocation and userinfo, and what they come to. */
export const resourceRows: readonly Row[] = [
  {
    name: 'introspection by nobody',
    ask: plain('introspection_endpoint', 'nobody', { token: 'x' }),
    ours: '401 invalid_client',
    theirs: '400 invalid_request',
    because: 'RFC 6749 §5.2: no client authentication included is invalid_client',
  },
  {
    name: 'introspection with a wrong secret',
    ask: raw((side) => ({
      address: 'introspection_endpoint',
      method: 'POST',
      body: 'token=x',
      headers: basicOf(side.clients.web.clientId, 'wrong'),
    })),
    both: '401 invalid_client',
  },
  {
    name: 'introspection by a public client',
    ask: withTokens((side, { accessToken }) =>
      post(side, 'introspection_endpoint', 'spa', { token: accessToken }),
    ),
    ours: '403 unauthorized_client',
    theirs: '200 inactive',
    because: 'RFC 7662 §2.1: who proves nothing may not ask',
  },
  {
    name: 'introspection without a token',
    ask: plain('introspection_endpoint', 'web', { x: 'y' }),
    both: '400 invalid_request',
  },
  {
    name: 'introspection of nonsense',
    ask: plain('introspection_endpoint', 'web', { token: 'nonsense' }),
    both: '200 inactive',
  },
  {
    name: 'introspection of a good token',
    ask: withTokens((side, { accessToken }) =>
      post(side, 'introspection_endpoint', 'web', { token: accessToken }),
    ),
    both: '200 active',
  },
  {
    name: 'introspection with a wrong hint',
    ask: withTokens((side, { accessToken }) =>
      post(side, 'introspection_endpoint', 'web', { token: accessToken, token_type_hint: 'refresh_token' }),
    ),
    both: '200 active',
  },
  {
    name: 'introspection of a refresh token',
    ask: withTokens((side, { refreshToken }) =>
      post(side, 'introspection_endpoint', 'web', { token: refreshToken }),
    ),
    ours: '200 inactive',
    theirs: '200 active',
    because: 'ZITADEL dialect: only access tokens are active',
  },
  {
    name: 'introspection of an ID token',
    ask: withTokens((side, { idToken }) => post(side, 'introspection_endpoint', 'web', { token: idToken })),
    ours: '200 inactive',
    theirs: '400 unsupported_token_type',
    because: 'RFC 7662 §2.2: what is no token of ours is inactive, without a reason',
  },
  {
    name: 'introspection by GET',
    ask: raw(() => ({ address: 'introspection_endpoint', query: 'token=x' })),
    ours: '405 invalid_request',
    theirs: '404',
    because: 'RFC 9110 §15.5.6: the address exists, the method is not allowed',
  },
  {
    name: 'revocation by nobody',
    ask: plain('revocation_endpoint', 'nobody', { token: 'x' }),
    ours: '401 invalid_client',
    theirs: '400 invalid_request',
    because: 'RFC 6749 §5.2: no client authentication included is invalid_client',
  },
  {
    name: 'revocation with a wrong secret',
    ask: raw((side) => ({
      address: 'revocation_endpoint',
      method: 'POST',
      body: 'token=x',
      headers: basicOf(side.clients.web.clientId, 'wrong'),
    })),
    both: '401 invalid_client',
  },
  {
    name: 'revocation without a token',
    ask: plain('revocation_endpoint', 'web', { x: 'y' }),
    both: '400 invalid_request',
  },
  {
    name: 'revocation of nonsense',
    ask: plain('revocation_endpoint', 'web', { token: 'nonsense' }),
    both: '200',
  },
  {
    name: 'revocation of an own access token',
    ask: withTokens((side, { accessToken }) =>
      post(side, 'revocation_endpoint', 'web', { token: accessToken }),
    ),
    both: '200',
  },
  {
    name: 'revocation with a wrong hint',
    ask: withTokens((side, { accessToken }) =>
      post(side, 'revocation_endpoint', 'web', { token: accessToken, token_type_hint: 'refresh_token' }),
    ),
    both: '200',
  },
  {
    name: 'revocation of another client’s access token',
    ask: withTokens((side, { accessToken }) =>
      post(side, 'revocation_endpoint', 'other', { token: accessToken }),
    ),
    ours: '400 invalid_client',
    theirs: '400 invalid_request',
    because: 'RFC 7009 §2.1 leaves the error open; ZITADEL dialect says invalid_client',
  },
  {
    name: 'a revoked access token',
    ask: afterRevoking('accessToken', 'accessToken'),
    both: '200 inactive',
  },
  {
    name: 'an access token whose refresh token was revoked',
    ask: afterRevoking('refreshToken', 'accessToken'),
    both: '200 inactive',
  },
  {
    name: 'a refresh token whose access token was revoked',
    ask: afterRevoking('accessToken', 'refreshToken'),
    ours: '200 tokens for openid profile offline_access',
    theirs: '400 invalid_grant',
    because: 'RFC 7009 §2.1: an access token may be revoked alone; to end the grant revoke its refresh token',
  },
  {
    name: 'userinfo without a token',
    ask: raw(() => ({ address: 'userinfo_endpoint' })),
    ours: '401 invalid_request',
    theirs: '401 invalid_token',
    because: 'RFC 6750 §3.1: nothing was sent, so no token was invalid',
  },
  {
    name: 'userinfo with nonsense',
    ask: raw(() => ({ address: 'userinfo_endpoint', headers: { authorization: 'Bearer nonsense' } })),
    both: '401 invalid_token',
  },
  {
    name: 'userinfo with Basic',
    ask: raw(() => ({ address: 'userinfo_endpoint', headers: { authorization: 'Basic eDp5' } })),
    both: '400 invalid_request',
  },
  {
    name: 'userinfo with a good token',
    ask: withTokens((side, { accessToken }) => bearer(side, accessToken)),
    both: '200 claims',
  },
  {
    name: 'userinfo by POST with the token in the body',
    ask: withTokens((side, { accessToken }) =>
      side.send({ address: 'userinfo_endpoint', method: 'POST', body: `access_token=${accessToken}` }),
    ),
    both: '200 claims',
  },
  {
    name: 'userinfo with the token twice',
    ask: withTokens((side, { accessToken }) =>
      side.send({
        address: 'userinfo_endpoint',
        method: 'POST',
        body: `access_token=${accessToken}`,
        headers: { authorization: `Bearer ${accessToken}` },
      }),
    ),
    both: '400 invalid_request',
  },
  {
    name: 'userinfo with the token in the query',
    ask: withTokens((side, { accessToken }) =>
      side.send({ address: 'userinfo_endpoint', query: `access_token=${accessToken}` }),
    ),
    ours: '401 invalid_request',
    theirs: '400 invalid_request',
    because: 'RFC 9700 §4.3.2: a token in a query is not read, so none was sent',
  },
  {
    name: 'userinfo with a refresh token',
    ask: withTokens((side, { refreshToken }) => bearer(side, refreshToken)),
    both: '401 invalid_token',
  },
  {
    name: 'userinfo with an ID token',
    ask: withTokens((side, { idToken }) => bearer(side, idToken)),
    both: '401 invalid_token',
  },
];
