import {
  namedUserClaims,
  reservedUserClaims,
  roleClaims,
  type Subject,
  userClaims,
} from '@latchkey/identity';
import { type AccessTokenFacts, type ClientFacts, interpretScopes, wantsRoles } from '@latchkey/protocol';
import { type Answer, json, jsonText, type RequestContext } from '../platform/http.ts';
import { obtainScopes } from '../platform/obtain.ts';
import { activeKey, signJwt } from '../platform/signing-keys.ts';
import { standingOf } from '../platform/subject-standing.ts';
import { bearerChallenge, type LiveToken, readPresentedToken } from './presented-token.ts';

function claimsOf(
  token: AccessTokenFacts,
  subject: Subject,
  client: ClientFacts | undefined,
  audienceProjectIds: readonly string[],
) {
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
          projectIds: [...new Set([...own, ...(wantsRoles(token.scopes) ? audienceProjectIds : [])])],
          organizationIds: meaning.roleOrganizationIds,
        })
      : {}),
    sub: token.subject ?? subject.user.id,
  };
}

/** The projects a token names by audience scope and is for; a personal access token is for all its owner may obtain. */
async function audienceProjectsOf(
  context: RequestContext,
  { token, subject }: LiveToken,
): Promise<readonly string[]> {
  if (token.personal !== true)
    return interpretScopes(token.scopes).audienceProjectIds.filter((id) => token.audience.includes(id));
  const requester = { kind: 'machine', standing: standingOf(subject) } as const;
  return (await obtainScopes(context, { requester }, token.scopes)).projectIds;
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
  const presented = await readPresentedToken(context, 'header-or-form');
  const { token, subject, client } = presented;
  if (!token.scopes.includes('openid'))
    throw bearerChallenge(403, 'insufficient_scope', 'the access token lacks the scope openid');
  const claims = claimsOf(token, subject, client, await audienceProjectsOf(context, presented));
  const algorithm = client?.application.userinfoSignedResponseAlg ?? null;
  return client === undefined || algorithm === null
    ? json(200, claims)
    : await signClaims(context, client.application, algorithm, claims);
}
