import { canonicalLoginName, type FailureRecord, type LockoutPolicy } from '@latchkey/identity';
import { findSignIn, type LoginAccount, upgradePasswordHash } from '@latchkey/store';
import { attemptKeyOf } from '../platform/attempt-keys.ts';
import type { RequestContext } from '../platform/http.ts';
import { type KnownBrowser, readKnownBrowsers } from '../platform/known-browsers.ts';
import { PasswordPoolBusy } from '../platform/password-pool.ts';
import { type AttemptCounter, accountCounter, keyedCounter, takeAttempt } from '../platform/take-attempt.ts';

/** How a password check ended. Nothing tells whether the name exists. */
type PasswordOutcome =
  | { readonly kind: 'proven'; readonly account: LoginAccount }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly retryAfterSeconds: number };

/** What a proven person went on to, and whether a session began, which sets the account's count back. */
export interface Proceeded<T> {
  readonly result: T;
  readonly session: 'begun' | 'none';
}

/** A check that ended, with what the proven person went on to. */
export type CheckedPassword<T> =
  | { readonly kind: 'proven'; readonly result: T }
  | Exclude<PasswordOutcome, { kind: 'proven' }>;

const maximumPasswordBytes = 4096;

function wait(untilMs: number, nowMs: number) {
  return { kind: 'wait', retryAfterSeconds: Math.max(1, Math.ceil((untilMs - nowMs) / 1000)) } as const;
}

/** Hashes a proven password anew when its hash is weaker than today's; never a reason to refuse the sign-in. */
async function strengthenHash(
  context: RequestContext,
  account: LoginAccount,
  password: string,
): Promise<void> {
  const { store, clock, passwords, log } = context.deps;
  const { passwordHash } = account;
  if (passwordHash === null || !passwords.isOutdated(passwordHash)) return;
  try {
    const stronger = await passwords.hash(password);
    const actor = { kind: 'system', id: 'password-upgrade' } as const;
    await store.change({ scope: context.instance.scope, actor, nowMs: clock.now() }, (change) =>
      upgradePasswordHash(change, account.id, passwordHash, stronger),
    );
  } catch (err) {
    log.warn({ err }, 'a password hash could not be strengthened; the next sign-in tries again');
  }
}

/** What a name stands for, and how attempts at it are counted. */
interface Target {
  /** `undefined` for a name nobody has: the same steps are taken for it. */
  readonly account: LoginAccount | undefined;
  readonly counter: AttemptCounter;
  readonly attempts: FailureRecord | undefined;
  readonly lockout: LockoutPolicy;
  /** Whether the browser is one the account knows, with a counter of its own. */
  readonly isKnownBrowser: boolean;
}

/** The limits for a name nobody has are those of the organization it would belong to. */
async function lockoutOfUnknown(context: RequestContext, name: string): Promise<LockoutPolicy> {
  const { settings } = context.deps;
  const { scope } = context.instance;
  const organizationDomain = name.slice(name.lastIndexOf('@') + 1);
  const organizationId = await settings.wantedOrganization(scope, { organizationDomain });
  return (await settings.of(scope, organizationId)).lockoutPolicy;
}

/** A browser counts for the account it signed in to, until the password changes. */
function knownBrowserOf(
  known: readonly KnownBrowser[],
  { id, passwordChangedAtMs }: LoginAccount,
): KnownBrowser | undefined {
  return known.find(({ userId, atMs }) => userId === id && atMs >= passwordChangedAtMs);
}

/** Finds whom a name stands for: a login name or, where the person's organization allows it, a verified e-mail address. */
async function findTarget(
  context: RequestContext,
  name: string,
  known: readonly KnownBrowser[],
): Promise<Target> {
  const { deps, instance, ip } = context;
  const { scope } = instance;
  const key = attemptKeyOf(instance, 'unknown-name', name);
  const { account, attempts } = await findSignIn(deps.store.db, scope, name, key);
  const settings = account && (await deps.settings.of(scope, account.organizationId));
  const isByLoginName = account !== undefined && canonicalLoginName(account.loginName) === name;
  if (account === undefined || settings === undefined || !(isByLoginName || settings.login.allowLoginByEmail))
    return {
      account: undefined,
      counter: keyedCounter(context, key),
      attempts,
      lockout: await lockoutOfUnknown(context, name),
      isKnownBrowser: false,
    };
  const lockout = settings.lockoutPolicy;
  const browser = knownBrowserOf(known, account);
  if (browser !== undefined) {
    const own = attemptKeyOf(instance, 'known-browser', `${account.id} ${browser.id}`);
    const logged = { userId: account.id, organizationId: account.organizationId, ip };
    const counter = keyedCounter(context, own, logged);
    return { account, counter, attempts: undefined, lockout, isKnownBrowser: true };
  }
  return {
    account,
    counter: accountCounter(context, account),
    attempts: { count: account.failedAttempts, lastAtMs: account.lastFailedAtMs },
    lockout,
    isKnownBrowser: false,
  };
}

