import { type LiveSession, listLiveSessions } from '@latchkey/store';
import { buildCookie } from './cookies.ts';
import { cookie, type RequestContext } from './http.ts';
import { newSecret, sha256Hex } from './random.ts';

const maximumSessions = 5;

interface Entry {
  readonly id: string;
  readonly secret: string;
}

function entriesOf(context: RequestContext): readonly Entry[] {
  const value = cookie(context, 'sessions') ?? '';
  return value
    .split('~')
    .map((part) => /^([0-9]{1,20})\.([A-Za-z0-9_-]{20,100})$/.exec(part))
    .filter((match) => match !== null)
    .slice(0, maximumSessions)
    .map(([, id = '', secret = '']) => ({ id, secret }));
}

/** The live sessions of this browser, most recently used first: those whose secret the cookie holds. */
export async function loadBrowserSessions(context: RequestContext): Promise<readonly LiveSession[]> {
  const entries = entriesOf(context);
  const { store, clock } = context.deps;
  const sessions = await listLiveSessions(
    store.db,
    context.instance.scope,
    entries.map((entry) => entry.id),
    clock.now(),
  );
  return sessions.filter((session) => {
    const entry = entries.find((candidate) => candidate.id === session.id);
    return entry !== undefined && sha256Hex(entry.secret) === session.secretSha256;
  });
}

/** Makes the secret of a new session. The cookie keeps it, the store its hash. */
export function newSessionSecret(): { readonly secret: string; readonly sha256: string } {
  const secret = newSecret('');
  return { secret, sha256: sha256Hex(secret) };
}

/** The cookies of a browser with a session in front, in place of what it held of it before. */
export function cookieWithSession(
  context: RequestContext,
  session: { readonly id: string; readonly secret: string },
): string {
  const others = entriesOf(context).filter((entry) => entry.id !== session.id);
  return build(context, [session, ...others].slice(0, maximumSessions));
}

/** The cookies of a browser without some sessions. */
export function cookieWithoutSessions(context: RequestContext, dropIds: readonly string[]): string {
  return build(
    context,
    entriesOf(context).filter((entry) => !dropIds.includes(entry.id)),
  );
}

/**
 * What applications may watch for a change: a keyed hash of which sessions the browser has, which tells nothing of them
 * and is the same after a password was only given again. Empty when there is none.
 */
function stateOf(context: RequestContext, entries: readonly Entry[]): string {
  if (entries.length === 0) return '';
  const ids = entries.map(({ id }) => id).sort();
  return context.instance.sealer.digest('browser-state', ids.join('~'));
}

/** The state of the browser as its request stands: what its `state` cookie should say. */
export function browserState(context: RequestContext): string {
  return stateOf(context, entriesOf(context));
}

/** The cookie that says so. */
export function buildStateCookie(context: RequestContext, state: string): string {
  const { origin, settings } = context.instance;
  return buildCookie('state', origin, state, settings.sessionAbsoluteSeconds);
}

function build(context: RequestContext, entries: readonly Entry[]): string {
  const { origin, settings } = context.instance;
  const value = entries.map((entry) => `${entry.id}.${entry.secret}`).join('~');
  const sessions = buildCookie('sessions', origin, value, settings.sessionAbsoluteSeconds);
  return `${sessions}\n${buildStateCookie(context, stateOf(context, entries))}`;
}
