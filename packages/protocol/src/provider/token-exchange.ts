import { type EpochSeconds, epochSeconds } from '../brands.ts';
import type { OAuthErrorCode } from '../wire/names.ts';
import type { Params } from '../wire/params.ts';
import {
  foldEveryRole,
  grantableScopes,
  interpretScopes,
  nameEveryRole,
  parseScope,
  reservedScopes,
} from '../wire/scope.ts';
import type { AccessTokenFacts, Actor, Confirmation } from './access-token.ts';
import { isMeantFor, type PersonalTokenUse } from './introspection.ts';

/** Token types of RFC 8693 §3, and the dialect's for a bare user id. */
export const tokenTypes = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  idToken: 'urn:ietf:params:oauth:token-type:id_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  userId: 'urn:zitadel:params:oauth:token-type:user_id',
} as const;

/** What a subject may be told by. */
export type SubjectTokenType = (typeof tokenTypes)[keyof typeof tokenTypes];
/** What an actor may be told by: only what they have proved themselves with. */
export type ActorTokenType = typeof tokenTypes.accessToken | typeof tokenTypes.idToken;
/** What may be asked for. Never a refresh token: what is exchanged must not outlive what it came of. */
export type RequestedTokenType = ActorTokenType | typeof tokenTypes.jwt;

/** A token exchange as asked for. */
export interface ExchangeRequest {
  readonly subjectToken: string;
  readonly subjectType: SubjectTokenType;
  readonly actor?: { readonly token: string; readonly type: ActorTokenType };
  readonly requestedType: RequestedTokenType;
  /** Absent when nothing was asked for: as much as the subject token has. */
  readonly scopes?: readonly string[];
  readonly resources: readonly string[];
  readonly audience: readonly string[];
}

/** Why there will be no exchange, as the caller is told. */
export interface ExchangeRefusal {
  readonly kind: 'refused';
  readonly error: OAuthErrorCode;
  readonly description: string;
}

const maximumTargets = 20;
const maximumActors = 5;

function refuse(error: OAuthErrorCode, description: string): ExchangeRefusal {
  return { kind: 'refused', error, description };
}

function words(text: string | undefined): readonly string[] {
  return [...new Set((text ?? '').split(' ').filter((word) => word !== ''))];
}

function isTarget(uri: string): boolean {
  return /^[\x21-\x5b\x5d-\x7e]+$/.test(uri) && URL.canParse(uri) && !uri.includes('#');
}

function subjectTypeOf(text: string | undefined): SubjectTokenType | undefined {
  return Object.values(tokenTypes).find((type) => type === text);
}

function actorTypeOf(text: string | undefined): ActorTokenType | undefined {
  return [tokenTypes.accessToken, tokenTypes.idToken].find((type) => type === text);
}

function requestedTypeOf(text: string | undefined): RequestedTokenType | undefined {
  if (text === undefined) return tokenTypes.accessToken;
  return [tokenTypes.accessToken, tokenTypes.idToken, tokenTypes.jwt].find((type) => type === text);
}

function readActor(params: Params): ExchangeRequest['actor'] | ExchangeRefusal {
  const token = params.get('actor_token');
  const typeText = params.get('actor_token_type');
  if (token === undefined && typeText === undefined) return undefined;
  const type = actorTypeOf(typeText);
  if (token === undefined || type === undefined)
    return refuse(
      'invalid_request',
      'actor_token and actor_token_type go together; the type is that of an access_token or id_token',
    );
  return { token, type };
}

function readTargets(params: Params): Pick<ExchangeRequest, 'resources' | 'audience'> | ExchangeRefusal {
  const resources = words(params.get('resource'));
  const audience = words(params.get('audience'));
  if (resources.length + audience.length > maximumTargets)
    return refuse('invalid_target', 'too many values of resource and audience; ask for fewer at a time');
  if (!resources.every(isTarget))
    return refuse('invalid_target', 'resource must be an absolute URI without a fragment');
  return { resources, audience };
}

/**
 * Reads the parameters of a token exchange.
 * @see RFC 8693 §2.1; ZITADEL dialect, token exchange
 */
