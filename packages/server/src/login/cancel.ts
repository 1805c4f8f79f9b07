import { denyWaitingDevice } from '@latchkey/store';
import { RedirectError } from '../platform/errors.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { redirect } from '../platform/pages.ts';
import { flowUrl } from './flow-pages.ts';
import { flowOfForm } from './read-flow.ts';

/**
 * POST /login/cancel: the person wants no sign-in. The application is told `access_denied` by its response mode (RFC 6749
 * §4.1.2.1), a device that waits as well (RFC 8628 §3.5). Who typed its code denies it without a sign-in: the code is what
 * proves that they hold the device, and guesses of it are counted.
 */
export async function submitCancel(context: RequestContext): Promise<Answer> {
  const { flow } = await flowOfForm(context);
  const { request, continueTo } = flow;
  if (request !== undefined)
    throw new RedirectError(request, 'access_denied', 'the person cancelled the sign-in');
  if (continueTo?.kind !== 'device' || continueTo.authorization === undefined)
    return redirect(context, publicUrl(context.instance, '/login'));
  const { deps, instance } = context;
  const { id } = continueTo.authorization;
  const actor = { kind: 'system', id: 'user-code', ip: context.ip } as const;
  const outcome = await deps.store.change(
    { scope: instance.scope, actor, nowMs: deps.clock.now() },
    (change) => denyWaitingDevice(change, id),
  );
  const word = outcome === 'decided' ? 'denied' : 'gone';
  return redirect(
    context,
    flowUrl(context, '/device/done', { ...flow, continueTo: { ...continueTo, outcome: word } }),
  );
}
