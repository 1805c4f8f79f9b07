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
  type UndoneAttempt,
} from '@latchkey/store';
import type { RequestContext } from './http.ts';
import { withoutOwed } from './owed-attempts.ts';

/** Where attempts at one password are counted, shared by all processes. */
export interface AttemptCounter {
  /** What tells it from every other. */
  readonly name: string;
  readonly read: () => Promise<FailureRecord>;
  /** Counts one, if nothing was counted since `before` was read. */
  readonly reserve: (step: AttemptStep) => Promise<boolean>;
  /** Takes one back that was never made, or was right. */
  readonly release: (undone: UndoneAttempt) => Promise<void>;
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
    name: `${instance.id} account ${account.id}`,
    read: async () => {
      const state = await findPasswordState(db, scope, account.id);
      return state === undefined
        ? noAttempts
        : { count: state.failedAttempts, lastAtMs: state.lastFailedAtMs };
    },
    reserve: (step) => reserveAttempt(db, scope, account, { ...step, ip }),
    release: (undone) => releaseAttempt(db, scope, account.id, undone),
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
    name: `${instance.id} key ${key.digest}`,
    read: () => findAttempts(db, scope, key),
    reserve: (step) => reserveKeyedAttempt(db, scope, key, step, logged),
    release: (undone) => releaseKeyedAttempt(db, scope, key, undone),
  };
}

/** Whether an attempt may be made: it is counted then, until `giveBack` says that it was none. */
export type TakenAttempt =
  | {
      readonly kind: 'taken';
      /**
       * Takes the attempt back: nothing was compared, or what was compared was right. Never rejects: while the database cannot
       * write, this process keeps in mind what it owes.
       */
      readonly giveBack: () => Promise<void>;
    }
  | { readonly kind: 'wait'; readonly untilMs: number };

// Every lost round is one that another attempt won, and few attempts are won before all have to wait.
const maximumRounds = 50;

function giverBack(
  { owedAttempts }: Home['deps'],
  counter: AttemptCounter,
  step: AttemptStep,
): () => Promise<void> {
  const undone = { ...step, certainty: 'counted' } as const;
  return async () => {
    try {
      await counter.release(undone);
    } catch {
      owedAttempts.owe(counter.name, [{ ...undone, release: () => counter.release(undone) }]);
    }
  };
}

/** Counts one attempt on top of `stored`, less what is owed; `undefined` when another came between. */
async function countOne(
  { deps }: Home,
  counter: AttemptCounter,
  policy: LockoutPolicy,
  stored: FailureRecord,
): Promise<TakenAttempt | undefined> {
  const { owedAttempts, clock } = deps;
  // Taken out first, so that of attempts at the same moment one alone profits.
  const owed = owedAttempts.take(counter.name);
  const before = withoutOwed(stored, owed);
  const now = clock.now();
  const verdict = judgeAttempt(before, now, policy);
  if (verdict.kind === 'wait') {
    owedAttempts.owe(counter.name, owed);
    return verdict;
  }
  const after = countAttempt(before, now);
  try {
    if (await counter.reserve({ before: stored, after }))
      return { kind: 'taken', giveBack: giverBack(deps, counter, { before, after }) };
    owedAttempts.owe(counter.name, owed);
    return undefined;
  } catch (error) {
    // Nothing will be compared; whether it was counted nobody said.
    const undone = { before: stored, after, certainty: 'perhaps' } as const;
    owedAttempts.owe(counter.name, [...owed, { ...undone, release: () => counter.release(undone) }]);
    throw error;
  }
}

/**
 * Counts an attempt before the password is looked at. When another came between, the count is read and judged again, so
 * that two right passwords at once are both looked at, and of many guesses no more than the policy allows. When it rejects,
 * no attempt was taken.
 */
export async function takeAttempt(
  home: Home,
  counter: AttemptCounter,
  policy: LockoutPolicy,
  first?: FailureRecord,
): Promise<TakenAttempt> {
  let stored = first ?? (await counter.read());
  for (let round = 0; round < maximumRounds; round += 1) {
    const taken = await countOne(home, counter, policy, stored);
    if (taken !== undefined) return taken;
    stored = await counter.read();
  }
  return { kind: 'wait', untilMs: home.deps.clock.now() + 1000 };
}
