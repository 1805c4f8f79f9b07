import {
  acrOf,
  type CheckedAuthorizeRequest,
  type ClientFacts,
  type CodeFacts,
  epochMs,
  isAcrReached,
  isUnboundResponse,
  mayIssue,
  successFields,
  unboundResponseDetail,
} from '@latchkey/protocol';
import { consumeOnce, findGrantStanding, noteSessionClient, touchSession } from '@latchkey/store';
import { authorizeResponse } from '../platform/authorize-answer.ts';
import { PageError, RedirectError } from '../platform/errors.ts';
import { type Answer, cookieLines, type RequestContext } from '../platform/http.ts';
import { applicationRequester, obtainResources, obtainScopes } from '../platform/obtain.ts';
import { newId, randomId } from '../platform/random.ts';
import { sessionState, withBrowserState } from '../platform/session-state.ts';
import { subjectFor } from '../platform/subject.ts';
import { standingOf } from '../platform/subject-standing.ts';
import { stoppedRequest } from '../platform/way-on.ts';
import { sealCode } from './code-payload.ts';
import { consentGate } from './consent-gate.ts';
import { issueFrontChannel } from './issue-tokens.ts';
import { describeIssueRefusal } from './refuse-issue.ts';

const codeLifeMs = 60_000;

/** A session of this browser that an answer is given for. */
export interface AnsweringSession {
  readonly id: string;
  readonly userId: string;
  /** When it was last used, for the session of the browser that was used last. */
  readonly lastSeenAtMs?: number;
}

/** Use is noted to this precision: an application that asks again at once costs no write. */
const seenPrecisionMs = 10_000;

function refuseStranger(request: CheckedAuthorizeRequest, session: AnsweringSession): void {
  // OpenID Connect Core §3.1.2.2: with an id_token_hint nobody else may be answered for.
  if (request.hintedUserId !== undefined && request.hintedUserId !== session.userId) {
    throw new RedirectError(
      request,
      'login_required',
      'somebody else signed in than the request names by id_token_hint or claims',
    );
  }
}

/** Client and user, both there and allowed. Throws `RedirectError` when the person may not use the application. */
async function loadParties(
  context: RequestContext,
  request: CheckedAuthorizeRequest,
  session: AnsweringSession,
): Promise<ClientFacts> {
  const { deps, instance } = context;
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const client = await deps.facts.clients.load(instance.scope, request.clientId);
  const subject = await deps.facts.subjects.load(instance.scope, session.userId);
  if (client === undefined || subject === undefined)
    throw new RedirectError(request, 'access_denied', 'the application or the user is gone');
  refuseStranger(request, session);
  // The settings may have changed while the person signed in.
  if (isUnboundResponse(client.application, request.responseType))
    throw new RedirectError(request, 'unauthorized_client', unboundResponseDetail);
  const refusal = mayIssue({
    grantType: request.responseType.includes('code') ? 'authorization_code' : 'implicit',
    client,
    subject: standingOf(subject),
    scopes: request.scopes,
  });
  if (refusal !== undefined) {
    const { description } = describeIssueRefusal(refusal);
    deps.refusals.note({
      type: 'sign-in.refused',
      scope: instance.scope,
      applicationId: client.application.id,
      clientId: request.clientId,
      reason: description,
      sessionId: session.id,
      organizationId: subject.organization.id,
    });
    throw new RedirectError(request, 'access_denied', description);
  }
  return client;
}

function buildCode(
  request: CheckedAuthorizeRequest,
  session: AnsweringSession,
  ids: { readonly grantId: string; readonly now: number },
): CodeFacts {
  return {
    codeId: randomId(),
    expiresAtMs: epochMs(ids.now + codeLifeMs),
    clientId: request.clientId,
    redirectUri: request.redirectUri,
    scopes: request.scopes,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.codeChallenge === undefined ? {} : { codeChallenge: request.codeChallenge }),
    sessionId: session.id,
    userId: session.userId,
    grantId: ids.grantId,
    ...(request.dpopJkt === undefined ? {} : { dpopJkt: request.dpopJkt }),
    ...(request.resources.length === 0 ? {} : { resources: request.resources }),
    ...(request.claims === undefined ? {} : { claims: request.claims }),
    ...(wantsAcr(request) ? { acrValues: request.acrValues } : {}),
  };
}

function wantsAcr(request: CheckedAuthorizeRequest): boolean {
  return request.acrValues.length > 0 || request.claims?.idToken.includes('acr') === true;
}

