import type { ClientParts } from './client-parts.ts';
import { parseReturnTo } from './return-to.ts';

const PREFIX = 'latchkey:sign-out:';

/** Remembers the path to show when the issuer sends the browser back with this `state`. */
export function rememberReturn({ page }: ClientParts, state: string, returnTo: string): void {
  page.sessionStorage?.setItem(PREFIX + state, returnTo);
}

/** Back from the issuer's sign-out: removes its `state` from the address and shows the wanted path. */
export function finishSignOut(parts: ClientParts): void {
  const { page } = parts;
  const state = new URL(page.href()).searchParams.get('state');
  if (state === null) return;
  const returnTo = parseReturnTo(page.sessionStorage?.getItem(PREFIX + state) ?? undefined, page.origin);
  if (returnTo === undefined) return;
  page.sessionStorage?.removeItem(PREFIX + state);
  parts.onReturn(returnTo);
}
