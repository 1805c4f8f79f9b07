import {
  acrOf,
  type CodeFacts,
  type Confirmation,
  checkRedemption,
  describeCodeRefusal,
  epochMs,
  mayIssue,
  type Params,
} from '@latchkey/protocol';
import { consumeCode, endGrant, findCodeUse, findGrantStanding, type GrantStanding } from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/http.ts';
import { applicationRequester, obtainScopes } from '../../platform/obtain.ts';
import { sha256Base64Url } from '../../platform/random.ts';
import { standingOf } from '../../platform/subject-standing.ts';
import type { AuthenticatedClient } from '../client-auth.ts';
import { openCode } from '../code-payload.ts';
import { issueTokens } from '../issue-tokens.ts';
import { describeIssueRefusal } from '../refuse-issue.ts';
import type { Grant } from './grant.ts';
import { obtainNarrowed, refreshFamily } from './refresh-family.ts';

// A code lives a minute; its use is remembered a good deal longer, so that a late replay is noticed as one.
const replayMemoryMs = 11 * 60_000;
// Pages that load twice redeem twice, and a lost answer is asked for again.
const repetitionMs = 10_000;
// The first redemption may have been dated by another node, whose clock is ahead.
const clockToleranceMs = 60_000;

/** A code that has been redeemed, presented again. */
interface Replay {
  readonly code: CodeFacts;
  /** Who presents it this time. */
  readonly clientId: string;
  /** Whether client, redirect URI, verifier and key are those of the code. */
  readonly bindings: 'right' | 'wrong';
  readonly redeemedAtMs: number;
}

/** Only the page that began the sign-in has the verifier: within seconds it is that page again, and no thief (decision 0032). */
function isRepetition({ code, bindings, redeemedAtMs }: Replay, now: number): boolean {
  const elapsedMs = now - redeemedAtMs;
  return (
    bindings === 'right' &&
    code.codeChallenge !== undefined &&
    elapsedMs < repetitionMs &&
    elapsedMs > -clockToleranceMs
  );
}

/** Refuses a code that was redeemed before, and ends what it began unless it is only repeated (RFC 6749 §4.1.2, RFC 9700 §4.13). */
async function refuseReplay(context: RequestContext, replay: Replay): Promise<never> {
  const { store, clock } = context.deps;
  const { code, clientId } = replay;
  if (isRepetition(replay, clock.now()))
    throw new OAuthError('invalid_grant', 'the code was used before; its tokens were in the first answer');
  const actor = { kind: 'client', id: clientId, ip: context.ip } as const;
  await store.change({ scope: context.instance.scope, actor, nowMs: clock.now() }, (change) =>
    endGrant(change, code.grantId, { reason: 'code-replay', userId: code.userId }),
  );
  throw new OAuthError(
    'invalid_grant',
    'the code was used before; everything issued from it has been revoked',
  );
}

/** Refuses a replay if the code was used, otherwise says what is wrong. */
async function refuseCode(
  context: RequestContext,
  presented: Omit<Replay, 'redeemedAtMs'>,
  otherwise: string,
): Promise<never> {
  const use = await findCodeUse(context.deps.store.db, context.instance.scope, presented.code.codeId);
  if (use === undefined) throw new OAuthError('invalid_grant', otherwise);
  return await refuseReplay(context, { ...presented, redeemedAtMs: use.keepUntilMs - replayMemoryMs });
}

