import { reservedUserClaims, roleClaims, type Subject, userClaims } from '@latchkey/identity';
import {
  type AccessTokenFacts,
  buildIntrospection,
  type ClientFacts,
  inactive,
  interpretScopes,
  isMeantFor,
} from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { json, type RequestContext, readOAuthForm } from '../platform/http.ts';
import { readAccessToken } from '../platform/tokens.ts';
import { type AuthenticatedClient, authenticateClient } from './client-auth.ts';

function callerOf(client: AuthenticatedClient): ClientFacts {
  if (client.kind === 'application' && client.provenBy !== 'none') return client.facts;
  throw new OAuthError(
    'unauthorized_client',
    'introspection needs an API application, or another with a secret or key',
    { status: 403 },
  );
}

/** Claims about the user: by the token's scopes, with the roles in the caller's own project always (ZITADEL dialect). */
function claimsFor(caller: ClientFacts, token: AccessTokenFacts, subject: Subject) {
  const meaning = interpretScopes(token.scopes);
  return {
    ...userClaims(subject.user, token.scopes),
    ...reservedUserClaims(subject, meaning),
    ...roleClaims(subject.authorizations, {
      ownProjectId: caller.project.id,
      projectIds: [caller.project.id],
      organizationIds: meaning.roleOrganizationIds,
    }),
  };
}

/** POST /oauth/v2/introspect: RFC 7662. Negative answers never say why; the reason goes to the log. */
export async function introspect(context: RequestContext): Promise<Response> {
  const params = await readOAuthForm(context);
  const caller = callerOf(await authenticateClient(context, params, 'reusable'));
  const text = params.get('token');
  if (text === undefined) throw new OAuthError('invalid_request', 'token is missing');
  const { deps, instance } = context;
  const reading = await readAccessToken(deps, instance, text);
  const ids = { clientId: caller.application.clientId, projectId: caller.project.id };
  if (reading.kind === 'dead' || !isMeantFor(reading.token, ids)) {
    const reason = reading.kind === 'dead' ? reading.reason : 'not meant for the caller';
    deps.log.debug({ caller: ids.clientId, reason }, 'introspection: inactive');
    deps.metrics.countIntrospection('inactive');
    return json(200, inactive);
  }
  deps.metrics.countIntrospection('active');
  const { token, subject } = reading;
  const claims = claimsFor(caller, token, subject);
  return json(200, buildIntrospection(token, { loginName: subject.user.loginName, claims }, instance.origin));
}
