import { parseParams } from '@latchkey/protocol';
import { endSessions } from '@latchkey/store';
import { cookieWithoutSessions, loadBrowserSessions } from '../platform/browser-sessions.ts';
import { PageError } from '../platform/errors.ts';
import { type Answer, type RequestContext, readForm } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { checkSameOrigin, openSignOutFlow, signOutRedirect } from '../platform/login-flow.ts';
import { pageResponse, redirect } from '../platform/pages.ts';
import { toAccountChoice } from './accounts.ts';

/** GET /logout: asks whether to sign out. */
export async function showSignOut(context: RequestContext): Promise<Answer> {
  const text = parseParams(context.query).params.get('request');
  if (text === undefined) return signOutRedirect(context, undefined);
  const flow = openSignOutFlow(context, text);
  const sessions = await loadBrowserSessions(context);
  return pageResponse(
    context,
    {
      kind: 'sign-out-confirm',
      form: { action: '/logout', hidden: { request: text } },
      accounts: sessions.map(toAccountChoice),
    },
    { formTargets: flow.returnTo === undefined ? [] : [flow.returnTo] },
  );
}

/** POST /logout: ends every session of this browser, if the person says so, and goes back to the application. */
export async function submitSignOut(context: RequestContext): Promise<Answer> {
  checkSameOrigin(context);
  const { params, problem } = await readForm(context);
  if (problem !== undefined)
    throw new PageError('request-invalid', 400, 'the form has a repeated or malformed field');
  const flow = openSignOutFlow(context, params.get('request'));
  if (params.get('decision') !== 'sign-out') return redirect(context, publicUrl(context.instance, '/login'));
  const { deps, instance } = context;
  const sessions = await loadBrowserSessions(context);
  const ids = sessions.map((session) => session.id);
  const actor = { kind: 'user', id: sessions[0]?.userId ?? 'unknown', ip: context.ip } as const;
  await deps.store.change({ scope: instance.scope, actor, nowMs: deps.clock.now() }, (change) =>
    endSessions(change, ids, 'signed-out'),
  );
  return redirect(context, flow.returnTo ?? publicUrl(instance, '/logout/done'), {
    'set-cookie': cookieWithoutSessions(context, ids),
  });
}

/** GET /logout/done: the end. */
export function showSignedOut(context: RequestContext): Answer {
  return pageResponse(context, { kind: 'signed-out' });
}
