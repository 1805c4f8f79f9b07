import {
  type ClientFacts,
  type Confirmation,
  checkRefreshBinding,
  decideRefresh,
  epochMs,
  foldEveryRole,
  interpretScopes,
  isFapi,
  mayIssue,
  narrowScopes,
  type Params,
  parseScope,
  partingMs,
  type RefreshDecision,
  type RequestedClaims,
} from '@latchkey/protocol';
import { advanceGrant, endGrant, findGrantStanding, type GrantStanding } from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/http.ts';
import { applicationRequester, obtainScopes } from '../../platform/obtain.ts';
import { standingOf } from '../../platform/subject-standing.ts';
import { openRefreshToken, type RefreshTokenPayload } from '../../platform/tokens.ts';
import { issueTokens } from '../issue-tokens.ts';
import { describeIssueRefusal } from '../refuse-issue.ts';
import type { Grant } from './grant.ts';
import { obtainNarrowed } from './refresh-family.ts';

type Family = NonNullable<GrantStanding['grant']>;

function requestedScopes(
  params: Params,
  { scopes }: Pick<Family, 'scopes'>,
  { project }: ClientFacts,
): readonly string[] {
  // Grants begun by an earlier version list each role of a project that asserts its roles.
  const granted = project.roleAssertion ? foldEveryRole(scopes, project.roleKeys) : scopes;
  const asked = parseScope(params.get('scope'));
  // Scopes nobody defined are dropped in silence, here as at authorization.
  const narrowed =
    asked === undefined ? undefined : narrowScopes(granted, interpretScopes(asked).known, project.roleKeys);
  if (narrowed === undefined) throw new OAuthError('invalid_scope', 'scope asks for more than was granted');
  return narrowed;
}

async function revokeFamily(
  context: RequestContext,
  token: RefreshTokenPayload,
  clientId: string,
): Promise<never> {
  const { store, clock } = context.deps;
  await store.change(
    {
      scope: context.instance.scope,
      actor: { kind: 'client', id: clientId, ip: context.ip },
      nowMs: clock.now(),
    },
    (change) => endGrant(change, token.grantId, { reason: 'refresh-token-replay', userId: token.userId }),
  );
  throw new OAuthError(
    'invalid_grant',
    'the refresh token was used before; everything issued from it has been revoked. Sign in again',
  );
}

async function settle(
  context: RequestContext,
  decision: RefreshDecision,
  token: RefreshTokenPayload,
  clientId: string,
): Promise<'rotate' | 'sibling' | 'keep'> {
  switch (decision.kind) {
    case 'rotate':
    case 'sibling':
    case 'keep':
      return decision.kind;
    case 'replay':
      return await revokeFamily(context, token, clientId);
    case 'refuse-harmless':
      throw new OAuthError(
        'invalid_grant',
        'the refresh token was used a moment ago; use the one that was issued instead',
      );
    case 'refuse':
      throw new OAuthError(
        'invalid_grant',
        decision.reason === 'expired'
          ? 'the refresh token has expired; sign in again'
          : 'the refresh token is not valid for this client, or the session has ended',
      );
  }
}

function factsOf(grant: Family): Parameters<typeof decideRefresh>[1] {
  return {
    clientId: grant.clientId,
    generation: grant.generation,
    rotatedAtMs: epochMs(grant.rotatedAtMs),
    recentRotationsMs: grant.recentRotationsMs,
    idleExpiresAtMs: epochMs(grant.idleExpiresAtMs),
    absoluteExpiresAtMs: epochMs(grant.absoluteExpiresAtMs),
    ended: grant.endedAtMs === null ? 'no' : 'yes',
  };
}

async function load(context: RequestContext, token: RefreshTokenPayload) {
  const standing = await findGrantStanding(context.deps.store.db, context.instance.scope, token);
  const grant = standing?.grant;
  if (standing === undefined || grant === undefined)
    throw new OAuthError('invalid_grant', 'the refresh token is not valid any more; sign in again');
  return { standing, grant };
}

function checkIssue(facts: ClientFacts, standing: GrantStanding, grant: Pick<Family, 'scopes'>): void {
  if (standing.session?.isEnded === true)
    throw new OAuthError('invalid_grant', 'the session has ended; sign in again');
  const refusal = mayIssue({
    grantType: 'refresh_token',
    client: facts,
    subject: standingOf(standing.subject),
    scopes: grant.scopes,
  });
  if (refusal === undefined) return;
  const { code, description } = describeIssueRefusal(refusal);
  throw new OAuthError(code === 'access_denied' ? 'invalid_grant' : code, description);
}

