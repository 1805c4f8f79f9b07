import {
  type ClientFacts,
  type Confirmation,
  decideExchange,
  describeScopes,
  type EpochMs,
  type ExchangeDecision,
  type ExchangeRefusal,
  type ExchangeRequest,
  exchangedConfirmation,
  grantTypes,
  mayIssue,
  parseExchangeRequest,
  type ResourceFacts,
  tokenTypes,
  toSeconds,
} from '@latchkey/protocol';
import { recordTokenExchange } from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/http.ts';
import { describeImpersonationRefusal, findImpersonationRefusal } from '../../platform/impersonation.ts';
import {
  applicationRequester,
  type Obtaining,
  obtainProject,
  obtainResources,
  obtainScopes,
} from '../../platform/obtain.ts';
import { standingOf } from '../../platform/subject-standing.ts';
import type { AuthenticatedClient } from '../client-auth.ts';
import { type LoadedParty, loadParty } from '../exchange-party.ts';
import { type Issue, issueIdToken, issueTokens } from '../issue-tokens.ts';
import { describeIssueRefusal } from '../refuse-issue.ts';
import type { Grant, TokenAnswer } from './grant.ts';

function refused({ error, description }: ExchangeRefusal): OAuthError {
  return new OAuthError(error, description);
}

function callerOf(client: AuthenticatedClient): ClientFacts {
  // RFC 8693 §5: without authentication whoever finds a token could turn it into others.
  if (client.kind === 'application' && client.provenBy !== 'none') return client.facts;
  throw new OAuthError(
    'unauthorized_client',
    'token exchange is for applications that authenticate with a secret, key or certificate',
  );
}

interface Parties {
  readonly subject: LoadedParty;
  readonly actor?: LoadedParty;
}

async function loadParties(
  context: RequestContext,
  client: ClientFacts,
  request: ExchangeRequest,
  confirmation: Confirmation | undefined,
): Promise<Parties> {
  const shared = { client, confirmation };
  const actor =
    request.actor === undefined
      ? undefined
      : await loadParty(
          context,
          { ...shared, parameter: 'actor_token', text: request.actor.token },
          request.actor.type,
        );
  const subject = await loadParty(
    context,
    { ...shared, parameter: 'subject_token', text: request.subjectToken },
    request.subjectType,
  );
  return { subject, ...(actor === undefined ? {} : { actor }) };
}

interface Exchange {
  readonly issuedAtMs: EpochMs;
  readonly client: ClientFacts;
  readonly request: ExchangeRequest;
  readonly confirmation: Confirmation | undefined;
}

async function checkImpersonation(
  context: RequestContext,
  subject: LoadedParty,
  actor: LoadedParty,
): Promise<void> {
  const refusal = await findImpersonationRefusal(context, actor.subject, subject.subject);
  if (refusal !== undefined) throw new OAuthError('access_denied', describeImpersonationRefusal(refusal));
}

interface Targets {
  readonly projectIds: readonly string[];
  readonly resources: readonly string[];
}

/** What the client may obtain with the subject token it shows. */
function obtainingWith(client: ClientFacts, { audience, personalOwner }: LoadedParty): Obtaining {
  return {
    ...applicationRequester(client),
    subjectToken: { audience, ...(personalOwner === undefined ? {} : { personalOwner }) },
  };
}

/** What one value of `audience` names: a project, an application and so its project, or a registered resource. */
async function findTarget(
  context: RequestContext,
  client: ClientFacts,
  obtaining: Obtaining,
  name: string,
): Promise<Targets> {
  if (name === client.application.clientId) return { projectIds: [], resources: [] };
  const named = await context.deps.facts.clients.load(context.instance.scope, name);
  const isNamed = named?.application.state === 'active';
  const project = await obtainProject(context, obtaining, isNamed ? named.project.id : name);
  return project === undefined
    ? { projectIds: [], resources: [name] }
    : { projectIds: [project.id], resources: [] };
}

/**
 * Where the new token may be used: what is asked for, otherwise where the subject token could be. Throws `invalid_target`
 * for a target that does not exist or may not be obtained (RFC 8693 §2.1, §2.2.2).
 */
