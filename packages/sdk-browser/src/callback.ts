import { CallbackError } from './auth-error.ts';
import type { ClientParts } from './client-parts.ts';
import { parseReturnTo } from './return-to.ts';
import { toAuthError } from './to-auth-error.ts';
import { maskParameters } from './trace.ts';
import { takeTransaction } from './transaction.ts';

const ANSWER_PARAMETERS = [
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'session_state',
];

/** An authorization response in an address. RFC 6749 §4.1.2. */
export type Answer = {
  readonly state: string;
  readonly parameters: URLSearchParams;
  readonly cleanUrl: string;
};

/** Finds the answer of the issuer in an address; undefined unless it is the redirect URI and carries one. */
export function parseAnswer(href: string, redirectUri: string): Answer | undefined {
  const url = new URL(href);
  const expected = new URL(redirectUri);
  if (url.origin !== expected.origin || url.pathname !== expected.pathname) return undefined;
  for (const [name, value] of expected.searchParams)
    if (url.searchParams.get(name) !== value) return undefined;
  const state = url.searchParams.get('state');
  if (state === null || !(url.searchParams.has('code') || url.searchParams.has('error'))) return undefined;
  const parameters = new URLSearchParams(url.searchParams);
  for (const name of ANSWER_PARAMETERS) url.searchParams.delete(name);
  return { state, parameters, cleanUrl: `${url.pathname}${url.search}${url.hash}` };
}

/**
 * Finishes a sign-in: takes the transaction, cleans the address at once, redeems the code, sets the state and goes to
 * `returnTo`. Never throws; what went wrong is in the state.
 */
export async function finishSignIn(parts: ClientParts, answer: Answer): Promise<void> {
  const { page, settings, state, trace } = parts;
  // Both before the first await: a second start() of any client of this page finds nothing to redeem.
  const transaction = takeTransaction(page, answer.state);
  page.replaceUrl(answer.cleanUrl);
  trace('callback', {
    parameters: maskParameters(answer.parameters),
    state: transaction === undefined ? 'unknown' : 'matches the request of this tab',
  });
  try {
    if (
      transaction === undefined ||
      transaction.issuer !== settings.issuer ||
      transaction.clientId !== settings.clientId
    ) {
      throw new CallbackError(
        'unknown_state',
        'This answer belongs to no sign-in that was started in this tab within the last hour. Sign in again.',
      );
    }
    const parameters = answer.parameters.toString();
    const session = await parts.vault.redeem({ transaction, parameters, purpose: 'session' });
    const returnTo = parseReturnTo(transaction.returnTo, page.origin) ?? '/';
    parts.tabs.share(session);
    parts.signedIn(session);
    parts.onReturn(returnTo);
  } catch (thrown) {
    const error = toAuthError(thrown);
    trace('error', { step: 'callback', code: error.code, message: error.message });
    state.set({ status: 'error', error });
  }
}
