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

/** Counts the attempt, then looks at the password: for a name nobody has the same work is done. */
async function compare(context: RequestContext, target: Target, password: string): Promise<PasswordOutcome> {
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
    return { kind: 'proven', account };
  } catch (error) {
    await counter.release();
    throw error;
  }
}

/** Counts a caller whose browser no account knows; resolves to how long they must wait when they have tried too often. */
function limitCaller({ deps, caller }: RequestContext): ReturnType<typeof wait> | undefined {
  const { limits, clock } = deps;
  const now = clock.monotonicMs();
  const waitMs = limits.loginByIp.waitMs(caller, now);
  if (waitMs > 0) return wait(now + waitMs, now);
  // Counted now, so that many at once cannot slip past, and refunded on success.
  limits.loginByIp.count(caller, now);
  return undefined;
}

async function judge<T>(
  context: RequestContext,
  name: string,
  password: string,
  known: readonly KnownBrowser[],
  onProven: (account: LoginAccount) => Promise<T>,
): Promise<CheckedPassword<T>> {
  const { metrics, usage, limits } = context.deps;
  const target = await findTarget(context, name, known);
  // Who holds the cookie of one account is a caller like all others at every other account.
  const limited = known.length > 0 && !target.isKnownBrowser ? limitCaller(context) : undefined;
  if (limited !== undefined) return limited;
  const outcome = await compare(context, target, password);
  metrics.countLogin(outcome.kind === 'proven' ? 'success' : outcome.kind === 'wait' ? 'delayed' : 'failure');
  usage.note(context.instance.id, outcome.kind === 'proven' ? 'sign-ins' : 'sign-in-failures', '');
  if (outcome.kind !== 'proven') return outcome;
  if (!target.isKnownBrowser) limits.loginByIp.refund(context.caller);
  return { kind: 'proven', result: await onProven(outcome.account) };
}

/**
 * Checks a password: the limit of the caller first, then admission, then the limit of the account, then the hash. A browser
 * that has signed in to the account has a counter of its own in place of both limits, so that nobody is locked out by the
 * guesses of others. A person whose account is locked or inactive hears the same as with a wrong password. `onProven` runs
 * while the sign-in still holds its place, so that a flood of right passwords is bounded too; it must not wait for anybody
 * but the database. Rejects with `PasswordPoolBusy`, nothing counted, when there is no place.
 */
export async function checkPassword<T>(
  context: RequestContext,
  loginName: string,
  password: string,
  onProven: (account: LoginAccount) => Promise<T>,
): Promise<CheckedPassword<T>> {
  const { limits, metrics, passwords } = context.deps;
  const known = readKnownBrowsers(context);
  const limited = known.length === 0 ? limitCaller(context) : undefined;
  if (limited !== undefined) return limited;
  const name = canonicalLoginName(loginName);
  if (name === undefined || Buffer.byteLength(password) > maximumPasswordBytes) return { kind: 'wrong' };
  try {
    // Before the database is asked, so that a flood of sign-ins leaves it to others.
    return await passwords.admit(() => judge(context, name, password, known, onProven));
  } catch (error) {
    if (!(error instanceof PasswordPoolBusy)) throw error;
    // Nothing was tried, so whoever comes again as asked has lost nothing.
    if (known.length === 0) limits.loginByIp.refund(context.caller);
    metrics.countLogin('busy');
    throw error;
  }
}
