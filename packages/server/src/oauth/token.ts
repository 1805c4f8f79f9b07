import { assertedClientId, grantTypes, type Params, parseCompactJwt } from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, type RequestContext, readOAuthForm } from '../platform/http.ts';
import { type AuthenticatedClient, authenticateClient } from './client-auth.ts';
import { openCode } from './code-payload.ts';
import { authorizationCodeGrant } from './grants/authorization-code.ts';
import { cibaGrant } from './grants/ciba.ts';
import { clientCredentialsGrant } from './grants/client-credentials.ts';
import { deviceCodeGrant } from './grants/device-code.ts';
import type { Grant, SelfAuthenticatingGrant, TokenAnswer } from './grants/grant.ts';
import { jwtBearerGrant } from './grants/jwt-bearer.ts';
import { refreshTokenGrant } from './grants/refresh-token.ts';
import { tokenExchangeGrant } from './grants/token-exchange.ts';
import { noteRefusedRequest } from './note-refused-request.ts';
import { readConfirmation } from './proof-of-possession.ts';

/** Grants of clients that authenticate, by `grant_type`. */
const clientGrants: ReadonlyMap<string, Grant> = new Map([
  ['authorization_code', authorizationCodeGrant],
  ['refresh_token', refreshTokenGrant],
  ['client_credentials', clientCredentialsGrant],
  [grantTypes.deviceCode, deviceCodeGrant],
  [grantTypes.ciba, cibaGrant],
  [grantTypes.tokenExchange, tokenExchangeGrant],
]);

/** Grants that prove by themselves who asks, by `grant_type`. */
const selfAuthenticatingGrants: ReadonlyMap<string, SelfAuthenticatingGrant> = new Map([
  [grantTypes.jwtBearer, jwtBearerGrant],
]);

async function noteRefusal(
  context: RequestContext,
  client: AuthenticatedClient,
  params: Params,
  error: unknown,
): Promise<void> {
  const clientId = client.kind === 'application' ? client.facts.application.clientId : client.clientId;
  const code = params.get('code');
  const sessionId = code === undefined ? undefined : openCode(context.instance, code)?.sessionId;
  await noteRefusedRequest(context, { type: 'token.refused', clientId, params, error, sessionId });
}

async function answer(context: RequestContext): Promise<TokenAnswer> {
  const params = await readOAuthForm(context);
  const grantType = params.get('grant_type');
  if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing');
  const selfAuthenticating = selfAuthenticatingGrants.get(grantType);
  if (selfAuthenticating !== undefined) {
    try {
      return await selfAuthenticating(context, params);
    } catch (error) {
      const jwt = parseCompactJwt(params.get('assertion') ?? '');
      const clientId = jwt === undefined ? undefined : assertedClientId(jwt);
      await noteRefusedRequest(context, { type: 'token.refused', clientId, params, error });
      throw error;
    }
  }
  const grant = clientGrants.get(grantType);
  if (grant === undefined) {
    const known = [...clientGrants.keys(), ...selfAuthenticatingGrants.keys()];
    throw new OAuthError('unsupported_grant_type', `grant_type must be one of ${known.join(', ')}`);
  }
  const client = await authenticateClient(context, params, 'single-use');
  try {
    // A machine user without a proof owes none: most token requests, which should not wait for nothing.
    const owesNothing = client.kind === 'machine' && context.request.headers.get('dpop') === null;
    const confirmation = owesNothing ? undefined : await readConfirmation(context, client, params);
    return await grant(context, client, params, confirmation);
  } catch (error) {
    await noteRefusal(context, client, params, error);
    throw error;
  }
}

/** POST /oauth/v2/token: RFC 6749 §3.2. */
export async function token(context: RequestContext): Promise<Answer> {
  return json(200, await answer(context), { pragma: 'no-cache' });
}
