import { canonicalLoginName, judgeAttempt } from '@latchkey/identity';
import {
  findLoginAccount,
  type LoginAccount,
  releaseAttempt,
  reserveAttempt,
  upgradePasswordHash,
} from '@latchkey/store';
import type { RequestContext } from '../platform/http.ts';
import { PasswordPoolBusy } from '../platform/password-pool.ts';

/** How a password check ended. Nothing tells whether the name exists. */
type PasswordOutcome =
  | { readonly kind: 'proven'; readonly account: LoginAccount }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly retryAfterSeconds: number };

const maximumPasswordBytes = 4096;

function wait(untilMs: number, nowMs: number) {
  return { kind: 'wait', retryAfterSeconds: Math.max(1, Math.ceil((untilMs - nowMs) / 1000)) } as const;
}

/** A name nobody has: the same delays and the same work as for one somebody has, kept in memory only. */
async function checkUnknown(
  context: RequestContext,
  name: string,
  password: string,
): Promise<PasswordOutcome> {
  const { unknownAccounts, settings, clock, passwords } = context.deps;
  const { scope } = context.instance;
  // As for somebody of the organization the name would be one of, so that its own limits do not tell whom it has.
  const organizationDomain = name.slice(name.lastIndexOf('@') + 1);
  const organizationId = await settings.wantedOrganization(scope, { organizationDomain });
  const { lockoutPolicy: lockout } = await settings.of(scope, organizationId);
  const key = `${context.instance.id} ${name}`;
  const now = clock.now();
  const record = unknownAccounts.get(key) ?? { count: 0, lastAtMs: 0 };
  const verdict = judgeAttempt(record, now, lockout);
  if (verdict.kind === 'wait') return wait(verdict.untilMs, now);
  unknownAccounts.set(key, { count: record.count + 1, lastAtMs: now });
  await passwords.verify(password, null);
  return { kind: 'wrong' };
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

async function checkKnown(
  context: RequestContext,
  account: LoginAccount,
  password: string,
): Promise<PasswordOutcome> {
  const { store, settings, clock, passwords } = context.deps;
  const { scope } = context.instance;
  const { lockoutPolicy: lockout } = await settings.of(scope, account.organizationId);
  const now = clock.now();
  const verdict = judgeAttempt(
    { count: account.failedAttempts, lastAtMs: account.lastFailedAtMs },
    now,
    lockout,
  );
  if (verdict.kind === 'wait') return wait(verdict.untilMs, now);
  // Counted before the hash, so that parallel guesses cannot slip past the limit; a success sets the count back.
  if (!(await reserveAttempt(store.db, scope, account, { nowMs: now, ip: context.ip })))
    return wait(now + 1000, now);
  const isUsable = account.state === 'active' && account.organizationState === 'active';
  try {
    const isMatch = await passwords.verify(password, account.passwordHash);
    if (!isMatch || !isUsable) return { kind: 'wrong' };
    await strengthenHash(context, account, password);
    return { kind: 'proven', account };
  } catch (error) {
    await releaseAttempt(store.db, scope, account.id);
    throw error;
  }
}

/** Whom a name stands for: a login name or, where the person's organization allows it, a verified e-mail address. */
async function findAccount(context: RequestContext, name: string): Promise<LoginAccount | undefined> {
  const { store, settings } = context.deps;
  const { scope } = context.instance;
  const account = await findLoginAccount(store.db, scope, name);
  if (account === undefined || canonicalLoginName(account.loginName) === name) return account;
  const { login } = await settings.of(scope, account.organizationId);
  return login.allowLoginByEmail ? account : undefined;
}

/** A check that ended, with what the proven person went on to. */
export type CheckedPassword<T> =
  | { readonly kind: 'proven'; readonly result: T }
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number }
  | Exclude<PasswordOutcome, { kind: 'proven' }>;

async function judge<T>(
  context: RequestContext,
  name: string,
  password: string,
  onProven: (account: LoginAccount) => Promise<T>,
): Promise<CheckedPassword<T>> {
  const account = await findAccount(context, name);
  const outcome =
    account === undefined
      ? await checkUnknown(context, name, password)
      : await checkKnown(context, account, password);
  const { metrics, usage } = context.deps;
  metrics.countLogin(outcome.kind === 'proven' ? 'success' : outcome.kind === 'wait' ? 'delayed' : 'failure');
  usage.note(context.instance.id, outcome.kind === 'proven' ? 'sign-ins' : 'sign-in-failures', '');
  if (outcome.kind !== 'proven') return outcome;
  context.deps.limits.loginByIp.refund(context.caller);
  return { kind: 'proven', result: await onProven(outcome.account) };
}

/**
 * Checks a password: the limit of the address first, then admission, then the limit of the account, then the hash. Somebody
 * whose account is locked or inactive hears the same as somebody with a wrong password. `onProven` runs while the sign-in
 * still holds its place, so that a flood of right passwords is bounded too; it must not wait for anybody but the database.
 */
export async function checkPassword<T>(
  context: RequestContext,
  loginName: string,
  password: string,
  onProven: (account: LoginAccount) => Promise<T>,
): Promise<CheckedPassword<T>> {
  const { limits, clock, metrics, passwords } = context.deps;
  const now = clock.now();
  const ipWaitMs = limits.loginByIp.waitMs(context.caller, now);
  if (ipWaitMs > 0) return wait(now + ipWaitMs, now);
  // Counted now, so that many at once cannot slip past, and taken back from who proves to be at home here.
  limits.loginByIp.count(context.caller, now);
  const name = canonicalLoginName(loginName);
  if (name === undefined || Buffer.byteLength(password) > maximumPasswordBytes) return { kind: 'wrong' };
  try {
    // Before the database is asked, so that a flood of sign-ins leaves it to others.
    return await passwords.admit(() => judge(context, name, password, onProven));
  } catch (error) {
    if (!(error instanceof PasswordPoolBusy)) throw error;
    // Nothing was tried, so whoever comes again as asked has lost nothing.
    limits.loginByIp.refund(context.caller);
    metrics.countLogin('busy');
    metrics.countTurnedAway('password');
    return { kind: 'busy', retryAfterSeconds: 1 };
  }
}
