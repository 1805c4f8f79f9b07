import type { GrantType } from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, type RequestContext, readOAuthForm } from '../platform/http.ts';
import { authenticateClient } from './client-auth.ts';
import { authorizationCodeGrant } from './grants/authorization-code.ts';
import { clientCredentialsGrant } from './grants/client-credentials.ts';
import type { Grant } from './grants/grant.ts';
import { refreshTokenGrant } from './grants/refresh-token.ts';

const grants: Readonly<Record<GrantType, Grant>> = {
  authorization_code: authorizationCodeGrant,
  refresh_token: refreshTokenGrant,
  client_credentials: clientCredentialsGrant,
};

function isGrantType(text: string): text is GrantType {
  return Object.hasOwn(grants, text);
}

/** POST /oauth/v2/token: RFC 6749 §3.2. */
export async function token(context: RequestContext): Promise<Answer> {
  const params = await readOAuthForm(context);
  const grantType = params.get('grant_type');
  if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing');
  if (!isGrantType(grantType)) {
    throw new OAuthError(
      'unsupported_grant_type',
      `grant_type must be one of ${Object.keys(grants).join(', ')}`,
    );
  }
  const client = await authenticateClient(context, params, 'single-use');
  return json(200, await grants[grantType](context, client, params), { pragma: 'no-cache' });
}
