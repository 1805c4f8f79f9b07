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

interface WrittenAnswer {
  readonly subject: Subject;
  readonly projectId: string;
  readonly issuer: string;
  readonly text: string;
}

// Kept with the token that was opened; other facts of the user are another object, so an old answer never comes back.
const writtenAnswers = new WeakMap<AccessTokenFacts, WrittenAnswer>();

/** The active answer as JSON. It holds no clock, so one token is told to one caller in the same words each time. */
function writeAnswer(caller: ClientFacts, token: AccessTokenFacts, subject: Subject, issuer: string): string {
  const known = writtenAnswers.get(token);
  const projectId = caller.project.id;
  if (known?.subject === subject && known.projectId === projectId && known.issuer === issuer)
    return known.text;
  const claims = claimsFor(caller, token, subject);
  const text = JSON.stringify(
    buildIntrospection(token, { loginName: subject.user.loginName, claims }, issuer),
  );
  writtenAnswers.set(token, { subject, projectId, issuer, text });
  return text;
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
  return jsonText(writeAnswer(caller, token, subject, instance.origin));
}