async function readCode(
  context: RequestContext,
  client: AuthenticatedClient,
  params: Params,
  confirmation: Confirmation | undefined,
) {
  if (client.kind !== 'application')
    throw new OAuthError('unauthorized_client', 'a machine user cannot redeem codes');
  const text = params.get('code');
  if (text === undefined) throw new OAuthError('invalid_request', 'code is missing');
  const code = openCode(context.instance, text);
  if (code === undefined) throw new OAuthError('invalid_grant', 'the code is not one of this server');
  const { clientId } = client.facts.application;
  const redemption = {
    clientId,
    redirectUri: params.get('redirect_uri'),
    codeVerifier: params.get('code_verifier'),
    sha256: sha256Base64Url,
    confirmation,
  };
  const refused = checkRedemption(code, { ...redemption, now: context.deps.clock.now() });
  if (refused === undefined) return { facts: client.facts, code };
  // Whatever else is wrong with it, a code that was used before must not go unnoticed.
  const isOnlyLate = checkRedemption(code, { ...redemption, now: epochMs(0) }) === undefined;
  const bindings = isOnlyLate ? 'right' : 'wrong';
  return await refuseCode(context, { code, clientId, bindings }, describeCodeRefusal(refused));
}

function checkStanding(
  standing: GrantStanding | undefined,
  code: CodeFacts,
  facts: Parameters<typeof mayIssue>[0]['client'],
) {
  if (standing?.session === undefined || standing.session.isEnded)
    throw new OAuthError('invalid_grant', 'the session behind the code has ended');
  const refusal = mayIssue({
    grantType: 'authorization_code',
    subject: standingOf(standing.subject),
    scopes: code.scopes,
    ...(facts === undefined ? {} : { client: facts }),
  });
  if (refusal !== undefined) {
    const { code: error, description } = describeIssueRefusal(refusal);
    throw new OAuthError(error === 'access_denied' ? 'invalid_grant' : error, description);
  }
  return { subject: standing.subject, session: standing.session };
}

/** Redeems an authorization code: two round trips to the database (RFC 6749 §4.1.3). */
export const authorizationCodeGrant: Grant = async (context, client, params, confirmation) => {
  const { store, clock } = context.deps;
  const { scope } = context.instance;
  const issuedAtMs = clock.now();
  const { facts, code } = await readCode(context, client, params, confirmation);
  const obtaining = applicationRequester(facts);
  const resources = await obtainNarrowed(context, obtaining, params, code.resources ?? []);
  const ids = { userId: code.userId, sessionId: code.sessionId, grantId: code.grantId };
  const { subject, session } = checkStanding(await findGrantStanding(store.db, scope, ids), code, facts);
  const { application } = facts;
  const family = refreshFamily(context.instance, {
    client: facts,
    scopes: code.scopes,
    issuedAtMs,
    confirmation,
  });
  const outcome = await consumeCode(
    store.db,
    scope,
    { kind: 'client', id: application.clientId, ip: context.ip },
    {
      codeId: code.codeId,
      keepUntilMs: issuedAtMs + replayMemoryMs,
      grantId: code.grantId,
      sessionId: session.id,
      userId: code.userId,
      organizationId: subject.organization.id,
      applicationId: application.id,
      clientId: application.clientId,
      scopes: code.scopes,
      authTimeMs: session.authTimeMs,
      amr: session.amr,
      ...(code.resources === undefined ? {} : { resources: code.resources }),
      ...(code.claims === undefined ? {} : { claims: code.claims }),
      ...family,
    },
    issuedAtMs,
  );
  if (outcome === 'refused') {
    const presented = { code, clientId: application.clientId, bindings: 'right' } as const;
    return await refuseCode(context, presented, 'the session behind the code has ended');
  }
  const { scopes, projectIds } = await obtainScopes(context, obtaining, code.scopes);
  return await issueTokens(context, {
    grantType: 'authorization_code',
    client: { facts },
    subject,
    scopes,
    projectIds,
    issuedAtMs,
    sessionId: session.id,
    grantId: code.grantId,
    authTimeMs: session.authTimeMs,
    amr: session.amr,
    confirmation,
    resources,
    ...(code.nonce === undefined ? {} : { nonce: code.nonce }),
    ...(code.claims === undefined ? {} : { claims: code.claims }),
    ...(code.acrValues === undefined ? {} : { acr: acrOf(session.amr, code.acrValues) }),
    ...('refresh' in family ? { refreshGeneration: 1 } : {}),
  });
};
