import type { Subject } from '@latchkey/identity';
import {
  type AccessTokenFacts,
  type ActorTokenType,
  type ClientFacts,
  type Confirmation,
  checkClientAssertion,
  type ExchangeParty,
  epochMs,
  epochSeconds,
  holdsKeyOf,
  isExchangeableBy,
  parseCompactJwt,
  readActorClaim,
  reservedScopes,
  type SubjectStanding,
  type SubjectTokenType,
  tokenTypes,
  whyDead,
} from '@latchkey/protocol';
import { clientCertificateOf } from '../platform/client-certificate.ts';
import { findClientKeys } from '../platform/client-keys.ts';
import { OAuthError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { asymmetricAlgorithms, verifyJws } from '../platform/jws.ts';
import { personalUse } from '../platform/obtain.ts';
import { verifyOwnJwt } from '../platform/signing-keys.ts';
import { standingOf } from '../platform/subject-standing.ts';
import { readAccessToken } from '../platform/tokens.ts';

/** A party of an exchange with what its tokens depend on. */
export interface LoadedParty extends ExchangeParty {
  readonly subject: Subject;
  readonly audience: readonly string[];
  /** The owner of a personal access token. */
  readonly personalOwner?: SubjectStanding;
  readonly sessionId?: string;
  readonly grantId?: string;
  readonly amr: readonly string[];
  /** The key the token shown is bound to, which the caller proved to hold. */
  readonly confirmation?: Confirmation;
  /** Ids of what the token shown depends on: what comes of it dies with them too. */
  readonly dependsOn: readonly string[];
}

/** A token that was shown for an exchange. */
export interface ShownToken {
  /** The parameter it came in, for the sentence that refuses it. */
  readonly parameter: 'subject_token' | 'actor_token';
  readonly text: string;
  readonly client: ClientFacts;
  readonly confirmation: Confirmation | undefined;
}

/** RFC 8693 §2.2.2: whatever is wrong with one of the tokens, the code is invalid_request. */
function refuse({ parameter }: ShownToken, detail: string, internal: string): OAuthError {
  return new OAuthError('invalid_request', `${parameter} ${detail}`, { internal });
}

/** What somebody else's application was let have, nobody agreed to its exchange for another (RFC 9700 §4.9). */
function refuseThirdParty(shown: ShownToken, issuedTo: string): void {
  const { isThirdParty, clientId } = shown.client.application;
  if (shown.parameter === 'subject_token' && isThirdParty && issuedTo !== clientId)
    throw refuse(shown, 'was issued to another application than this one of a third party', 'third party');
}

/** Every role of one project says nothing about the roles of another, so it does not come along there. */
function scopesFor({ client }: ShownToken, { scopes, projectId }: AccessTokenFacts): readonly string[] {
  return projectId === client.project.id
    ? scopes
    : scopes.filter((scope) => scope !== reservedScopes.everyRole);
}

function partyOf(token: AccessTokenFacts, subject: Subject): LoadedParty {
  return {
    subject,
    userId: token.userId,
    scopes: token.scopes,
    audience: token.audience,
    expiresAt: token.expiresAt,
    amr: token.amr,
    dependsOn: [token.tokenId, token.sessionId, token.grantId, ...(token.dependsOn ?? [])].filter(
      (id): id is string => id !== undefined && id !== '',
    ),
    ...(token.confirmation === undefined ? {} : { confirmation: token.confirmation }),
    ...(token.personal === true ? { personalOwner: standingOf(subject) } : {}),
    ...(token.actor === undefined ? {} : { actor: token.actor }),
    ...(token.actorAuthTime === undefined ? {} : { actorAuthTime: token.actorAuthTime }),
    ...(token.sessionId === undefined ? {} : { sessionId: token.sessionId }),
    ...(token.grantId === undefined ? {} : { grantId: token.grantId }),
    ...(token.authTime === undefined ? {} : { authTimeMs: token.authTime * 1000 }),
  };
}

async function byAccessToken(context: RequestContext, shown: ShownToken): Promise<LoadedParty> {
  const reading = await readAccessToken(context.deps, context.instance, shown.text);
  if (reading.kind === 'dead')
    throw refuse(shown, 'has expired, was revoked or is not an access token of this server', reading.reason);
  const { token, subject } = reading;
  const { application, project } = shown.client;
  const ids = { clientId: application.clientId, projectId: project.id };
  const personal = token.personal === true ? await personalUse(context, shown.client, subject) : undefined;
  if (!isExchangeableBy(token, ids, personal))
    throw refuse(shown, 'is not meant for this application', 'exchange by another');
  refuseThirdParty(shown, token.clientId);
  const { confirmation } = shown;
  const proven = {
    jkt: confirmation?.kind === 'dpop' ? confirmation.jkt : undefined,
    thumbprint: clientCertificateOf(context)?.thumbprint,
  };
  if (!holdsKeyOf(token.confirmation, proven))
    throw refuse(shown, 'is bound to a key; prove in this request that you hold it', 'exchange without key');
  return partyOf({ ...token, scopes: scopesFor(shown, token) }, subject);
}

function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((entry) => typeof entry === 'string');
}

