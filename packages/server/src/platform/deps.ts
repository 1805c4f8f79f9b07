import type { LockoutPolicy } from '@latchkey/identity';
import type { AccessTokenFacts } from '@latchkey/protocol';
import type { Store } from '@latchkey/store';
import type { LRUCache } from 'lru-cache';
import type { CachedFacts } from './cached-facts.ts';
import type { Clock } from './clock.ts';
import type { Instances } from './instances.ts';
import type { Limiter } from './limiter.ts';
import type { LiveState } from './live-state.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { PasswordPool } from './password-pool.ts';

/** Everything a handler may need, built once and passed as an argument. Functions ask for the part they use. */
export interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly instances: Instances;
  readonly live: LiveState;
  readonly facts: CachedFacts;
  readonly passwords: PasswordPool;
  readonly metrics: Metrics;
  readonly lockout: LockoutPolicy;
  /** Limits kept in memory: sign-ins per address, attempts on unknown names, failed client authentication. */
  readonly limits: { readonly loginByIp: Limiter; readonly clientAuth: Limiter };
  readonly unknownAccounts: LRUCache<string, { count: number; lastAtMs: number }>;
  /** What access tokens said that were opened or verified before, by their text. Whether they are live is asked anew each time. */
  readonly openedTokens: LRUCache<string, AccessTokenFacts>;
  /** Client assertions whose signature has been verified, by their text; the value is the key's id. */
  readonly verifiedAssertions: LRUCache<string, string>;
  readonly trustedProxies: (address: string) => boolean;
}
