import {
  namedUserClaims,
  reservedUserClaims,
  roleClaims,
  type Subject,
  userClaims,
} from '@latchkey/identity';
import {
  type AccessTokenFacts,
  type ClientFacts,
  describeParamsProblem,
  interpretScopes,
  parseParams,
  wantsRoles,
} from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, jsonText, type RequestContext, readForm } from '../platform/http.ts';
import { activeKey, signJwt } from '../platform/signing-keys.ts';
import { readAccessToken } from '../platform/tokens.ts';
import { checkPossession } from './proof-of-possession.ts';

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

interface SentToken {
  readonly scheme: 'bearer' | 'dpop';
  readonly text: string;
}

/** The access token of a request: from the header, or from the form of a POST (RFC 6750 §2.1, §2.2, RFC 9449 §7.1). */
async function sentToken(context: RequestContext): Promise<SentToken> {
  const header = context.request.headers.get('authorization');
  const inBody = await bodyToken(context);
  // RFC 6750 §2.3: addresses end up in logs, so a token in one is never looked at, nor allowed beside another.
  const isInAddress =
    context.query.includes('access_token') && parseParams(context.query).params.has('access_token');
  if ((header !== null || inBody !== undefined) && isInAddress)
    throw challenge(400, 'invalid_request', 'the access token must not be in the address');
  if (header !== null && inBody !== undefined)
    throw challenge(400, 'invalid_request', 'the access token was sent in two ways; send it once');
  if (inBody !== undefined) return { scheme: 'bearer', text: inBody };
  if (header === null) {
    // RFC 6750 §3.1: no error code when the request had no credentials at all.
    throw new OAuthError('invalid_request', 'the access token is missing; send it as Authorization: Bearer', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="Latchkey"' },
    });
  }
  const [, scheme, text] = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header) ?? [];
  if (scheme === undefined || text === undefined)
    throw challenge(400, 'invalid_request', 'the Authorization header must be Bearer or DPoP and a token');
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', text };
}

function claimsOf(token: AccessTokenFacts, subject: Subject, client: ClientFacts | undefined) {
  const meaning = interpretScopes(token.scopes);
  const own = client === undefined ? [] : [client.project.id];
  const isRoleTelling = wantsRoles(token.scopes) || client?.project.roleAssertion === true;
  return {
    ...userClaims(subject.user, token.scopes),
    ...namedUserClaims(subject.user, token.userinfoClaims ?? []),
    ...reservedUserClaims(subject, meaning),
    ...(isRoleTelling
      ? roleClaims(subject.authorizations, {
          ownProjectId: client?.project.id,
          // Other projects' roles are told only when roles were asked for, as in the tokens themselves (ZITADEL dialect).
          projectIds: [...new Set([...own, ...(wantsRoles(token.scopes) ? meaning.audienceProjectIds : [])])],
          organizationIds: meaning.roleOrganizationIds,
        })
      : {}),
    sub: token.subject ?? subject.user.id,
  };
}

/** The claims as a signed JWT for one application (OpenID Connect Core §5.3.2). */
async function signClaims(
  context: RequestContext,
  application: ClientFacts['application'],
  algorithm: string,
  claims: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const { instance } = context;
  const all = { ...claims, iss: instance.origin, aud: application.clientId };
  const plain = jsonText(await signJwt(activeKey(instance, algorithm), all, 'JWT'));
  return { ...plain, headers: { ...plain.headers, 'content-type': 'application/jwt' } };
}

/** GET and POST /oidc/v1/userinfo: OpenID Connect Core §5.3. */
export async function userinfo(context: RequestContext): Promise<Answer> {
  const { deps, instance } = context;
  const { scheme, text } = await sentToken(context);
  const reading = await readAccessToken(deps, instance, text);
  if (reading.kind === 'dead') {
    deps.log.debug({ reason: reading.reason }, 'userinfo: token refused');
    throw challenge(
      401,
      'invalid_token',
      'the access token has expired, was revoked or is not one of this server',
    );
  }
  const { token, subject } = reading;
  const client =
    token.applicationId === undefined
      ? undefined
      : await deps.facts.clients.load(instance.scope, token.clientId);
  await checkPossession(context, { text, token, scheme, application: client?.application });
  if (!token.scopes.includes('openid'))
    throw challenge(403, 'insufficient_scope', 'the access token lacks the scope openid');
  const claims = claimsOf(token, subject, client);
  const algorithm = client?.application.userinfoSignedResponseAlg ?? null;
  return client === undefined || algorithm === null
    ? json(200, claims)
    : await signClaims(context, client.application, algorithm, claims);
}
