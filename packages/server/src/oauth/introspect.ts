import { reservedUserClaims, roleClaims, type Subject, userClaims } from '@latchkey/identity';
import {
  type AccessTokenFacts,
  buildIntrospection,
  buildMinimalIntrospection,
  type ClientFacts,
  inactive,
  interpretScopes,
  introspectionCallerOf,
  isMeantFor,
  signedIntrospectionClaims,
  signedIntrospectionType,
  type TokenProject,
  toSeconds,
  wantsSignedIntrospection,
} from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { type Answer, json, jsonText, type RequestContext, readOAuthForm } from '../platform/http.ts';
import { personalUse } from '../platform/obtain.ts';
import { activeKey, signJwt } from '../platform/signing-keys.ts';
import { readAccessToken, type TokenReading } from '../platform/tokens.ts';
import { type AuthenticatedClient, authenticateClient } from './client-auth.ts';

function callerOf(client: AuthenticatedClient): ClientFacts {
  if (client.kind === 'application' && client.provenBy !== 'none') return client.facts;
  throw new OAuthError(
    'unauthorized_client',
    'introspection needs an API application, or another with a secret or key',
    { status: 403 },
  );
}

/** Claims about the user: by the token's scopes, with the roles in the caller's own project always (ZITADEL dialect). */
function claimsFor(caller: ClientFacts, token: AccessTokenFacts, subject: Subject) {
  const meaning = interpretScopes(token.scopes);
  return {
    ...userClaims(subject.user, token.scopes),
    ...reservedUserClaims(subject, meaning),
    ...roleClaims(subject.authorizations, {
      ownProjectId: caller.project.id,
      projectIds: [caller.project.id],
      organizationIds: meaning.roleOrganizationIds,
    }),
  };
}

type Introspected = Readonly<Record<string, unknown>>;

/** Who issued the token, and the project it was issued in. */
interface TokenOrigin {
  readonly issuer: string;
  readonly project: TokenProject | undefined;
}

function describeToken(
  caller: ClientFacts,
  token: AccessTokenFacts,
  subject: Subject,
  about: TokenOrigin,
): Introspected {
  const { isMinimalIntrospection } = caller.application;
  const ids = introspectionCallerOf(caller);
  if (isMinimalIntrospection) return buildMinimalIntrospection(token, ids, about.issuer, about.project);
  const claims = claimsFor(caller, token, subject);
  return buildIntrospection(
    token,
    { loginName: subject.user.loginName, claims },
    ids,
    about.issuer,
    about.project,
  );
}

interface WrittenAnswer {
  readonly subject: Subject;
  readonly caller: ClientFacts;
  readonly about: TokenOrigin;
  readonly text: string;
}

// Kept with the token that was opened; other facts of user, caller or project are another object, so an old answer never comes back.
const writtenAnswers = new WeakMap<AccessTokenFacts, WrittenAnswer>();

/** The active answer as JSON. It holds no clock, so one token is told to one caller in the same words each time. */
function writeAnswer(
  caller: ClientFacts,
  token: AccessTokenFacts,
  subject: Subject,
  about: TokenOrigin,
): string {
  const known = writtenAnswers.get(token);
  if (
    known?.subject === subject &&
    known.caller === caller &&
    known.about.issuer === about.issuer &&
    known.about.project === about.project
  )
    return known.text;
  const text = JSON.stringify(describeToken(caller, token, subject, about));
  writtenAnswers.set(token, { subject, caller, about, text });
  return text;
}

function wantsSigned(context: RequestContext): boolean {
  const accept = context.request.headers.get('accept');
  return accept !== null && accept.length <= 1000 && wantsSignedIntrospection(accept);
}

/** An answer the caller can show to others, signed as its settings say (RFC 9701 §5). */
async function signAnswer(
  context: RequestContext,
  caller: ClientFacts,
  answer: Introspected,
): Promise<Answer> {
  const { instance, deps } = context;
  const { clientId, introspectionSignedResponseAlg } = caller.application;
  const claims = signedIntrospectionClaims(answer, {
    issuer: instance.origin,
    audience: clientId,
    issuedAt: toSeconds(deps.clock.now()),
  });
  const key = activeKey(instance, introspectionSignedResponseAlg ?? 'RS256');
  const plain = jsonText(await signJwt(key, claims, 'token-introspection+jwt'));
  return { ...plain, headers: { ...plain.headers, 'content-type': signedIntrospectionType } };
}

function refuse(context: RequestContext, caller: ClientFacts, reading: TokenReading): void {
  const { deps, instance } = context;
  const { id: applicationId, clientId } = caller.application;
  const reason = reading.kind === 'dead' ? reading.reason : 'not meant for the caller';
  const token = reading.token;
  deps.log.debug({ caller: clientId, reason }, 'introspection: inactive');
  deps.metrics.countIntrospection('inactive');
  deps.usage.note(instance.id, 'introspections-inactive', applicationId);
  const { tokenId, sessionId, organizationId } = token ?? {};
  deps.refusals.note({
    type: 'introspection.refused',
    scope: instance.scope,
    applicationId,
    clientId,
    tokenId,
    reason,
    sessionId,
    organizationId,
  });
}

/**
 * A brake on guesses of a client that proved itself: texts that are no token of ours. A token of ours is always answered,
 * so that garbage which others send to an API takes nothing from those who use it.
 */
function brakeGuesses(context: RequestContext, caller: ClientFacts): void {
  const { brakes, clock } = context.deps;
  const { id: objectId } = caller.application;
  const key = `${context.instance.id} ${objectId}`;
  const now = clock.monotonicMs();
  const waitMs = brakes.unreadableTokens.waitMs(key, now);
  if (waitMs === 0) {
    brakes.unreadableTokens.count(key, now);
    return;
  }
  const { organizationId } = caller.project;
  brakes.alarm(context, { kind: 'unreadable-tokens', objectKind: 'application', objectId, organizationId });
  throw new OAuthError('temporarily_unavailable', 'too many texts that are no tokens; ask again later', {
    status: 429,
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
  });
}

/**
 * POST /oauth/v2/introspect: RFC 7662, and RFC 9701 for those who ask. Negative answers never say why; the reason goes to
 * the log.
 */
export async function introspect(context: RequestContext): Promise<Answer> {
  const params = await readOAuthForm(context);
  const caller = callerOf(await authenticateClient(context, params, 'reusable'));
  const text = params.get('token');
  if (text === undefined) throw new OAuthError('invalid_request', 'token is missing');
  const { deps, instance } = context;
  const reading = await readAccessToken(deps, instance, text);
  const ids = introspectionCallerOf(caller);
  const personal =
    reading.kind === 'live' && reading.token.personal === true
      ? await personalUse(context, caller, reading.subject)
      : undefined;
  if (reading.kind === 'dead' || !isMeantFor(reading.token, ids, personal)) {
    refuse(context, caller, reading);
    if (reading.token === undefined) brakeGuesses(context, caller);
    return wantsSigned(context) ? await signAnswer(context, caller, inactive) : json(200, inactive);
  }
  deps.metrics.countIntrospection('active');
  deps.usage.note(instance.id, 'introspections-active', caller.application.id);
  const { token, subject, client } = reading;
  // An API may ask at another domain than the one where the token was issued.
  const about = { issuer: token.issuer ?? instance.primaryOrigin, project: client?.project };
  return wantsSigned(context)
    ? await signAnswer(context, caller, describeToken(caller, token, subject, about))
    : jsonText(writeAnswer(caller, token, subject, about));
}