/** Tokens the answer itself carries (OpenID Connect Core §3.2, §3.3). */
async function frontChannelFields(
  context: RequestContext,
  request: CheckedAuthorizeRequest,
  client: ClientFacts,
  session: AnsweringSession,
  ids: { readonly grantId: string; readonly code: string | undefined },
): Promise<Readonly<Record<string, string>>> {
  const words = request.responseType.split(' ');
  const wantsAccessToken = words.includes('token') ? 'yes' : 'no';
  const wantsIdToken = words.includes('id_token') ? 'yes' : 'no';
  if (wantsAccessToken === 'no' && wantsIdToken === 'no') return {};
  const { deps, instance } = context;
  const issuedAtMs = deps.clock.now();
  const standing = await findGrantStanding(deps.store.db, instance.scope, {
    userId: session.userId,
    sessionId: session.id,
    grantId: ids.grantId,
  });
  if (standing?.session === undefined || standing.session.isEnded)
    throw new RedirectError(request, 'login_required', 'the session has ended; sign in again');
  const { subject } = standing;
  const { authTimeMs, amr } = standing.session;
  const obtaining = applicationRequester(client);
  const { scopes, projectIds } = await obtainScopes(context, obtaining, request.scopes);
  const resources = await obtainResources(context, obtaining, request.resources);
  if (resources.length < request.resources.length)
    throw new RedirectError(request, 'invalid_target', 'resource is no longer available to this application');
  return await issueFrontChannel(
    context,
    {
      grantType: 'implicit',
      client: { facts: client },
      subject,
      scopes,
      projectIds,
      issuedAtMs,
      sessionId: session.id,
      grantId: ids.grantId,
      authTimeMs,
      amr,
      ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
      ...(request.claims === undefined ? {} : { claims: request.claims }),
      ...(wantsAcr(request) ? { acr: acrOf(amr, request.acrValues) } : {}),
      resources,
    },
    {
      wantsAccessToken,
      wantsIdToken,
      ...(ids.code === undefined ? {} : { code: ids.code }),
      ...(request.state === undefined ? {} : { state: request.state }),
    },
  );
}

/** A pushed request may be answered once (RFC 9126 §4), an application hears of the session's end if it wants to. */
async function settle(
  context: RequestContext,
  request: CheckedAuthorizeRequest,
  client: ClientFacts,
  session: AnsweringSession,
): Promise<void> {
  const { deps, instance } = context;
  const { store } = deps;
  if (request.pushed !== undefined) {
    const { id, keepUntilMs } = request.pushed;
    if (!(await consumeOnce(store.db, instance.scope, { kind: 'pushed-request', id, keepUntilMs })))
      throw new PageError('request-expired', 400, 'the pushed request was used before; push it again', {
        stopped: stoppedRequest(request),
      });
  }
  const nowMs = deps.clock.now();
  if (session.lastSeenAtMs === undefined || nowMs - session.lastSeenAtMs >= seenPrecisionMs)
    await touchSession(store.db, instance.scope, session.id, nowMs);
  const { application } = client;
  if (application.backchannelLogoutUri === null && application.frontchannelLogoutUri === null) return;
  await noteSessionClient(store.db, instance.scope, {
    sessionId: session.id,
    applicationId: application.id,
    subject: subjectFor(instance, application, session.userId),
    nowMs,
  });
}

async function checkAcr(
  context: RequestContext,
  request: CheckedAuthorizeRequest,
  session: AnsweringSession,
): Promise<void> {
  if (request.demandedAcrValues.length === 0) return;
  const { store } = context.deps;
  const ids = { userId: session.userId, sessionId: session.id, grantId: '' };
  const standing = await findGrantStanding(store.db, context.instance.scope, ids);
  if (!isAcrReached(standing?.session?.amr ?? [], request.demandedAcrValues))
    throw new RedirectError(
      request,
      'unmet_authentication_requirements',
      'the sign-in cannot reach the acr that was demanded',
    );
}

/** The headers of an answer with those of another; the cookies of both are set. */
function withCookiesOf(
  base: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const cookies = [...cookieLines(base), ...cookieLines(more)];
  return { ...base, ...more, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies.join('\n') }) };
}

/**
 * Ends an authorization request with what it asked for, for a session of this browser: from /authorize when somebody is
 * signed in already, from the login pages when they just did. Asks for consent first where it is needed and not just
 * `given`. `headers` are added to the answer (the session cookie).
 * Throws `RedirectError` when the person may not use the application.
 */
export async function finishAuthorize(
  context: RequestContext,
  request: CheckedAuthorizeRequest,
  session: AnsweringSession,
  headers: Readonly<Record<string, string>> = {},
  options: { readonly consent?: 'given' } = {},
): Promise<Answer> {
  const { deps, instance } = context;
  const client = await loadParties(context, request, session);
  await checkAcr(context, request, session);
  if (options.consent === undefined) {
    const asked = await consentGate(context, request, session, client);
    if (asked !== undefined) return { ...asked, headers: withCookiesOf(asked.headers, headers) };
  }
  await settle(context, request, client, session);
  const now = deps.clock.now();
  const grantId = newId(now);
  const code = request.responseType.includes('code')
    ? sealCode(instance, buildCode(request, session, { grantId, now }))
    : undefined;
  const state = request.scopes.includes('openid')
    ? sessionState(context, request.clientId, request.redirectUri, headers)
    : undefined;
  const issued: Readonly<Record<string, string>> = {
    ...(code === undefined ? {} : { code }),
    ...(await frontChannelFields(context, request, client, session, { grantId, code })),
    ...(state === undefined ? {} : { session_state: state }),
  };
  const fields = successFields(request, instance.origin, issued);
  return await authorizeResponse(context, request, fields, withBrowserState(context, headers));
}