export function parseExchangeRequest(
  params: Params,
): ({ readonly kind: 'request' } & ExchangeRequest) | ExchangeRefusal {
  const subjectToken = params.get('subject_token');
  const subjectType = subjectTypeOf(params.get('subject_token_type'));
  if (subjectToken === undefined) return refuse('invalid_request', 'subject_token is missing');
  if (subjectType === undefined)
    return refuse('invalid_request', 'subject_token_type must be access_token, id_token, jwt or user_id');
  const requestedType = requestedTypeOf(params.get('requested_token_type'));
  if (requestedType === undefined)
    return refuse('invalid_request', 'requested_token_type must be access_token, id_token or jwt');
  const actor = readActor(params);
  if (actor !== undefined && 'kind' in actor) return actor;
  if (actor === undefined && (subjectType === tokenTypes.jwt || subjectType === tokenTypes.userId))
    return refuse(
      'invalid_request',
      'actor_token is missing; a subject that is only named must have somebody act for it',
    );
  const targets = readTargets(params);
  if ('kind' in targets) return targets;
  const scopes = parseScope(params.get('scope'));
  if (scopes === undefined)
    return refuse('invalid_scope', 'scope has characters a scope must not have, or too many entries');
  return {
    kind: 'request',
    ...{ subjectToken, subjectType, requestedType },
    ...targets,
    ...(actor === undefined ? {} : { actor }),
    ...(params.has('scope') ? { scopes } : {}),
  };
}

/** The client that asks, by the names an audience may call it. */
export interface ExchangeClient {
  readonly clientId: string;
  readonly projectId: string;
}

/**
 * Whether a client may exchange a token: it was issued to the client, is meant for it or its project, or is meant for nobody
 * but whom its owner hands it to (a machine's own token). A token for another API is not, nor a personal access token
 * whose owner may not obtain the project of the client.
 * @see RFC 8693 §1, §2.1, RFC 9700 §4.9 (a token must be used where it is meant for)
 */
export function isExchangeableBy(
  token: Pick<AccessTokenFacts, 'clientId' | 'applicationId' | 'audience' | 'personal'>,
  client: ExchangeClient,
  personal?: PersonalTokenUse,
): boolean {
  const { audience, clientId, applicationId } = token;
  if (token.personal === true) return isMeantFor(token, client, personal);
  return (
    clientId === client.clientId ||
    isMeantFor(token, client) ||
    (applicationId === undefined && audience.every((entry) => entry === clientId))
  );
}

/**
 * Whether the caller holds the key a token is bound to, if it is bound to one.
 * @see RFC 9449 §7, RFC 8705 §3
 */
export function holdsKeyOf(
  token: Confirmation | undefined,
  proven: { readonly jkt: string | undefined; readonly thumbprint: string | undefined },
): boolean {
  switch (token?.kind) {
    case undefined:
      return true;
    case 'dpop':
      return token.jkt === proven.jkt;
    case 'certificate':
      return token.thumbprint === proven.thumbprint;
  }
}

/** A subject or actor as its token tells, once the token has been found good. */
export interface ExchangeParty {
  readonly userId: string;
  readonly scopes: readonly string[];
  /** When they signed in; absent for machines, for one who is only named, and when it is unknown. */
  readonly authTimeMs?: number;
  /** Who acted already. */
  readonly actor?: Actor;
  /** When that actor signed in. */
  readonly actorAuthTime?: EpochSeconds;
  /** When its token ends; absent for one that is no token of ours. */
  readonly expiresAt?: EpochSeconds;
}

/** What an exchange is decided from. */
export interface ExchangeQuestion {
  readonly issuer: string;
  readonly subjectType: SubjectTokenType;
  readonly subject: ExchangeParty;
  readonly actor?: ExchangeParty;
  /** Absent when nothing was asked for. */
  readonly scopes?: readonly string[];
  readonly projectRoleKeys: readonly string[];
}

/** What an exchange yields. `impersonation` needs somebody's permission besides. */
export interface ExchangeDecision {
  readonly kind: 'exchange' | 'impersonation';
  readonly scopes: readonly string[];
  readonly actor?: Actor;
  /** When whoever acts signed in; absent for machines, and when it is unknown. */
  readonly actorAuthTime?: EpochSeconds;
  readonly notAfter?: EpochSeconds;
}

