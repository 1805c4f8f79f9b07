import type { Answer, HttpClient } from './http-client.ts';
import {
  type Code,
  isActive,
  redeem,
  refresh,
  signIn,
  signOut,
  type Tokens,
  tokensOf,
} from './relying-party.ts';
import type { Seed } from './seed.ts';

/** What the server has acknowledged, and so must not lose. What was under way when a fault struck is in none of the lists. */
export interface Ledger {
  /** Codes that were redeemed. */
  readonly redeemed: Code[];
  /** Codes that were given out and that nobody has tried. */
  readonly untouched: Code[];
  /** The newest tokens of each family that goes on. */
  readonly families: Map<string, Tokens>;
  /** Tokens of sessions that were ended. */
  readonly signedOut: Tokens[];
  /** What went wrong before the fault. */
  readonly failures: string[];
}

/** A load under way. */
export interface Load {
  readonly ledger: Ledger;
  /** Resolves once so many steps have been acknowledged. */
  readonly untilAcknowledged: (count: number) => Promise<void>;
  /** From now on broken requests are expected; the workers end with their present step. */
  readonly expectFaults: () => void;
  /** Resolves when every worker has ended. */
  readonly ended: Promise<void>;
}

interface Shared {
  readonly http: HttpClient;
  readonly seed: Seed;
  readonly ledger: Ledger;
  readonly acknowledge: () => void;
}

/** One round of a worker: a sign-in, its redemption, refreshes, and in every other round a sign-out. */
async function oneRound(shared: Shared, loginName: string, round: number): Promise<void> {
  const { http, seed, ledger, acknowledge } = shared;
  const family = `${loginName} ${round}`;
  const code = await signIn(http, seed, loginName);
  acknowledge();
  if (round % 3 === 2) {
    ledger.untouched.push(code);
    return;
  }
  let tokens = tokensOf(await redeem(http, seed, code));
  ledger.redeemed.push(code);
  ledger.families.set(family, tokens);
  acknowledge();
  for (let times = 0; times < 2; times += 1) {
    // Until the answer is here the old token is the one that must work: lost answers are what the grace period is for.
    tokens = tokensOf(await refresh(http, seed, tokens.refreshToken));
    ledger.families.set(family, tokens);
    acknowledge();
  }
  if (!(await isActive(http, seed, tokens.accessToken)))
    throw new Error('a token that was just issued is inactive');
  if (round % 2 === 1) return;
  ledger.families.delete(family);
  await signOut(http, tokens.idToken);
  ledger.signedOut.push(tokens);
  acknowledge();
}

/** Starts as many workers as the seed has users: each signs in, redeems, refreshes and signs out, over and over. */
export function startLoad(http: HttpClient, seed: Seed): Load {
  const ledger: Ledger = { redeemed: [], untouched: [], families: new Map(), signedOut: [], failures: [] };
  const state = { acknowledged: 0, faultsExpected: false };
  const waiting = new Set<() => void>();
  const acknowledge = (): void => {
    state.acknowledged += 1;
    for (const check of waiting) check();
  };
  const shared = { http, seed, ledger, acknowledge };
  const work = async (loginName: string, first: number): Promise<void> => {
    try {
      for (let round = first; !state.faultsExpected; round += 1) await oneRound(shared, loginName, round);
    } catch (error) {
      if (!state.faultsExpected) ledger.failures.push(String(error));
    }
  };
  const ended = Promise.all(seed.users.map(({ loginName }, index) => work(loginName, index))).then(() => {
    for (const check of waiting) check();
  });
  return {
    ledger,
    untilAcknowledged: (count) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (ledger.failures.length > 0) reject(new Error(ledger.failures.join('\n')));
          if (state.acknowledged < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    expectFaults: () => {
      state.faultsExpected = true;
    },
    ended,
  };
}

/** Checks a server against the ledger; resolves to what it lost or brought back, a line each. */
export async function findLosses(http: HttpClient, seed: Seed, ledger: Ledger): Promise<string[]> {
  const losses: string[] = [];
  const expectStatus = async (what: string, answer: Promise<Answer>, status: number): Promise<void> => {
    const got = await answer;
    if (got.status !== status) losses.push(`${what}: ${got.status} ${got.text.slice(0, 200)}`);
  };
  for (const [family, tokens] of ledger.families)
    await expectStatus(`refreshing ${family}`, refresh(http, seed, tokens.refreshToken), 200);
  for (const code of ledger.untouched) await expectStatus('an untouched code', redeem(http, seed, code), 200);
  for (const tokens of ledger.signedOut) {
    if (await isActive(http, seed, tokens.accessToken)) losses.push('a token of an ended session is active');
    await expectStatus('refreshing after a sign-out', refresh(http, seed, tokens.refreshToken), 400);
  }
  // Last, because a replay ends the family it belongs to.
  for (const code of ledger.redeemed) await expectStatus('a redeemed code', redeem(http, seed, code), 400);
  return losses;
}
