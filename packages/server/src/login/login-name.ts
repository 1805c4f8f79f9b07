import { canonicalLoginName } from '@latchkey/identity';
import { parseParams } from '@latchkey/protocol';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { type LoginFlow, loginRedirect } from '../platform/login-flow.ts';
import { pageResponse, redirect, settingsForPage } from '../platform/pages.ts';
import { cancelForm, flowForm, flowPage, flowUrl, organizationOf } from './flow-pages.ts';
import { flowOfForm, flowOfQuery } from './read-flow.ts';
import { isRegistrationOpen } from './registration-open.ts';

async function page(
  context: RequestContext,
  flow: LoginFlow,
  loginName: string,
  problem?: 'login-name-missing',
): Promise<Answer> {
  const sessions = await loadBrowserSessions(context);
  const isOpen = await isRegistrationOpen(context, await organizationOf(context, flow));
  const { loginName: _, ...rest } = flow;
  return await flowPage(
    context,
    flow,
    {
      kind: 'login-name',
      form: flowForm(context, '/login', rest),
      ...cancelForm(context, flow),
      loginName,
      ...(problem === undefined ? {} : { problem: { kind: problem } }),
      ...(isOpen ? { registerHref: flowUrl(context, '/login/register', { ...rest, wish: 'register' }) } : {}),
      ...(sessions.length === 0
        ? {}
        : { accountsHref: flowUrl(context, '/login/accounts', { ...rest, wish: 'choose-account' }) }),
    },
    problem === undefined ? {} : { status: 400 },
  );
}

/** Who is signed in, for somebody who comes without an application. */
async function withoutRequest(context: RequestContext): Promise<Answer> {
  const [session] = await loadBrowserSessions(context);
  if (session === undefined) return loginRedirect(context, {});
  const options = await settingsForPage(context, session.organizationId);
  const continueHref = options.settings?.login.defaultRedirectUri ?? undefined;
  const page = {
    kind: 'signed-in',
    account: { sessionId: session.id, displayName: session.displayName, loginName: session.loginName },
    signOutHref: publicUrl(context.instance, '/oidc/v1/end_session'),
    ...(continueHref === undefined ? {} : { continueHref }),
    // A redirect would have to be named in the policy of the form before, which does not know yet who signs in.
    ...(parseParams(context.query).params.get('signed_in') === 'now' ? { goesOn: 'by-itself' as const } : {}),
  } as const;
  return pageResponse(context, page, options);
}

/** GET /login: asks for the login name; without a sign-in under way it begins one, or says who is signed in. */
export async function showLoginName(context: RequestContext): Promise<Answer> {
  if (!parseParams(context.query).params.has('request')) return await withoutRequest(context);
  const flow = flowOfQuery(context);
  return await page(context, flow, flow.loginName ?? flow.request?.loginHint ?? '');
}

/** POST /login: takes the login name and goes on to the password, whether or not anybody has that name. */
export async function submitLoginName(context: RequestContext): Promise<Answer> {
  const { flow, fields } = await flowOfForm(context);
  const loginName = fields.get('loginName')?.trim() ?? '';
  if (canonicalLoginName(loginName) === undefined)
    return await page(context, flow, loginName, 'login-name-missing');
  return redirect(
    context,
    flowUrl(context, '/login/password', { ...flow, loginName, wish: 'other-account' }),
  );
}
