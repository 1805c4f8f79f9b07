import { insertSession, renewSession } from '@latchkey/store';
import { cookieWithSession, loadBrowserSessions, newSessionSecret } from '../platform/browser-sessions.ts';
import type { RequestContext } from '../platform/http.ts';
import { knownBrowserCookie } from '../platform/known-browsers.ts';
import { newId } from '../platform/random.ts';

/**
 * Begins a session for an account whose person has just proved themselves by its password, or renews the one this browser
 * has of it. Resolves to its id and the cookies that keep it and make the browser known.
 */
export async function startSession(
  context: RequestContext,
  account: { readonly id: string; readonly organizationId: string },
): Promise<{ readonly id: string; readonly cookie: string }> {
  const { store, clock } = context.deps;
  const { scope, settings } = context.instance;
  const known = (await loadBrowserSessions(context)).find((session) => session.userId === account.id);
  const now = clock.now();
  const { secret, sha256 } = newSessionSecret();
  const proof = {
    userId: account.id,
    secretSha256: sha256,
    authTimeMs: now,
    amr: ['pwd'],
    expiresAtMs: now + settings.sessionAbsoluteSeconds * 1000,
  };
  const actor = { kind: 'user', id: account.id, ip: context.ip } as const;
  const id = await store.change({ scope, actor, nowMs: now }, async (change) => {
    if (known !== undefined && (await renewSession(change, { ...proof, id: known.id })) === 'renewed')
      return known.id;
    const fresh = newId(now);
    const userAgent = context.request.headers.get('user-agent')?.slice(0, 300) ?? null;
    await insertSession(change, {
      ...proof,
      id: fresh,
      organizationId: account.organizationId,
      createdAtMs: now,
      lastSeenAtMs: now,
      userAgent,
      ip: context.ip,
    });
    return fresh;
  });
  const cookies = [cookieWithSession(context, { id, secret }), knownBrowserCookie(context, account.id)];
  return { id, cookie: cookies.join('\n') };
}
