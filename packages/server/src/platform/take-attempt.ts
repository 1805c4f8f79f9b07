import { countAttempt, type FailureRecord, judgeAttempt, type LockoutPolicy } from '@latchkey/identity';
import {
  type AttemptKey,
  type AttemptStep,
  findAttempts,
  findPasswordState,
  type LoggedAttempt,
  noAttempts,
  releaseAttempt,
  releaseKeyedAttempt,
  reserveAttempt,
  reserveKeyedAttempt,
} from '@latchkey/store';
import type { RequestContext } from './http.ts';

/** Where attempts at one password are counted, shared by all processes. */
export interface AttemptCounter {
  readonly read: () => Promise<FailureRecord>;
  /** Counts one, if nothing was counted since `before` was read. */
  readonly reserve: (step: AttemptStep) => Promise<boolean>;
  /** Takes one back that was never made. */
  readonly release: () => Promise<void>;
}

type Home = Pick<RequestContext, 'deps' | 'instance' | 'ip'>;

/** The counter of an account, which everybody who tries its password shares. */
export function accountCounter(
  { deps, instance, ip }: Home,
  account: { readonly id: string; readonly organizationId: string },
): AttemptCounter {
  const { db } = deps.store;
  const { scope } = instance;
  return {
    read: async () => {
      const state = await findPasswordState(db, scope, account.id);
      return state === undefined
        ? noAttempts
        : { count: state.failedAttempts, lastAtMs: state.lastFailedAtMs };
    },
    reserve: (step) => reserveAttempt(db, scope, account, { ...step, ip }),
    release: () => releaseAttempt(db, scope, account.id),
  };
}

/** A counter under a keyed hash: of a name nobody has, or of somebody who has shown who they are in part. */
export function keyedCounter(
  { deps, instance }: Home,
  key: AttemptKey,
  logged?: LoggedAttempt,
): AttemptCounter {
  const { db } = deps.store;
  const { scope } = instance;
  return {
    read: () => findAttempts(db, scope, key),
    reserve: (step) => reserveKeyedAttempt(db, scope, key, step, logged),
    release: () => releaseKeyedAttempt(db, scope, key),
  };
}

/** Whether an attempt may be made: it is counted then. */
export type TakenAttempt = { readonly kind: 'taken' } | { readonly kind: 'wait'; readonly untilMs: number };

// Every lost round is one that another attempt won, and few attempts are won before all have to wait.
const maximumRounds = 50;

/**
 * Counts an attempt before the password is looked at. When another came between, the count is read and judged again, so
 * that two right passwords at once are both looked at, and of many guesses no more than the policy allows.
 */
export async function takeAttempt(
  { deps }: Home,
  counter: AttemptCounter,
  policy: LockoutPolicy,
  first?: FailureRecord,
): Promise<TakenAttempt> {
  let before = first ?? (await counter.read());
  for (let round = 0; round < maximumRounds; round += 1) {
    const now = deps.clock.now();
    const verdict = judgeAttempt(before, now, policy);
    if (verdict.kind === 'wait') return verdict;
    if (await counter.reserve({ before, after: countAttempt(before, now) })) return { kind: 'taken' };
    before = await counter.read();
  }
  return { kind: 'wait', untilMs: deps.clock.now() + 1000 };
}
