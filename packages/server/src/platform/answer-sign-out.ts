import { frontchannelLogoutUrl } from '@latchkey/protocol';
import { type Actor, endSessions, listFrontchannelLogouts } from '@latchkey/store';
import { cookieWithoutSessions } from './browser-sessions.ts';
import type { Answer, RequestContext } from './http.ts';
import { publicUrl } from './instances.ts';
import { pageResponse, redirect } from './pages.ts';

// More frames than a browser loads within the seconds the page waits would only slow the others down.
const maximumFrames = 40;

/** A sign-out that has been decided on. */
export interface SignOut {
  readonly sessionIds: readonly string[];
  readonly actor: Actor;
  /** The application's address to go back to; our own last page without it. */
  readonly returnTo?: string;
  readonly locale?: string;
}

function isWebAddress(uri: string): boolean {
  return URL.canParse(uri) && /^https?:$/.test(new URL(uri).protocol);
}

/**
 * Ends sessions of this browser and goes on to where the sign-out leads: at once, or by a page that first loads the
 * addresses of the applications that want to hear of it in the browser (OpenID Connect Front-Channel Logout 1.0 §3).
 */
export async function answerSignOut(context: RequestContext, signOut: SignOut): Promise<Answer> {
  const { deps, instance } = context;
  const { sessionIds, actor, locale } = signOut;
  const { scope } = instance;
  await deps.store.change({ scope, actor, nowMs: deps.clock.now() }, (change) =>
    endSessions(change, sessionIds, 'signed-out'),
  );
  const told = await listFrontchannelLogouts(deps.store.db, scope, sessionIds, maximumFrames);
  const frames = told
    .filter(({ uri }) => isWebAddress(uri))
    .map(({ uri, sessionId }) => frontchannelLogoutUrl(uri, instance.origin, sessionId));
  const headers = { 'set-cookie': cookieWithoutSessions(context, sessionIds) };
  const goal =
    signOut.returnTo ??
    publicUrl(instance, '/logout/done', locale === undefined ? {} : { ui_locales: locale });
  if (frames.length === 0) return redirect(context, goal, headers);
  return pageResponse(
    context,
    { kind: 'frontchannel-logout', frames, continueHref: goal },
    { headers, frames, ...(locale === undefined ? {} : { locale }) },
  );
}
