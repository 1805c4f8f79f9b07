import type { AccountChoice } from '@latchkey/login-ui';
import { interpretScopes, isRecent, isWantedOrganization } from '@latchkey/protocol';
import type { LiveSession } from '@latchkey/store';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import type { LoginFlow } from '../platform/login-flow.ts';
import { redirect } from '../platform/pages.ts';
import { continueFlow } from './continue-flow.ts';
import { cancelForm, flowForm, flowPage, flowUrl } from './flow-pages.ts';
import { flowOfForm, flowOfQuery } from './read-flow.ts';

/** How a session is shown to the person it belongs to. */
export function toAccountChoice(session: LiveSession): AccountChoice {
  return { sessionId: session.id, displayName: session.displayName, loginName: session.loginName };
}

async function usableSessions(context: RequestContext, flow: LoginFlow): Promise<readonly LiveSession[]> {
  const meaning = interpretScopes(flow.request?.scopes ?? []);
  const sessions = await loadBrowserSessions(context);
  return sessions.filter((session) => isWantedOrganization(meaning, session));
}

/** GET /login/accounts: the accounts signed in on this browser. */
export async function showAccounts(context: RequestContext): Promise<Answer> {
  const flow = flowOfQuery(context);
  const sessions = await usableSessions(context, flow);
  const { loginName: _, ...rest } = flow;
  const other = flowUrl(context, '/login', { ...rest, wish: 'other-account' });
  if (sessions.length === 0) return redirect(context, other);
  return await flowPage(context, flow, {
    kind: 'accounts',
    form: flowForm(context, '/login/accounts', flow),
    ...cancelForm(context, flow),
    accounts: sessions.map(toAccountChoice),
    otherAccountHref: other,
  });
}

/** Whether a session is too old for the request: the person must prove themselves again. */
function needsPassword(context: RequestContext, flow: LoginFlow, session: LiveSession): boolean {
  const { request } = flow;
  if (request?.prompts.includes('login') === true) return true;
  return (
    request?.maxAgeSeconds !== undefined &&
    !isRecent(session.authTimeMs, context.deps.clock.now(), request.maxAgeSeconds * 1000)
  );
}

/** POST /login/accounts: goes on as the chosen account. */
export async function submitAccount(context: RequestContext): Promise<Answer> {
  const { flow, fields } = await flowOfForm(context);
  const session = (await usableSessions(context, flow)).find(
    (candidate) => candidate.id === fields.get('sessionId'),
  );
  if (session === undefined) return redirect(context, flowUrl(context, '/login/accounts', flow));
  if (needsPassword(context, flow, session)) {
    return redirect(
      context,
      flowUrl(context, '/login/password', { ...flow, loginName: session.loginName, wish: 'other-account' }),
    );
  }
  return await continueFlow(context, flow, { id: session.id, userId: session.userId });
}
