import { finishAuthorize } from '../oauth/finish-authorize.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import type { LoginFlow } from '../platform/login-flow.ts';
import { redirect } from '../platform/pages.ts';
import { flowUrl } from './flow-pages.ts';

/**
 * Goes on once somebody is signed in: back to the application with an answer, to the page of ours that asked for the
 * sign-in, or to the page that says who is signed in. `headers` are added to the answer (the session cookie).
 */
export async function continueFlow(
  context: RequestContext,
  flow: LoginFlow,
  session: { readonly id: string; readonly userId: string },
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { request, continueTo, loginName: _, wish: __, ...rest } = flow;
  if (request !== undefined) return await finishAuthorize(context, request, session, headers);
  switch (continueTo?.kind) {
    case 'device': {
      const next = { ...rest, continueTo: { ...continueTo, sessionId: session.id } };
      return redirect(context, flowUrl(context, '/device/confirm', next), headers);
    }
    case 'requests':
      return redirect(context, flowUrl(context, '/login/requests', { ...rest, continueTo }), headers);
    case undefined:
      return redirect(context, publicUrl(context.instance, '/login', { signed_in: 'now' }), headers);
  }
}
