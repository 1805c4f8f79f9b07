import type { Clocks } from './clocks.ts';
import type { CookieJar } from './cookies.ts';
import type { EndedSessions } from './ended-sessions.ts';
import type { Refresher } from './refresh.ts';
import type { Sealer } from './seal.ts';
import type { SessionKeeper } from './session-keeper.ts';
import type { TokenDeps } from './tokens.ts';

/** What the endpoints and the proxy need. */
export interface BffDeps extends TokenDeps {
  readonly clocks: Clocks;
  readonly fetch: typeof globalThis.fetch;
  readonly sealer: Sealer;
  readonly jar: CookieJar;
  readonly ended: EndedSessions;
  readonly keeper: SessionKeeper;
  readonly refresher: Refresher;
}
