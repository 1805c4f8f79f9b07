import {
  acrOf,
  type ClientFacts,
  type Confirmation,
  decidePoll,
  type EpochMs,
  type GrantType,
  mayIssue,
  type Params,
  slowDownSeconds,
} from '@latchkey/protocol';
import {
  type AwaitedKind,
  type BackchannelAuthentication,
  type DeviceAuthorization,
  findGrantStanding,
  type NewGrant,
  notePoll,
  noteSessionClient,
  redeemAwaited,
} from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/http.ts';
import { applicationRequester, obtainScopes } from '../../platform/obtain.ts';
import { subjectFor } from '../../platform/subject.ts';
import { standingOf } from '../../platform/subject-standing.ts';
import type { AuthenticatedClient } from '../client-auth.ts';
import { issueTokens } from '../issue-tokens.ts';
import { describeIssueRefusal } from '../refuse-issue.ts';
import type { TokenAnswer } from './grant.ts';
import { obtainNarrowed, refreshFamily } from './refresh-family.ts';

/** A poll of a client for what a person decides elsewhere. */
export interface Poll {
  readonly kind: AwaitedKind;
  readonly grantType: GrantType;
  readonly facts: ClientFacts;
  readonly params: Params;
  readonly confirmation: Confirmation | undefined;
  /** `undefined` when the code is nobody's. */
  readonly request: DeviceAuthorization | BackchannelAuthentication | undefined;
}

/** The application of a poll. Throws when a machine user polls, or the application may not use the grant. */
export function pollingApplication(client: AuthenticatedClient, grantType: GrantType): ClientFacts {
  if (client.kind !== 'application')
    throw new OAuthError('unauthorized_client', 'a machine user cannot use this grant');
  if (!client.facts.application.grantTypes.includes(grantType))
    throw new OAuthError(
      'unauthorized_client',
      'the application may not use this grant type; allow it in its settings',
    );
  return client.facts;
}

async function loadStanding(
  context: RequestContext,
  { facts, grantType }: Poll,
  ids: { readonly userId: string; readonly sessionId: string; readonly grantId: string },
  scopes: readonly string[],
) {
  const { store } = context.deps;
  const standing = await findGrantStanding(store.db, context.instance.scope, ids);
  if (standing?.session === undefined || standing.session.isEnded)
    throw new OAuthError('invalid_grant', 'the session behind the approval has ended; begin again');
  const refusal = mayIssue({ grantType, client: facts, subject: standingOf(standing.subject), scopes });
  if (refusal !== undefined) {
    const { code, description } = describeIssueRefusal(refusal);
    throw new OAuthError(code, description);
  }
  return standing.subject;
}

async function redeem(
  context: RequestContext,
  poll: Poll,
  request: DeviceAuthorization | BackchannelAuthentication,
  issuedAtMs: EpochMs,
): Promise<TokenAnswer> {
  const { store } = context.deps;
  const { scope } = context.instance;
  const { application } = poll.facts;
  const { userId, sessionId, authTimeMs, grantId, amr } = request;
  if (userId === null || sessionId === null || authTimeMs === null)
    throw new OAuthError('invalid_grant', 'the request was not approved');
  const granted = 'resources' in request ? request.resources : [];
  const obtaining = applicationRequester(poll.facts);
  const resources = await obtainNarrowed(context, obtaining, poll.params, granted);
  const { scopes, projectIds } = await obtainScopes(context, obtaining, request.scopes);
  const subject = await loadStanding(context, poll, { userId, sessionId, grantId }, scopes);
  const { facts: client, confirmation } = poll;
  const family = refreshFamily(context.instance, { client, scopes, issuedAtMs, confirmation });
  const grant: NewGrant = {
    ...{ grantId, sessionId, userId, scopes, authTimeMs, amr },
    organizationId: subject.organization.id,
    applicationId: application.id,
    clientId: application.clientId,
    resources: granted,
    ...family,
  };
  const actor = { kind: 'client', id: application.clientId, ip: context.ip } as const;
  const outcome = await redeemAwaited(
    store.db,
    scope,
    actor,
    { kind: poll.kind, id: request.id },
    grant,
    issuedAtMs,
  );
  if (outcome === 'refused')
    throw new OAuthError('invalid_grant', 'the code was used before, has expired, or its session has ended');
  if (application.backchannelLogoutUri !== null || application.frontchannelLogoutUri !== null)
    await noteSessionClient(store.db, scope, {
      ...{ sessionId, applicationId: application.id, nowMs: issuedAtMs },
      subject: subjectFor(context.instance, application, userId),
    });
  return await issueTokens(context, {
    grantType: poll.grantType,
    client: { facts: poll.facts },
    ...{ subject, scopes, issuedAtMs, sessionId, grantId, authTimeMs, amr, resources, projectIds },
    confirmation: poll.confirmation,
    ...('acrValues' in request && request.acrValues.length > 0 ? { acr: acrOf(amr, request.acrValues) } : {}),
    ...('refresh' in family ? { refreshGeneration: 1 } : {}),
  });
}

/** Notes the poll and throws what it is told: pending, or slow_down with a longer interval from now on. */
async function wait(
  context: RequestContext,
  kind: AwaitedKind,
  request: DeviceAuthorization | BackchannelAuthentication,
  pace: 'in-time' | 'too-fast',
): Promise<never> {
  const { store, clock } = context.deps;
  const { id, lastPolledAtMs } = request;
  const poll = { id, lastPolledAtMs, pace, slowDownSeconds };
  const outcome = await notePoll(store.db, context.instance.scope, kind, poll, clock.now());
  if (pace === 'too-fast' || outcome === 'overtaken')
    throw new OAuthError('slow_down', `polled too fast; wait ${slowDownSeconds} seconds longer from now on`);
  throw new OAuthError(
    'authorization_pending',
    'the person has not decided yet; ask again after the interval',
  );
}

/**
 * Answers a poll: tokens once the person has approved, to one poll; otherwise the error that says how it stands. Facts are
 * loaded afresh, so that a lock, a log-out or a deactivation since the approval is seen.
 * Source: RFC 8628 §3.4, §3.5; OpenID CIBA Core §10.1, §11.
 */
export async function answerPoll(context: RequestContext, poll: Poll): Promise<TokenAnswer> {
  const { request, facts } = poll;
  const now = context.deps.clock.now();
  const unknown = 'the code is not one that this application was given';
  if (request === undefined) throw new OAuthError('invalid_grant', unknown);
  const decision = decidePoll(request, { clientId: facts.application.clientId, now });
  switch (decision.kind) {
    case 'redeem':
      return await redeem(context, poll, request, now);
    case 'pending':
      return await wait(context, poll.kind, request, 'in-time');
    case 'slow-down':
      return await wait(context, poll.kind, request, 'too-fast');
    case 'denied':
      throw new OAuthError('access_denied', 'the person has refused');
    case 'expired':
      throw new OAuthError('expired_token', 'the code has expired; begin again');
    case 'used':
      throw new OAuthError('invalid_grant', 'the code was used before');
    case 'foreign':
      throw new OAuthError('invalid_grant', unknown);
  }
}
