import { CallbackError } from './bff-error.ts';
import type { BffDeps } from './deps.ts';
import { describeError } from './issuer.ts';
import { leaveNotice } from './notice.ts';
import { redirectResponse } from './problem.ts';
import { redeemCode } from './tokens.ts';
import { findTransaction, removeTransaction } from './transaction.ts';
import type { Visit } from './visit.ts';

/**
 * `GET callback`: redeems the code, begins a session with a new ID and sends the browser to where it wanted to be. What goes
 * wrong is left as a notice for the page. An answer no sign-in of this browser waits for changes nothing.
 */
export async function finishSignIn(deps: BffDeps, request: Request, visit: Visit): Promise<Response> {
  const { keeper, jar, settings, log, now } = deps;
  const { searchParams } = new URL(request.url);
  const state = searchParams.get('state') ?? '';
  const transaction = await findTransaction(deps, state, visit.cookies, now());
  visit.setCookie(...removeTransaction(jar, state, visit.cookies));
  if (transaction === undefined) {
    // Opened twice or from the history: whoever is signed in has nothing to be told.
    if ((await visit.session()) !== undefined) return redirectResponse('/');
    const unknown = new CallbackError(
      'unknown_state',
      'This answer belongs to no sign-in that was started in this browser within the last hour. Sign in again.',
    );
    await leaveNotice(deps, visit, unknown);
    return redirectResponse('/');
  }
  try {
    const session = await redeemCode(deps, transaction, searchParams);
    const previous = await visit.session();
    visit.setCookie(...(await keeper.insert(session, visit.cookies)));
    if (previous !== undefined) await keeper.end(previous);
  } catch (thrown) {
    const error = describeError(thrown, settings);
    log(`A sign-in failed (${error.code}): ${error.message}`);
    await leaveNotice(deps, visit, error);
  }
  return redirectResponse(transaction.returnTo);
}
