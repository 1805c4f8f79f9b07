import { randomText } from './base64url.ts';
import { isRecord } from './json.ts';
import type { Page } from './page.ts';

const PREFIX = 'popup.';
const TAKEN_TIMEOUT_MS = 2_000;

/** A `state` by which the callback page knows that it is in a popup: the window's name does not survive the way there. */
export function popupState(): string {
  return PREFIX + randomText();
}

/** True for a state of `popupState`. */
export function isPopupState(state: string): boolean {
  return state.startsWith(PREFIX);
}

/** The channel between popup and opener. Only this origin can open it, and only who knows the state finds it. */
export function popupChannel(state: string): string {
  return `latchkey:${state}`;
}

/**
 * On the callback page of a popup: hands its address to the page that opened it and closes the window. `alone` when nobody
 * takes the answer.
 */
export async function answerOpener(page: Page, state: string): Promise<'answered' | 'alone'> {
  const channel = page.openChannel(popupChannel(state));
  if (channel === undefined) return 'alone';
  const taken = await new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), TAKEN_TIMEOUT_MS);
    channel.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (isRecord(event.data) && event.data.type === 'taken') resolve(true);
    });
    channel.postMessage({ type: 'answer', href: page.href() });
  });
  channel.close();
  if (!taken) return 'alone';
  page.closeWindow();
  return 'answered';
}
