import { canonicalLoginName } from '@latchkey/identity';
import {
  awaitedScopes,
  type BackchannelHint,
  type BackchannelRequest,
  type ClientFacts,
  checkBackchannelRequest,
  grantTypes,
  mayIssue,
} from '@latchkey/protocol';
import { findLoginAccount, findSessionUser, insertBackchannelAuthentication } from '@latchkey/store';
import { awaitedCodeHash } from '../platform/awaited-codes.ts';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, type RequestContext, readOAuthForm } from '../platform/http.ts';
import { applicationRequester, obtainScopes } from '../platform/obtain.ts';
import { newId, newSecret } from '../platform/random.ts';
import { subjectFor } from '../platform/subject.ts';
import { standingOf } from '../platform/subject-standing.ts';
import { resolveBackchannelRequest } from './backchannel-request-object.ts';
import { sealPing } from './ciba-ping.ts';
import { type AuthenticatedClient, authenticateClient } from './client-auth.ts';
import { pollingApplication } from './grants/awaited.ts';
import { type IdTokenHint, readIdTokenHint } from './id-token-hint.ts';
import { describeIssueRefusal } from './refuse-issue.ts';

const intervalSeconds = 5;
/** How many requests may wait for one person: they come unasked, and many would wear a person down. */
const maximumPending = 5;

function clientOf(client: AuthenticatedClient): {
  readonly facts: ClientFacts;
  readonly mode: 'poll' | 'ping';
} {
  const facts = pollingApplication(client, grantTypes.ciba);
  const { cibaDeliveryMode: mode, cibaNotificationEndpoint } = facts.application;
  if (client.provenBy === 'none')
    throw new OAuthError(
      'unauthorized_client',
      'backchannel authentication needs a client with a secret or key',
    );
  if (mode === null || (mode === 'ping' && cibaNotificationEndpoint === null))
    throw new OAuthError(
      'unauthorized_client',
      'the application has no token delivery mode for backchannel authentication; set one in its settings',
    );
  return { facts, mode };
}

/** The person behind a pairwise ID token, which names them by its session alone; `undefined` once that is forgotten. */
async function pairwiseUserId(
  context: RequestContext,
  application: ClientFacts['application'],
  { userId: subject, sessionId }: IdTokenHint,
): Promise<string | undefined> {
  const { deps, instance } = context;
  if (sessionId === undefined) return undefined;
  const userId = await findSessionUser(deps.store.db, instance.scope, sessionId);
  return userId !== undefined && subjectFor(instance, application, userId) === subject ? userId : undefined;
}

async function userIdOf(
  context: RequestContext,
  { application }: ClientFacts,
  hint: BackchannelHint,
): Promise<string | undefined> {
  const { deps, instance } = context;
  switch (hint.kind) {
    case 'login': {
      const name = canonicalLoginName(hint.loginHint);
      return name === undefined
        ? undefined
        : (await findLoginAccount(deps.store.db, instance.scope, name))?.id;
    }
    case 'id-token': {
      const token = readIdTokenHint(instance, hint.idToken);
      if (token === undefined || token.clientId !== application.clientId)
        throw new OAuthError(
          'invalid_request',
          'id_token_hint is not an ID token this application was given',
        );
      return application.subjectType === 'pairwise'
        ? await pairwiseUserId(context, application, token)
        : token.userId;
    }
  }
}

/** The person a request is about, if the application may have tokens for them. Throws `OAuthError` otherwise. */
async function personOf(
  context: RequestContext,
  facts: ClientFacts,
  request: BackchannelRequest,
  scopes: readonly string[],
) {
  const { deps, instance } = context;
  const unknown = new OAuthError('unknown_user_id', 'the hint names nobody who can be asked');
  const userId = await userIdOf(context, facts, request.hint);
  const subject = userId === undefined ? undefined : await deps.facts.subjects.load(instance.scope, userId);
  if (subject === undefined) throw unknown;
  const refusal = mayIssue({
    grantType: grantTypes.ciba,
    client: facts,
    subject: standingOf(subject),
    scopes,
  });
  if (refusal === undefined) return subject.user.id;
  if (refusal.kind === 'user-not-active' || refusal.kind === 'organization-not-active') throw unknown;
  const { code, description } = describeIssueRefusal(refusal);
  // OpenID CIBA Core §13: access_denied is answered with 403.
  throw new OAuthError(code, description, code === 'access_denied' ? { status: 403 } : {});
}

async function save(
  context: RequestContext,
  { application }: ClientFacts,
  request: BackchannelRequest,
  about: { readonly userId: string; readonly scopes: readonly string[] },
): Promise<string> {
  const { deps, instance } = context;
  const nowMs = deps.clock.now();
  const authReqId = newSecret('lk_ar_');
  const id = newId(nowMs);
  const { notificationToken } = request;
  const row = {
    id,
    authReqIdSha256: awaitedCodeHash(instance, authReqId),
    applicationId: application.id,
    clientId: application.clientId,
    userId: about.userId,
    scopes: [...about.scopes],
    bindingMessage: request.bindingMessage ?? null,
    acrValues: [...request.acrValues],
    grantId: newId(nowMs),
    notificationTokenSealed:
      notificationToken === undefined ? null : sealPing(instance, id, { authReqId, notificationToken }),
    intervalSeconds,
    expiresAtMs: nowMs + request.lifeSeconds * 1000,
  };
  const actor = { kind: 'client', id: application.clientId, ip: context.ip } as const;
  const outcome = await deps.store.change({ scope: instance.scope, actor, nowMs }, (change) =>
    insertBackchannelAuthentication(change, row, maximumPending),
  );
  if (outcome === 'too-many')
    throw new OAuthError(
      'temporarily_unavailable',
      `${maximumPending} requests wait for this person already; wait until they have decided`,
      { status: 429, headers: { 'retry-after': '30' } },
    );
  return authReqId;
}

/** POST /oauth/v2/bc-authorize: OpenID CIBA Core §7. */
export async function backchannelAuthentication(context: RequestContext): Promise<Answer> {
  const sent = await readOAuthForm(context);
  const { facts, mode } = clientOf(await authenticateClient(context, sent, 'single-use'));
  const params = await resolveBackchannelRequest(context, facts, sent);
  const verdict = checkBackchannelRequest(params, mode);
  if (verdict.kind === 'refused') throw new OAuthError(verdict.error, verdict.description);
  const { request } = verdict;
  const asked = awaitedScopes(facts, request.scopes);
  const { scopes } = await obtainScopes(context, applicationRequester(facts), asked);
  const userId = await personOf(context, facts, request, scopes);
  const authReqId = await save(context, facts, request, { userId, scopes });
  return json(200, { auth_req_id: authReqId, expires_in: request.lifeSeconds, interval: intervalSeconds });
}