type Link = Pick<Actor, 'iss' | 'sub'>;

function linksOf(actor: Actor | undefined): readonly Link[] {
  return actor === undefined ? [] : [{ iss: actor.iss, sub: actor.sub }, ...linksOf(actor.act)];
}

function nest(links: readonly Link[]): Actor | undefined {
  return links.reduceRight<Actor | undefined>(
    (act, link) => (act === undefined ? link : { ...link, act }),
    undefined,
  );
}

/** When whoever will act with the new token signed in: never the time of the person they act for. */
function actorAuthTimeOf(
  { subject, actor }: ExchangeQuestion,
  kind: ExchangeDecision['kind'],
): EpochSeconds | undefined {
  if (actor?.actor !== undefined) return actor.actorAuthTime;
  if (kind === 'exchange') return subject.actor === undefined ? undefined : subject.actorAuthTime;
  return actor?.authTimeMs === undefined ? undefined : epochSeconds(Math.floor(actor.authTimeMs / 1000));
}

function scopesOf(
  { subject, actor, scopes: asked, projectRoleKeys }: ExchangeQuestion,
  kind: ExchangeDecision['kind'],
): readonly string[] | undefined {
  const lent = kind === 'impersonation' ? (actor?.scopes ?? []) : [];
  const allowed = [...subject.scopes, ...lent];
  const usual = subject.scopes.length > 0 ? subject.scopes : lent;
  const wanted = (asked === undefined ? usual : interpretScopes(asked).known).filter(
    (scope) => scope !== 'offline_access',
  );
  const named = new Set([...allowed, ...nameEveryRole(allowed, projectRoleKeys)]);
  if (!wanted.every((scope) => named.has(scope))) return undefined;
  const granted = grantableScopes(wanted, projectRoleKeys);
  return allowed.includes(reservedScopes.everyRole) ? foldEveryRole(granted, projectRoleKeys) : granted;
}

/**
 * Decides what a token exchange yields: scopes no wider than those of the tokens shown, the chain of those who act, and an end
 * no later than theirs. Somebody who acts for another user, or for one who is only named, impersonates.
 * @see RFC 8693 §1.1, §2.1, §4.1; ZITADEL dialect, token exchange
 */
export function decideExchange(question: ExchangeQuestion): ExchangeDecision | ExchangeRefusal {
  const { subject, actor, subjectType, issuer } = question;
  const isNamedOnly = subjectType === tokenTypes.jwt || subjectType === tokenTypes.userId;
  const isAnother = actor !== undefined && (isNamedOnly || actor.userId !== subject.userId);
  const kind = isAnother ? 'impersonation' : 'exchange';
  const scopes = scopesOf(question, kind);
  if (scopes === undefined)
    return refuse('invalid_scope', 'scope asks for more than the tokens shown have; ask for less');
  const present: readonly Link[] = isAnother ? [{ iss: issuer, sub: actor.userId }] : [];
  const links = [...present, ...linksOf(actor?.actor), ...linksOf(subject.actor)];
  if (links.length > maximumActors)
    return refuse(
      'invalid_request',
      'too many have acted for one another already; begin with a first-hand token',
    );
  const chain = nest(links);
  const actorAuthTime = actorAuthTimeOf(question, kind);
  const ends = [subject.expiresAt, actor?.expiresAt].filter((end) => end !== undefined);
  return {
    kind,
    scopes,
    ...(chain === undefined ? {} : { actor: chain }),
    ...(actorAuthTime === undefined ? {} : { actorAuthTime }),
    ...(ends.length === 0 ? {} : { notAfter: epochSeconds(Math.min(...ends)) }),
  };
}

/**
 * The `act` claim of a token of ours, as an actor; `undefined` when there is none.
 * @see RFC 8693 §4.1
 */
export function readActorClaim(claim: unknown): Actor | undefined {
  if (typeof claim !== 'object' || claim === null || !('iss' in claim) || !('sub' in claim)) return undefined;
  const { iss, sub } = claim;
  if (typeof iss !== 'string' || typeof sub !== 'string') return undefined;
  const act = 'act' in claim ? readActorClaim(claim.act) : undefined;
  return { iss, sub, ...(act === undefined ? {} : { act }) };
}
