import { decideEndSession, describeParamsProblem, type Params, parseParams } from '@latchkey/protocol';
import { endSessions } from '@latchkey/store';
import { cookieWithoutSessions, loadBrowserSessions } from '../platform/browser-sessions.ts';
import { PageError } from '../platform/errors.ts';
import { type Answer, type RequestContext, readForm } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { signOutRedirect } from '../platform/login-flow.ts';
import { redirect } from '../platform/pages.ts';
import { readIdTokenHint } from './id-token-hint.ts';

async function readParams(context: RequestContext): Promise<Params> {
  const { params, problem } =
    context.request.method === 'POST' ? await readForm(context) : parseParams(context.query);
  if (problem !== undefined) throw new PageError('request-invalid', 400, describeParamsProblem(problem));
  return params;
}

/** GET and POST /oidc/v1/end_session: OpenID Connect RP-Initiated Logout 1.0. */
export async function endSession(context: RequestContext): Promise<Answer> {
  const { deps, instance } = context;
  const params = await readParams(context);
  const hint = readIdTokenHint(instance, params.get('id_token_hint'));
  const clientId = params.get('client_id');
  const namedId = hint?.clientId ?? clientId;
  const client = namedId === undefined ? undefined : await deps.facts.clients.load(instance.scope, namedId);
  const sessions = await loadBrowserSessions(context);
  const uri = params.get('post_logout_redirect_uri');
  const state = params.get('state');
  const decision = decideEndSession({
    ...(clientId === undefined ? {} : { clientId }),
    ...(hint === undefined ? {} : { hint }),
    ...(uri === undefined ? {} : { postLogoutRedirectUri: uri }),
    ...(state === undefined ? {} : { state }),
    registeredUris: client?.application.postLogoutRedirectUris ?? [],
    sessions: sessions.map((session) => ({ sessionId: session.id, userId: session.userId })),
  });
  switch (decision.kind) {
    case 'page-error':
      throw new PageError('request-invalid', 400, decision.detail);
    case 'confirm':
      return signOutRedirect(context, decision.returnTo);
    case 'end': {
      const actor = { kind: 'client', id: namedId ?? 'end-session', ip: context.ip } as const;
      await deps.store.change({ scope: instance.scope, actor, nowMs: deps.clock.now() }, (change) =>
        endSessions(change, decision.sessionIds, 'signed-out'),
      );
      return redirect(context, decision.returnTo ?? publicUrl(instance, '/logout/done'), {
        'set-cookie': cookieWithoutSessions(context, decision.sessionIds),
      });
    }
  }
}