function checkProof(facts: ClientFacts, grant: Family, confirmation: Confirmation | undefined): void {
  const client = facts.application.authMethod === 'none' ? 'public' : 'confidential';
  const refusal = checkRefreshBinding(grant.dpopJkt, confirmation, client);
  if (refusal !== undefined) throw new OAuthError('invalid_grant', refusal.detail);
}

// FAPI 2.0 Security Profile §5.3.2.1: no rotation; the client's key keeps a stolen token from being used.
function rotationOf(facts: ClientFacts): 'rotate' | 'keep' {
  return isFapi(facts) && facts.application.authMethod !== 'none' ? 'keep' : 'rotate';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function claimsOf(stored: unknown): RequestedClaims | undefined {
  if (typeof stored !== 'object' || stored === null || !('idToken' in stored) || !('userinfo' in stored))
    return undefined;
  const { idToken, userinfo } = stored;
  return isTexts(idToken) && isTexts(userinfo) ? { idToken, userinfo } : undefined;
}

/** One try: load, decide, save. `undefined` when another refresh came between loading and saving. */
async function refreshOnce(
  context: RequestContext,
  facts: ClientFacts,
  token: RefreshTokenPayload,
  params: Params,
  confirmation: Confirmation | undefined,
) {
  const { store, clock } = context.deps;
  const { scope, settings } = context.instance;
  const { clientId } = facts.application;
  const issuedAtMs = clock.now();
  const { standing, grant } = await load(context, token);
  checkIssue(facts, standing, grant);
  checkProof(facts, grant, confirmation);
  const decision = decideRefresh(token, factsOf(grant), {
    clientId,
    now: issuedAtMs,
    graceSeconds: settings.refreshGraceSeconds,
    rotation: rotationOf(facts),
  });
  const step = await settle(context, decision, token, clientId);
  const obtaining = applicationRequester(facts);
  const resources = await obtainNarrowed(context, obtaining, params, grant.resources);
  const claims = claimsOf(grant.claims);
  const asked = requestedScopes(params, grant, facts);
  const { scopes, projectIds } = await obtainScopes(context, obtaining, asked);
  const idleSeconds = facts.application.refreshIdleSeconds ?? settings.refreshIdleSeconds;
  const idleExpiresAtMs = issuedAtMs + idleSeconds * 1000;
  const outcome = await advanceGrant(
    store.db,
    scope,
    { kind: 'client', id: clientId, ip: context.ip },
    {
      ...{ grantId: token.grantId, generation: grant.generation, step },
      idleExpiresAtMs,
      rememberMs: partingMs,
    },
    issuedAtMs,
  );
  if (outcome === 'refused') return undefined;
  const answer = await issueTokens(context, {
    grantType: 'refresh_token',
    client: { facts },
    subject: standing.subject,
    scopes,
    projectIds,
    issuedAtMs,
    sessionId: grant.sessionId,
    grantId: grant.id,
    authTimeMs: grant.authTimeMs,
    amr: grant.amr,
    confirmation,
    resources,
    ...(claims === undefined ? {} : { claims }),
    ...(step === 'keep'
      ? {}
      : { refreshGeneration: step === 'rotate' ? grant.generation + 1 : grant.generation }),
  });
  return step === 'keep' ? { ...answer, refresh_token: params.get('refresh_token') } : answer;
}

/** Refreshes: two round trips to the database, more only after losing a race (RFC 6749 §6, RFC 9700 §4.14). */
export const refreshTokenGrant: Grant = async (context, client, params, confirmation) => {
  if (client.kind !== 'application')
    throw new OAuthError('unauthorized_client', 'a machine user has no refresh tokens');
  const text = params.get('refresh_token');
  if (text === undefined) throw new OAuthError('invalid_request', 'refresh_token is missing');
  const token = openRefreshToken(context.instance, text);
  if (token === undefined)
    throw new OAuthError('invalid_grant', 'the refresh token is not one of this server');
  // Of several refreshes at once the others decide again by what the first left; a third try covers a rotation in between.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = await refreshOnce(context, client.facts, token, params, confirmation);
    if (answer !== undefined) return answer;
  }
  throw new OAuthError(
    'invalid_grant',
    'the refresh token was used a moment ago; use the one that was issued instead',
  );
};
