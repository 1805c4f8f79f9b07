import { PopupError } from './auth-error.ts';
import { buildAuthorizeRequest, type SignInOptions } from './authorize-request.ts';
import { parseAnswer } from './callback.ts';
import type { ClientParts } from './client-parts.ts';
import { isRecord, textOf } from './json.ts';
import type { Popup } from './page.ts';
import { popupChannel, popupState } from './popup-answer.ts';
import type { Session } from './session.ts';
import { toAuthError } from './to-auth-error.ts';

/** What `signInWithPopup` takes. */
export type PopupSignInOptions = Omit<SignInOptions, 'returnTo'> & {
  /** Ends the waiting and closes the window: `PopupError` `popup_closed`. */
  readonly signal?: AbortSignal | undefined;
};

const POLL_MS = 500;
// How long this page must have the focus with the window out of sight before the window counts as closed.
const GRACE_MS = 3_000;

/**
 * Signs in through a window that was opened in the event handler of a click. The answer comes over a channel of this
 * origin, as the issuer's pages cut the tie between window and opener (Cross-Origin-Opener-Policy); for the same reason a window
 * that says it is closed may be open, so that counts only while this page has the focus. Who signs in after all is signed in.
 */
export async function signInThrough(
  parts: ClientParts,
  popup: Popup | undefined,
  options: PopupSignInOptions,
): Promise<void> {
  if (popup === undefined) {
    throw new PopupError(
      'popup_blocked',
      'The browser blocked the window. Call signInWithPopup() directly in a click handler, or use signIn().',
    );
  }
  const { signal, ...rest } = options;
  const stop = new AbortController();
  signal?.addEventListener('abort', () => stop.abort(), { once: true });
  if (signal?.aborted === true) stop.abort();
  try {
    const { url, transaction } = await buildAuthorizeRequest(parts, {
      ...rest,
      display: 'popup',
      state: popupState(),
    });
    const answered = waitForAnswer(parts, transaction.state, async (href) => {
      const answer = parseAnswer(href, parts.redirectUri);
      if (answer?.state !== transaction.state) return;
      const parameters = answer.parameters.toString();
      take(parts, await parts.vault.redeem({ transaction, parameters, purpose: 'session' }));
    });
    popup.navigate(url);
    await Promise.race([answered, untilClosed(parts, popup, stop.signal)]);
  } catch (thrown) {
    throw toAuthError(thrown);
  } finally {
    stop.abort();
    popup.close();
  }
}

function take(parts: ClientParts, session: Session): void {
  parts.grants.clear();
  parts.tabs.share(session);
  parts.signedIn(session);
}

// Goes on listening after the promise of signInWithPopup() was rejected because the window seemed closed.
function waitForAnswer(
  { page, trace }: ClientParts,
  state: string,
  redeem: (href: string) => Promise<void>,
): Promise<void> {
  const channel = page.openChannel(popupChannel(state));
  return new Promise((resolve, reject) => {
    channel?.addEventListener('message', (event: MessageEvent<unknown>) => {
      const href = isRecord(event.data) && event.data.type === 'answer' ? textOf(event.data.href) : undefined;
      if (href === undefined) return;
      channel.postMessage({ type: 'taken' });
      channel.close();
      trace('callback', { from: 'popup' });
      redeem(href).then(resolve, reject);
    });
  });
}

function untilClosed({ page }: ClientParts, popup: Popup, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    let sinceMs: number | undefined;
    const fail = () => {
      clearInterval(timer);
      reject(new PopupError('popup_closed', 'The window was closed before the sign-in was finished.'));
    };
    const timer = setInterval(() => {
      if (!popup.isClosed() || !page.hasFocus()) sinceMs = undefined;
      else sinceMs ??= page.nowMs();
      if (sinceMs !== undefined && page.nowMs() - sinceMs >= GRACE_MS) fail();
    }, POLL_MS);
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
  });
}
