import type { LockoutPolicy } from '@latchkey/identity';
import type { AccessTokenFacts } from '@latchkey/protocol';
import type { Store } from '@latchkey/store';
import type { LRUCache } from 'lru-cache';
import type { Brakes } from './brakes.ts';
import type { CachedFacts } from './cached-facts.ts';
import type { ClientCertificatePolicy } from './client-certificate-policy.ts';
import type { ClientKeySets } from './client-key-sets.ts';
import type { Clock } from './clock.ts';
import type { Instances } from './instances.ts';
import type { Limiter } from './limiter.ts';
import type { LiveState } from './live-state.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { OutboundRules } from './outbound-rules.ts';
import type { OwedAttempts } from './owed-attempts.ts';
import type { PasswordPool } from './password-pool.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { SafeFetch } from './safe-fetch.ts';
import type { SettingsReader } from './settings.ts';
import type { Usage } from './usage.ts';
import type { UsedProofs } from './used-proofs.ts';

/** An access token that was opened or verified before, and the instance it is of. */
export interface OpenedToken {
  /** The `serial` of the sealer that opened it. */
  readonly sealer: number;
  readonly facts: AccessTokenFacts;
}

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
  readonly refusals: RefusalLog;
  readonly usage: Usage;
  readonly lockout: LockoutPolicy;
  /** Attempts at passwords that are to be taken back as soon as the database can write. */
  readonly owedAttempts: OwedAttempts;
  /** Settings of the instance and overrides of organizations. */
  readonly settings: SettingsReader;
  /** Limits kept in memory: sign-ins and registrations per address, failed client authentication. */
  readonly limits: {
    readonly loginByIp: Limiter;
    readonly registrationByIp: Limiter;
    readonly clientRegistrationByIp: Limiter;
    readonly clientAuth: Limiter;
    /** Device authorizations begun from one address. */
    readonly deviceByIp: Limiter;
    /** Guesses of user codes from one browser; those of one caller are braked. */
    readonly userCodeByBrowser: Limiter;
  };
  /** Brakes on guesses that come from many callers. */
  readonly brakes: Brakes;
  /** What access tokens said that were opened or verified before, by their text. Whether they are live is asked anew each time. */
  readonly openedTokens: LRUCache<string, OpenedToken>;
  /** Client assertions whose signature has been verified, by their text; the value is the key's fingerprint. */
  readonly verifiedAssertions: LRUCache<string, string>;
  /** DPoP proofs this node has seen, by their ids: those of known callers are in the database as well. */
  readonly usedProofs: UsedProofs;
  readonly trustedProxies: (address: string) => boolean;
  readonly clientCertificates: ClientCertificatePolicy;
  /** The one door for calls to addresses that somebody typed. */
  readonly safeFetch: SafeFetch;
  /** Which addresses that door refuses. */
  readonly outboundRules: OutboundRules;
  /** Looks TXT records up, each in its pieces. */
  readonly resolveTxt: (name: string) => Promise<readonly (readonly string[])[]>;
  /** Keys that clients publish at an address of theirs. */
  readonly clientKeySets: ClientKeySets;
}
