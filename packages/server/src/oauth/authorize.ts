import {
  checkAuthorizeRequest,
  decideAuthorize,
  epochMs,
  parseParams,
  type SessionFacts,
} from '@latchkey/protocol';
import type { LiveSession } from '@latchkey/store';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import { PageError, RedirectError } from '../platform/errors.ts';
import { type Answer, type RequestContext, readForm } from '../platform/http.ts';
import { loginRedirect } from '../platform/login-flow.ts';
import { finishAuthorize } from './finish-authorize.ts';
import { readIdTokenHint } from './id-token-hint.ts';

function toSessionFacts(session: LiveSession): SessionFacts {
  return {
    sessionId: session.id,
    userId: session.userId,
    loginName: session.loginName,
    organizationId: session.organizationId,
    authTimeMs: epochMs(session.authTimeMs),
  };
}

/** GET and POST /oauth/v2/authorize: RFC 6749 §4.1.1, OpenID Connect Core §3.1.2. */
export async function authorize(context: RequestContext): Promise<Answer> {
  const { deps, instance } = context;
  const parsed = context.request.method === 'POST' ? await readForm(context) : parseParams(context.query);
  const clientId = parsed.params.get('client_id');
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const client = clientId === undefined ? undefined : await deps.facts.clients.load(instance.scope, clientId);
  const verdict = checkAuthorizeRequest({ parsed, client });
  switch (verdict.kind) {
    case 'page-error':
      throw new PageError(verdict.problem.code, 400, verdict.problem.detail);
    case 'redirect-error':
      throw new RedirectError(verdict.target, verdict.error, verdict.description);
    case 'checked':
      break;
  }
  const { idTokenHint, ...plain } = verdict.request;
  const hint = readIdTokenHint(instance, idTokenHint);
  const request = hint === undefined ? plain : { ...plain, hintedUserId: hint.userId };
  const sessions = await loadBrowserSessions(context);
  const decision = decideAuthorize({
    request,
    sessions: sessions.map(toSessionFacts),
    now: deps.clock.now(),
    ...(hint === undefined ? {} : { hintedUserId: hint.userId }),
  });
  switch (decision.kind) {
    case 'grant-now':
      return await finishAuthorize(context, request, {
        id: decision.session.sessionId,
        userId: decision.session.userId,
      });
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