async function findTargets(
  context: RequestContext,
  client: ClientFacts,
  request: ExchangeRequest,
  subject: LoadedParty,
): Promise<{ readonly projectIds: readonly string[]; readonly resources: readonly ResourceFacts[] }> {
  const obtaining = obtainingWith(client, subject);
  const named = await Promise.all(
    request.audience.map((name) => findTarget(context, client, obtaining, name)),
  );
  const asked = [...request.resources, ...named.flatMap((target) => target.resources)];
  // A token that is not for some resources only is for the own project anyway.
  const own = asked.length === 0 ? client.project.id : undefined;
  const projectIds = named.flatMap((target) => target.projectIds).filter((id) => id !== own);
  const known = await obtainResources(context, obtaining, asked);
  if (known.length < asked.length)
    throw new OAuthError(
      'invalid_target',
      'resource and audience must name a project, an application or a registered resource that this application may obtain',
    );
  if (asked.length > 0 || named.length > 0 || subject.audience.includes(client.project.id))
    return { projectIds, resources: known };
  // A token for some resources only does not become one for the whole project.
  const uris = subject.audience.filter((entry) => entry.includes(':'));
  return { projectIds, resources: await obtainResources(context, obtaining, uris) };
}

function checkIssue(client: ClientFacts, subject: LoadedParty, scopes: readonly string[]): void {
  const refusal = mayIssue({
    grantType: grantTypes.tokenExchange,
    client,
    subject: standingOf(subject.subject),
    scopes,
  });
  if (refusal === undefined) return;
  const { code, description } = describeIssueRefusal(refusal);
  throw new OAuthError(code, description);
}

/** A session the new token ends with: the subject's own, or that of whoever acts for one who is only named. */
function dependenciesOf({ subject, actor }: Parties) {
  const { sessionId, grantId } = subject.sessionId === undefined ? (actor ?? subject) : subject;
  const others = [subject, ...(actor === undefined ? [] : [actor])].flatMap((party) => party.dependsOn);
  return {
    dependsOn: [...new Set(others)],
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(grantId === undefined ? {} : { grantId }),
  };
}

function buildIssue(
  client: ClientFacts,
  parties: Parties,
  decision: ExchangeDecision,
  more: Pick<Issue, 'issuedAtMs' | 'scopes' | 'projectIds' | 'resources' | 'confirmation' | 'ownProject'>,
): Issue {
  const { subject } = parties;
  return {
    grantType: grantTypes.tokenExchange,
    client: { facts: client },
    subject: subject.subject,
    ...more,
    ...dependenciesOf(parties),
    amr: subject.amr,
    ...(subject.authTimeMs === undefined ? {} : { authTimeMs: subject.authTimeMs }),
    ...(decision.actor === undefined ? {} : { actor: decision.actor }),
    ...(decision.actorAuthTime === undefined ? {} : { actorAuthTime: decision.actorAuthTime }),
    ...(decision.notAfter === undefined ? {} : { notAfter: decision.notAfter }),
  };
}

async function answerIdToken(
  context: RequestContext,
  client: ClientFacts,
  issue: Issue,
  parties: Parties,
): Promise<TokenAnswer> {
  const { subject } = parties;
  const { sessionId: _, ...rest } = issue;
  // The `sid` told is the subject's own session, never that of whoever acts for them.
  const own = subject.sessionId === undefined ? rest : issue;
  const idToken = await issueIdToken(context, own);
  if (idToken === undefined) throw new Error('an exchange for an application gave no ID token');
  const { application } = client;
  const lifetime = application.idTokenLifetimeSeconds ?? context.instance.settings.idTokenLifetimeSeconds;
  const now = toSeconds(issue.issuedAtMs);
  return {
    access_token: idToken,
    issued_token_type: tokenTypes.idToken,
    token_type: 'N_A',
    expires_in: Math.min(now + lifetime, issue.notAfter ?? Number.POSITIVE_INFINITY) - now,
    scope: describeScopes(issue.scopes, client.project.roleKeys).join(' '),
  };
}