/** What an ID token of ours stands for, as the facts of an access token with the scope openid. */
function openIdToken(context: RequestContext, shown: ShownToken): AccessTokenFacts | undefined {
  const { instance } = context;
  const jwt = parseCompactJwt(shown.text);
  const key = jwt === undefined ? undefined : verifyOwnJwt(instance.signingKeys, jwt);
  if (jwt === undefined || key === undefined || jwt.header.typ !== 'JWT') return undefined;
  const { iss, sub, azp, aud, exp, iat, sid, auth_time, amr, act } = jwt.payload;
  if (iss !== instance.origin || typeof sub !== 'string' || typeof azp !== 'string') return undefined;
  if (typeof exp !== 'number' || typeof iat !== 'number') return undefined;
  const actor = readActorClaim(act);
  return {
    tokenId: '',
    issuedAtMs: epochMs(iat * 1000),
    expiresAt: epochSeconds(exp),
    userId: sub,
    organizationId: '',
    clientId: azp,
    scopes: ['openid'],
    audience: texts(aud),
    amr: texts(amr ?? []),
    keyId: key.keyId,
    ...(typeof sid === 'string' ? { sessionId: sid } : {}),
    ...(typeof auth_time === 'number' ? { authTime: epochSeconds(auth_time) } : {}),
    ...(actor === undefined ? {} : { actor }),
  };
}

async function byIdToken(context: RequestContext, shown: ShownToken): Promise<LoadedParty> {
  const { deps, instance } = context;
  const opened = openIdToken(context, shown);
  if (opened === undefined) throw refuse(shown, 'is not an ID token of this server', 'no ID token of ours');
  const { clientIds } = shown.client.project;
  const { clientId } = shown.client.application;
  if (!opened.audience.some((entry) => entry === clientId || clientIds.includes(entry)))
    throw refuse(shown, 'is not meant for this application', 'exchange by another');
  refuseThirdParty(shown, opened.clientId);
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const issuer = await deps.facts.clients.load(instance.scope, opened.clientId);
  if (issuer?.application.subjectType === 'pairwise')
    throw refuse(shown, 'names the user for one application only; send the access token', 'pairwise');
  const subject = await deps.facts.subjects.load(instance.scope, opened.userId);
  const token = { ...opened, organizationId: subject?.organization.id ?? '' };
  const dead = whyDead(token, instance.id, deps.live.revocationsOf(instance.id), deps.clock.now());
  const isActive = subject?.user.state === 'active' && subject.organization.state === 'active';
  if (dead !== undefined || !isActive)
    throw refuse(shown, 'has expired, or the sign-in behind it has ended', dead?.kind ?? 'not active');
  return partyOf(token, subject);
}

async function byUserId(context: RequestContext, shown: ShownToken, userId: string): Promise<LoadedParty> {
  const { deps, instance } = context;
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const subject = await deps.facts.subjects.load(instance.scope, userId);
  if (subject === undefined) throw refuse(shown, 'names no user', 'no such user');
  return { subject, userId: subject.user.id, scopes: [], audience: [], amr: [], dependsOn: [] };
}

/** A user named by a JWT that the application signed: `iss` is its client_id, `sub` the user's id (ZITADEL dialect). */
async function byClientJwt(context: RequestContext, shown: ShownToken): Promise<LoadedParty> {
  const { instance, deps, path } = context;
  const { application } = shown.client;
  const jwt = parseCompactJwt(shown.text);
  const userId = jwt?.payload.sub;
  if (jwt === undefined || typeof userId !== 'string' || jwt.payload.iss !== application.clientId)
    throw refuse(shown, 'must be a JWT with the client_id as iss and the id of a user as sub', 'shape');
  const { alg, kid } = jwt.header;
  const keys = asymmetricAlgorithms.includes(alg)
    ? await findClientKeys(context, application, { kid, alg, use: 'sig' })
    : [];
  if (!keys.some(({ key }) => verifyJws(jwt, key, alg)))
    throw refuse(shown, 'is not signed by a key of this application', 'signature');
  // The rules of assertions hold but for sub, which names the user.
  const asAssertion = { ...jwt, payload: { ...jwt.payload, sub: application.clientId } };
  const problem = checkClientAssertion(asAssertion, {
    clientId: application.clientId,
    audiences: [instance.origin, `${instance.origin}/`, publicUrl(instance, path)],
    now: deps.clock.now(),
  });
  if (problem !== undefined) throw refuse(shown, `is refused: ${problem.detail}`, 'claims');
  return await byUserId(context, shown, userId);
}

/**
 * Finds out whom a subject or actor token speaks of. Throws `OAuthError` `invalid_request` for a token that is dead, of
 * somebody else, or not bound to a key the caller holds. Source: RFC 8693 §2.1, §2.2.2.
 */
export async function loadParty(
  context: RequestContext,
  shown: ShownToken,
  type: SubjectTokenType | ActorTokenType,
): Promise<LoadedParty> {
  switch (type) {
    case tokenTypes.accessToken:
      return await byAccessToken(context, shown);
    case tokenTypes.idToken:
      return await byIdToken(context, shown);
    case tokenTypes.jwt:
      return await byClientJwt(context, shown);
    case tokenTypes.userId:
      return await byUserId(context, shown, shown.text);
  }
}
