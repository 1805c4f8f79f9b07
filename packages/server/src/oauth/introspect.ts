import { type Claims, reservedUserClaims, roleClaims, type Subject, userClaims } from '@latchkey/identity';
import {
  buildIntrospection,
  type ClientFacts,
  inactive,
  interpretScopes,
  introspectionMembers,
  isMeantFor,
} from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, jsonText, type RequestContext, readOAuthForm } from '../platform/http.ts';
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
function claimsFor(projectId: string, scopes: readonly string[], subject: Subject): Claims {
  const meaning = interpretScopes(scopes);
  return {
    ...userClaims(subject.user, scopes),
    ...reservedUserClaims(subject, meaning),
    ...roleClaims(subject.authorizations, {
      ownProjectId: projectId,
      projectIds: [projectId],
      organizationIds: meaning.roleOrganizationIds,
    }),
  };
}

// Kept with the facts they are made of, so that they go when the facts go. Few scope lists are in use per user.
const writtenClaims = new WeakMap<Subject, Map<string, string>>();
const maximumWritten = 16;

/** The members of `claimsFor` as JSON, each followed by a comma; they are the same for every token of these scopes. */
function writeClaims(projectId: string, scopes: readonly string[], subject: Subject): string {
  const known = writtenClaims.get(subject) ?? new Map<string, string>();
  const name = `${projectId} ${scopes.join(' ')}`;
  const written = known.get(name);
  if (written !== undefined) return written;
  const members = Object.entries(claimsFor(projectId, scopes, subject))
    .filter(([claim, value]) => value !== undefined && !introspectionMembers.has(claim))
    .map(([claim, value]) => `${JSON.stringify(claim)}:${JSON.stringify(value)},`)
    .join('');
  if (known.size >= maximumWritten) known.clear();
  writtenClaims.set(subject, known.set(name, members));
  return members;
}

/** POST /oauth/v2/introspect: RFC 7662. Negative answers never say why; the reason goes to the log. */
export async function introspect(context: RequestContext): Promise<Answer> {
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
  const claims = writeClaims(caller.project.id, token.scopes, subject);
  const answer = buildIntrospection(
    token,
    { loginName: subject.user.loginName, claims: {} },
    instance.origin,
  );
  return jsonText(`{${claims}${JSON.stringify(answer).slice(1)}`);
}
