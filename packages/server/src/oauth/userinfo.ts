import { reservedUserClaims, roleClaims, userClaims } from '@latchkey/identity';
import { describeParamsProblem, interpretScopes, wantsRoles } from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, type RequestContext, readForm } from '../platform/http.ts';
import { readAccessToken } from '../platform/tokens.ts';

function challenge(
  status: number,
  code: 'invalid_token' | 'invalid_request' | 'insufficient_scope',
  description: string,
): OAuthError {
  const scope = code === 'insufficient_scope' ? ', scope="openid"' : '';
  const value = `Bearer realm="Latchkey", error="${code}", error_description="${description}"${scope}`;
  return new OAuthError(code, description, { status, headers: { 'www-authenticate': value } });
}

async function bodyToken(context: RequestContext): Promise<string | undefined> {
  const type = context.request.headers.get('content-type') ?? '';
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type);
  if (context.request.method !== 'POST' || !isForm) return undefined;
  const { params, problem } = await readForm(context);
  if (problem !== undefined) throw challenge(400, 'invalid_request', describeParamsProblem(problem));
  return params.get('access_token');
}

/** The bearer token of a request: from the header, or from the form of a POST (RFC 6750 §2.1, §2.2). */
async function bearerToken(context: RequestContext): Promise<string> {
  const header = context.request.headers.get('authorization');
  const inBody = await bodyToken(context);
  if (header !== null && inBody !== undefined)
    throw challenge(400, 'invalid_request', 'the access token was sent in two ways; send it once');
  if (inBody !== undefined) return inBody;
  if (header === null) {
    // RFC 6750 §3.1: no error code when the request had no credentials at all.
    throw new OAuthError('invalid_request', 'the access token is missing; send it as Authorization: Bearer', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="Latchkey"' },
    });
  }
  const [, text] = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header) ?? [];
  if (text === undefined)
    throw challenge(400, 'invalid_request', 'the Authorization header must be Bearer and a token');
  return text;
}

/** GET and POST /oidc/v1/userinfo: OpenID Connect Core §5.3. */
export async function userinfo(context: RequestContext): Promise<Answer> {
  const reading = await readAccessToken(context.deps, context.instance, await bearerToken(context));
  if (reading.kind === 'dead') {
    context.deps.log.debug({ reason: reading.reason }, 'userinfo: token refused');
    throw challenge(
      401,
      'invalid_token',
      'the access token has expired, was revoked or is not one of this server',
    );
  }
  const { token, subject } = reading;
  if (!token.scopes.includes('openid'))
    throw challenge(403, 'insufficient_scope', 'the access token lacks the scope openid');
  const meaning = interpretScopes(token.scopes);
  const client =
    token.applicationId === undefined
      ? undefined
      : await context.deps.facts.clients.load(context.instance.scope, token.clientId);
  const own = client === undefined ? [] : [client.project.id];
  const isRoleTelling = wantsRoles(token.scopes) || client?.project.roleAssertion === true;
  return json(200, {
    ...userClaims(subject.user, token.scopes),
    ...reservedUserClaims(subject, meaning),
    ...(isRoleTelling
      ? roleClaims(subject.authorizations, {
          ownProjectId: client?.project.id,
          // Other projects' roles are told only when roles were asked for, as in the tokens themselves (ZITADEL dialect).
          projectIds: [...new Set([...own, ...(wantsRoles(token.scopes) ? meaning.audienceProjectIds : [])])],
          organizationIds: meaning.roleOrganizationIds,
        })
      : {}),
    sub: subject.user.id,
  });
}
