import { mayRestart, parseParams } from '@latchkey/protocol';
import { loadBrowserSessions } from '../platform/browser-sessions.ts';
import { PageError } from '../platform/errors.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { isRestartable, loginRedirect, openStaleLoginFlow } from '../platform/login-flow.ts';
import { redirect } from '../platform/pages.ts';
import { stoppedRequest } from '../platform/way-on.ts';

/**
 * GET /login/again: begins a sign-in that has expired, or was begun in another browser, anew in this one, with the request
 * it carries sealed. It gives nobody more than the application's own link to the authorization endpoint: whoever follows it
 * signs in themselves, and the answer goes to the registered redirect URI, which is checked again.
 */
export async function showAgain(context: RequestContext): Promise<Answer> {
  const { deps, instance } = context;
  const flow = openStaleLoginFlow(context, parseParams(context.query).params.get('request'));
  const { request, locale } = flow;
  if (request === undefined) return redirect(context, publicUrl(instance, '/login'));
  const client = await deps.facts.clients.load(instance.scope, request.clientId);
  if (!isRestartable(context, flow) || client === undefined || !mayRestart(request, client))
    throw new PageError(
      'request-expired',
      400,
      'this request cannot be used again; begin at the application',
      {
        stopped: { ...stoppedRequest(request), ...(locale === undefined ? {} : { locale }) },
      },
    );
  const sessions = request.prompts.includes('login') ? [] : await loadBrowserSessions(context);
  const wish = request.prompts.includes('create')
    ? 'register'
    : sessions.length > 0
      ? 'choose-account'
      : undefined;
  return loginRedirect(context, {
    request,
    ...(wish === undefined ? {} : { wish }),
    ...(locale === undefined ? {} : { locale }),
  });
}
