import { isRecord, textOf } from './json.ts';

const MESSAGE_TYPE = 'latchkey:silent-answer';

function frameName(state: string): string {
  return `latchkey-silent:${state}`;
}

/**
 * Loads an authorization request with `prompt=none` in a hidden frame. The frame ends at our own redirect URI, where
 * `answerSilentParent` posts its address back. Resolves to that address, or to undefined after `timeoutMs`.
 */
export function runSilentFrame(url: string, state: string, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.name = frameName(state);
    frame.hidden = true;
    frame.setAttribute('aria-hidden', 'true');
    const finish = (answer: string | undefined) => {
      clearTimeout(timer);
      window.removeEventListener('message', onMessage);
      frame.remove();
      resolve(answer);
    };
    const onMessage = (event: MessageEvent<unknown>) => {
      if (event.origin !== window.location.origin || event.source !== frame.contentWindow) return;
      if (!isRecord(event.data) || event.data.type !== MESSAGE_TYPE) return;
      finish(textOf(event.data.href));
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    window.addEventListener('message', onMessage);
    frame.src = url;
    document.body.append(frame);
  });
}

/** When this page is the hidden frame of the request with this state: posts its address to its own origin only. */
export function answerSilentParent(state: string): 'answered' | 'not-in-frame' {
  if (window.parent === window || window.name !== frameName(state)) return 'not-in-frame';
  window.parent.postMessage({ type: MESSAGE_TYPE, href: window.location.href }, window.location.origin);
  return 'answered';
}