async function answer(
  context: RequestContext,
  { client, request }: Exchange,
  issue: Issue,
  parties: Parties,
): Promise<TokenAnswer> {
  if (request.requestedType === tokenTypes.idToken)
    return await answerIdToken(context, client, issue, parties);
  const isJwt = request.requestedType === tokenTypes.jwt;
  const all = await issueTokens(context, isJwt ? { ...issue, accessTokenType: 'jwt' } : issue);
  const { id_token: idToken, ...tokens } = all;
  // An ID token names the subject's own session; where the token hangs on the actor's, none is given out beside it.
  const isOwnSession = issue.sessionId === parties.subject.sessionId;
  return {
    ...tokens,
    ...(idToken === undefined || !isOwnSession ? {} : { id_token: idToken }),
    issued_token_type: request.requestedType,
  };
}

async function decide(context: RequestContext, { client, request }: Exchange, parties: Parties) {
  const { subject, actor } = parties;
  const decision = decideExchange({
    issuer: context.instance.origin,
    subjectType: request.subjectType,
    subject,
    ...(actor === undefined ? {} : { actor }),
    ...(request.scopes === undefined ? {} : { scopes: request.scopes }),
    projectRoleKeys: client.project.roleKeys,
  });
  if (decision.kind === 'refused') throw refused(decision);
  if (decision.kind === 'impersonation' && actor !== undefined)
    await checkImpersonation(context, subject, actor);
  const targets = await findTargets(context, client, request, subject);
  const kept = await obtainScopes(context, obtainingWith(client, subject), decision.scopes);
  const aimed = targets.projectIds.map((id) => `urn:zitadel:iam:org:project:id:${id}:aud`);
  const scopes = [...new Set([...kept.scopes, ...aimed])];
  const projectIds = [...new Set([...kept.projectIds, ...targets.projectIds])];
  checkIssue(client, subject, scopes);
  if (request.requestedType === tokenTypes.idToken && !scopes.includes('openid'))
    throw new OAuthError('invalid_scope', 'an ID token needs the scope openid; ask for it');
  return { decision, scopes, projectIds, resources: targets.resources };
}

async function record(
  context: RequestContext,
  { client, request, issuedAtMs }: Exchange,
  { decision, scopes }: { readonly decision: ExchangeDecision; readonly scopes: readonly string[] },
  parties: Parties,
): Promise<void> {
  const { subject } = parties;
  const { sessionId } = dependenciesOf(parties);
  const { clientId } = client.application;
  const actor = { kind: 'client', id: clientId, ip: context.ip } as const;
  await context.deps.store.change({ scope: context.instance.scope, actor, nowMs: issuedAtMs }, (change) =>
    recordTokenExchange(change, {
      kind: decision.kind,
      clientId,
      userId: subject.userId,
      organizationId: subject.subject.organization.id,
      scopes,
      issuedTokenType: request.requestedType,
      ...(decision.actor === undefined ? {} : { actorId: decision.actor.sub }),
      ...(sessionId === undefined ? {} : { sessionId }),
    }),
  );
}

/**
 * Exchanges a token for another: for a narrower one, for one of another kind or for another API, or for one by which
 * somebody acts as somebody else (RFC 8693 §2; ZITADEL dialect, token exchange).
 */
export const tokenExchangeGrant: Grant = async (context, caller, params, confirmation) => {
  const { deps, instance } = context;
  const issuedAtMs = deps.clock.now();
  const client = callerOf(caller);
  const request = parseExchangeRequest(params);
  if (request.kind === 'refused') throw refused(request);
  if (!client.application.grantTypes.includes(grantTypes.tokenExchange))
    throw new OAuthError(
      'unauthorized_client',
      'token exchange is not among the grant types of this application',
    );
  const exchange = { issuedAtMs, client, request, confirmation };
  const parties = await loadParties(context, client, request, confirmation);
  const decided = await decide(context, exchange, parties);
  const { scopes, projectIds, resources } = decided;
  const { subject, actor } = parties;
  const issue = buildIssue(client, parties, decided.decision, {
    ...{ issuedAtMs, scopes, projectIds, resources },
    confirmation: exchangedConfirmation(confirmation, [subject.confirmation, actor?.confirmation]),
    // Of the management API an exchange gives what was asked for and granted above, never its project unasked.
    ownProject: client.project.id === instance.settings.managementProjectId ? 'left-out' : 'included',
  });
  await record(context, exchange, decided, parties);
  return await answer(context, exchange, issue, parties);
};
