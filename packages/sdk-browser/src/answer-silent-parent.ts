/** The type of the message by which the hidden frame answers. */
export const MESSAGE_TYPE = 'latchkey:silent-answer';

/** The name of the hidden frame of a request. */
export function frameName(state: string): string {
  return `latchkey-silent:${state}`;
}

/** When this page is the hidden frame of the request with this state: posts its address to its own origin only. */
export function answerSilentParent(state: string): 'answered' | 'not-in-frame' {
  if (window.parent === window || window.name !== frameName(state)) return 'not-in-frame';
  window.parent.postMessage({ type: MESSAGE_TYPE, href: window.location.href }, window.location.origin);
  return 'answered';
}
