import {
  type AuthorizeFacts,
  type CheckedAuthorizeRequest,
  type ClientFacts,
  checkAuthorizeRequest,
  decideAuthorize,
  epochMs,
  type ParsedParams,
  parseParams,
  type SessionFacts,
} from '@latchkey/protocol';
import type { LiveSession } from '@latchkey/store';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import { PageError, RedirectError } from '../platform/errors.ts';
import { type Answer, type RequestContext, readForm } from '../platform/http.ts';
import { loginRedirect } from '../platform/login-flow.ts';
import { subjectFor } from '../platform/subject.ts';
import { finishAuthorize } from './finish-authorize.ts';
import { readIdTokenHint } from './id-token-hint.ts';
import { noteRefusedRequest } from './note-refused-request.ts';
import { isPushedReference, openPushedRequest, type PushedRequest } from './pushed-request.ts';
import { authorizeFacts, type ResolvedRequest, resolveRequestObject } from './request-object.ts';

function toSessionFacts(session: LiveSession): SessionFacts {
  return {
    sessionId: session.id,
    userId: session.userId,
    loginName: session.loginName,
    organizationId: session.organizationId,
    organizationDomain: session.organizationDomain,
    authTimeMs: epochMs(session.authTimeMs),
  };
}

/** The pushed request a reference stands for; nothing else of the request counts then (RFC 9126 §4). */
function readPushed(context: RequestContext, parsed: ParsedParams, reference: string): PushedRequest {
  const pushed = openPushedRequest(context.instance, reference);
  const isOurs = pushed !== undefined && pushed.clientId === parsed.params.get('client_id');
  if (!isOurs)
    throw new PageError('request-invalid', 400, 'request_uri was not given out to this client; push again');
  if (pushed.expiresAtMs <= context.deps.clock.now())
    throw new PageError('request-expired', 400, 'request_uri has expired; push the request again', {
      stopped: { clientId: pushed.clientId, redirectUri: pushed.params.get('redirect_uri') ?? '' },
    });
  return pushed;
}

interface Arrived extends ResolvedRequest {
  readonly client: ClientFacts | undefined;
  readonly pushed?: PushedRequest;
}

async function readRequest(context: RequestContext, parsed: ParsedParams): Promise<Arrived> {
  const { deps, instance } = context;
  const clientId = parsed.params.get('client_id');
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const client = clientId === undefined ? undefined : await deps.facts.clients.load(instance.scope, clientId);
  const reference = parsed.params.get('request_uri');
  if (client !== undefined && reference !== undefined && isPushedReference(reference)) {
    const pushed = readPushed(context, parsed, reference);
    const origin = { isPushed: true, isSigned: pushed.isSigned };
    return { parsed: { params: pushed.params }, origin, client, pushed };
  }
  if (client === undefined || parsed.problem !== undefined)
    return { parsed, origin: { isPushed: false, isSigned: false }, client };
  return { ...(await resolveRequestObject(context, client, parsed)), client };
}

function judge(facts: AuthorizeFacts) {
  const verdict = checkAuthorizeRequest(facts);
  switch (verdict.kind) {
    case 'page-error':
      throw new PageError(verdict.problem.code, 400, verdict.problem.detail);
    case 'redirect-error':
      throw new RedirectError(verdict.target, verdict.error, verdict.description);
    case 'checked':
      return verdict.request;
  }
}

/** A pushed request, with the single use of its reference, and whom its hint named. */
function withPushed(
  request: CheckedAuthorizeRequest,
  { id, keepUntilMs, hintedSubject }: PushedRequest,
): CheckedAuthorizeRequest {
  const hinted = hintedSubject === undefined ? {} : { hintedUserId: hintedSubject };
  return { ...request, ...hinted, pushed: { id, keepUntilMs } };
}

async function checkedRequest(context: RequestContext) {
  const sent = context.request.method === 'POST' ? await readForm(context) : parseParams(context.query);
  let params = sent.params;
  try {
    const { parsed, origin, client, pushed } = await readRequest(context, sent);
    params = parsed.params;
    const judged = judge(await authorizeFacts(context, client, parsed, origin));
    return { request: pushed === undefined ? judged : withPushed(judged, pushed), client };
  } catch (error) {
    const clientId = sent.params.get('client_id');
    await noteRefusedRequest(context, { type: 'authorization.refused', clientId, params, error });
    throw error;
  }
}

/** The user a hint names: by the session it came of, else by the subject the application was told. */
function hintedUser(
  context: RequestContext,
  client: ClientFacts | undefined,
  subject: string,
  sessions: readonly LiveSession[],
): string {
  const known = sessions.find(
    (session) =>
      client !== undefined && subjectFor(context.instance, client.application, session.userId) === subject,
  );
  return known?.userId ?? subject;
}

/** GET and POST /oauth/v2/authorize: RFC 6749 §4.1.1, OpenID Connect Core §3.1.2, RFC 9101, RFC 9126 §4. */
export async function authorize(context: RequestContext): Promise<Answer> {
  const { request: checked, client } = await checkedRequest(context);
  const sessions = await loadBrowserSessions(context);
  const { idTokenHint, ...plain } = checked;
  const subject = readIdTokenHint(context.instance, idTokenHint)?.userId ?? plain.hintedUserId;
  const hintedUserId = subject === undefined ? undefined : hintedUser(context, client, subject, sessions);
  const request = hintedUserId === undefined ? plain : { ...plain, hintedUserId };
  if (request.prompts.includes('create')) return loginRedirect(context, { request, wish: 'register' });
  const decision = decideAuthorize({
    request,
    sessions: sessions.map(toSessionFacts),
    now: context.deps.clock.now(),
    ...(hintedUserId === undefined ? {} : { hintedUserId }),
  });
  switch (decision.kind) {
    case 'grant-now': {
      const { sessionId: id, userId } = decision.session;
      const [latest] = sessions;
      const seen = latest?.id === id ? { lastSeenAtMs: latest.lastSeenAtMs } : {};
      return await finishAuthorize(context, request, { id, userId, ...seen });
    }
    case 'redirect-error':
      throw new RedirectError(request, decision.error, decision.description);
    case 'ask-account':
      return loginRedirect(context, { request, wish: 'choose-account' });
    case 'ask-login':
      return loginRedirect(context, {
        request,
        ...(decision.loginName === undefined ? {} : { loginName: decision.loginName }),
      });
  }
}
