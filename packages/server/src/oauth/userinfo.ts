import {
  namedUserClaims,
  reservedUserClaims,
  roleClaims,
  type Subject,
  userClaims,
} from '@latchkey/identity';
import { type AccessTokenFacts, type ClientFacts, interpretScopes, wantsRoles } from '@latchkey/protocol';
import { type Answer, json, jsonText, type RequestContext } from '../platform/http.ts';
import { activeKey, signJwt } from '../platform/signing-keys.ts';
import { bearerChallenge, readPresentedToken } from './presented-token.ts';

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
  const { token, subject, client } = await readPresentedToken(context, 'header-or-form');
  if (!token.scopes.includes('openid'))
    throw bearerChallenge(403, 'insufficient_scope', 'the access token lacks the scope openid');
  const claims = claimsOf(token, subject, client);
  const algorithm = client?.application.userinfoSignedResponseAlg ?? null;
  return client === undefined || algorithm === null
    ? json(200, claims)
    : await signClaims(context, client.application, algorithm, claims);
}
