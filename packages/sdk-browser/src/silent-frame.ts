import { frameName, MESSAGE_TYPE } from './answer-silent-parent.ts';
import { isRecord, textOf } from './json.ts';

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
