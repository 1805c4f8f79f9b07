import {
  decideEndSession,
  describeParamsProblem,
  limits,
  type Params,
  parseParams,
} from '@latchkey/protocol';
import { answerSignOut } from '../platform/answer-sign-out.ts';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import { PageError } from '../platform/errors.ts';
import { type Answer, type RequestContext, readForm } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { signOutRedirect } from '../platform/login-flow.ts';
import { redirect } from '../platform/pages.ts';
import { subjectFor } from '../platform/subject.ts';
import { readSignOutHint, sealHint } from './id-token-hint.ts';

/** What the parameters may hold, in characters: each comes back in an address. */
const maximumLengths: Readonly<Record<string, number>> = {
  state: limits.signOut,
  post_logout_redirect_uri: limits.signOut,
  client_id: limits.signOut,
  logout_hint: 250,
  id_token_hint: limits.readText,
  ui_locales: 250,
};

async function readParams(context: RequestContext): Promise<Params> {
  const { params, problem } =
    context.request.method === 'POST' ? await readForm(context) : parseParams(context.query);
  if (problem !== undefined) throw new PageError('request-invalid', 400, describeParamsProblem(problem));
  for (const [name, maximum] of Object.entries(maximumLengths)) {
    if ((params.get(name)?.length ?? 0) > maximum)
      throw new PageError('request-invalid', 400, `${name} is longer than ${maximum} characters; shorten it`);
  }
  return params;
}

/** GET and POST /oidc/v1/end_session: OpenID Connect RP-Initiated Logout 1.0. */
export async function endSession(context: RequestContext): Promise<Answer> {
  const { deps, instance } = context;
  const params = await readParams(context);
  const hintText = params.get('id_token_hint');
  const hint = readSignOutHint(instance, hintText) ?? (hintText === undefined ? undefined : 'refused');
  const clientId = params.get('client_id');
  const namedId = hint === undefined || hint === 'refused' ? clientId : hint.clientId;
  const client = namedId === undefined ? undefined : await deps.facts.clients.load(instance.scope, namedId);
  const sessions = await loadBrowserSessions(context);
  // Browsers send no SameSite=Lax cookie with a form of another site, but with the GET that follows it.
  if (context.request.method === 'POST' && sessions.length === 0 && hint !== undefined) {
    // An ID token may be longer than an address should be.
    const short = hint === 'refused' ? hint : sealHint(instance, hint);
    return redirect(
      context,
      publicUrl(instance, context.path, { ...Object.fromEntries(params), id_token_hint: short }),
    );
  }
  const uri = params.get('post_logout_redirect_uri');
  const state = params.get('state');
  const logoutHint = params.get('logout_hint');
  const locale = params.get('ui_locales');
  const decision = decideEndSession({
    ...(clientId === undefined ? {} : { clientId }),
    ...(hint === undefined ? {} : { hint }),
    ...(uri === undefined ? {} : { postLogoutRedirectUri: uri }),
    ...(state === undefined ? {} : { state }),
    ...(logoutHint === undefined ? {} : { logoutHint }),
    registeredUris: client?.application.postLogoutRedirectUris ?? [],
    sessions: sessions.map((session) => ({
      sessionId: session.id,
      // By the name the application knows the person by, since its hints use that.
      userId:
        client === undefined ? session.userId : subjectFor(instance, client.application, session.userId),
      loginName: session.loginName,
    })),
  });
  const wishes = locale === undefined ? {} : { locale };
  switch (decision.kind) {
    case 'page-error':
      throw new PageError('request-invalid', 400, decision.detail);
    case 'confirm': {
      const { kind: _, ...start } = decision;
      return signOutRedirect(context, { ...start, ...wishes });
    }
    case 'end': {
      const { kind: _, ...end } = decision;
      const actor = { kind: 'client', id: namedId ?? 'end-session', ip: context.ip } as const;
      return await answerSignOut(context, { ...end, ...wishes, actor });
    }
  }
}