type Compared =
  | Exclude<PasswordOutcome, { kind: 'proven' }>
  | { readonly kind: 'proven'; readonly account: LoginAccount; readonly giveBack: () => Promise<void> };

/**
 * Counts the attempt, then looks at the password: for a name nobody has the same work is done. What could not be looked at is
 * no attempt.
 */
async function compare(context: RequestContext, target: Target, password: string): Promise<Compared> {
  const { clock, passwords } = context.deps;
  const { account, counter, lockout, attempts } = target;
  // Counted before the hash, so that parallel guesses cannot slip past the limit; a success sets the count back.
  const taken = await takeAttempt(context, counter, lockout, attempts);
  if (taken.kind === 'wait') return wait(taken.untilMs, clock.now());
  const isUsable = account?.state === 'active' && account.organizationState === 'active';
  try {
    const isMatch = await passwords.verify(password, account?.passwordHash ?? null);
    if (account === undefined || !isMatch || !isUsable) return { kind: 'wrong' };
    await strengthenHash(context, account, password);
    return { kind: 'proven', account, giveBack: taken.giveBack };
  } catch (error) {
    await taken.giveBack();
    throw error;
  }
}

/** Goes on as a proven person. However that ends, the attempt was right: it does not stay counted. */
async function proceed<T>(
  { isKnownBrowser }: Target,
  { account, giveBack }: Extract<Compared, { kind: 'proven' }>,
  onProven: (account: LoginAccount) => Promise<Proceeded<T>>,
): Promise<T> {
  try {
    const { result, session } = await onProven(account);
    // A new session has set the count of the account back, but not that of a browser.
    if (session === 'none' || isKnownBrowser) await giveBack();
    return result;
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** What a caller whose browser no account knows may try. */
interface Allowance {
  /** Counts a try; how long the caller must wait when they have tried too often. */
  readonly use: () => ReturnType<typeof wait> | undefined;
  /** Takes back what was counted, if anything was. */
  readonly giveBack: () => void;
}

function allowanceOf({ deps, caller }: RequestContext): Allowance {
  const { limits, clock } = deps;
  let used = 0;
  return {
    use: () => {
      const now = clock.monotonicMs();
      const waitMs = limits.loginByIp.waitMs(caller, now);
      if (waitMs > 0) return wait(now + waitMs, now);
      // Counted now, so that many at once cannot slip past, and given back on success.
      limits.loginByIp.count(caller, now);
      used += 1;
      return undefined;
    },
    giveBack: () => {
      for (; used > 0; used -= 1) limits.loginByIp.refund(caller);
    },
  };
}

async function judge<T>(
  context: RequestContext,
  name: string,
  password: string,
  known: readonly KnownBrowser[],
  allowance: Allowance,
  onProven: (account: LoginAccount) => Promise<Proceeded<T>>,
): Promise<CheckedPassword<T>> {
  const { metrics, usage } = context.deps;
  const target = await findTarget(context, name, known);
  // Who holds the cookie of one account is a caller like all others at every other account.
  const limited = known.length > 0 && !target.isKnownBrowser ? allowance.use() : undefined;
  if (limited !== undefined) return limited;
  const outcome = await compare(context, target, password);
  metrics.countLogin(outcome.kind === 'proven' ? 'success' : outcome.kind === 'wait' ? 'delayed' : 'failure');
  usage.note(context.instance.id, outcome.kind === 'proven' ? 'sign-ins' : 'sign-in-failures', '');
  if (outcome.kind !== 'proven') return outcome;
  allowance.giveBack();
  return { kind: 'proven', result: await proceed(target, outcome, onProven) };
}

/**
 * Checks a password: the limit of the caller first, then admission, then the limit of the account, then the hash. A browser
 * that has signed in to the account has a counter of its own in place of both limits, so that nobody is locked out by the
 * guesses of others. A person whose account is locked or inactive hears the same as with a wrong password. `onProven` runs
 * while the sign-in still holds its place, so that a flood of right passwords is bounded too; it must not wait for anybody
 * but the database. When it rejects, for whatever reason of the server, nothing stays counted.
 */
export async function checkPassword<T>(
  context: RequestContext,
  loginName: string,
  password: string,
  onProven: (account: LoginAccount) => Promise<Proceeded<T>>,
): Promise<CheckedPassword<T>> {
  const { metrics, passwords } = context.deps;
  const known = readKnownBrowsers(context);
  const allowance = allowanceOf(context);
  const limited = known.length === 0 ? allowance.use() : undefined;
  if (limited !== undefined) return limited;
  const name = canonicalLoginName(loginName);
  if (name === undefined || Buffer.byteLength(password) > maximumPasswordBytes) return { kind: 'wrong' };
  try {
    // Before the database is asked, so that a flood of sign-ins leaves it to others.
    return await passwords.admit(() => judge(context, name, password, known, allowance, onProven));
  } catch (error) {
    allowance.giveBack();
    if (error instanceof PasswordPoolBusy) metrics.countLogin('busy');
    throw error;
  }
}
