import { isRecent } from '@latchkey/protocol';
import { buildCookie } from './cookies.ts';
import { cookie, type RequestContext } from './http.ts';
import { randomId } from './random.ts';

/** A browser that signed in to an account: it keeps a chance of its own while the account rests. */
export interface KnownBrowser {
  readonly userId: string;
  /** Names the sign-in, so that each cookie has its own counter. */
  readonly id: string;
  readonly atMs: number;
}

const lifeSeconds = 180 * 86_400;
const maximumAccounts = 5;

function isKnownBrowser(value: unknown): value is KnownBrowser {
  return (
    typeof value === 'object' &&
    value !== null &&
    'userId' in value &&
    typeof value.userId === 'string' &&
    'id' in value &&
    typeof value.id === 'string' &&
    'atMs' in value &&
    typeof value.atMs === 'number'
  );
}

/** The accounts this browser signed in to, by its sealed cookie. Nothing of it is believed unless it opens. */
export function readKnownBrowsers(context: RequestContext): readonly KnownBrowser[] {
  const text = cookie(context, 'known');
  const opened = text === undefined ? undefined : context.instance.sealer.open('known-browser', text);
  if (opened === undefined) return [];
  const entries: unknown = JSON.parse(opened);
  const now = context.deps.clock.now();
  return Array.isArray(entries)
    ? entries.filter(isKnownBrowser).filter(({ atMs }) => isRecent(atMs, now, lifeSeconds * 1000))
    : [];
}

/** The Set-Cookie line after a sign-in: the account first, the oldest of too many forgotten. */
export function knownBrowserCookie(context: RequestContext, userId: string): string {
  const { instance, deps } = context;
  const others = readKnownBrowsers(context).filter((known) => known.userId !== userId);
  const entries = [{ userId, id: randomId(), atMs: deps.clock.now() }, ...others].slice(0, maximumAccounts);
  const sealed = instance.sealer.seal('known-browser', JSON.stringify(entries));
  return buildCookie('known', instance.origin, sealed, lifeSeconds);
}
