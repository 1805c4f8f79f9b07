/** What a sign-in in progress has established. */
export interface LoginProgress {
  readonly loginName?: string;
  /** The person chose to see the accounts, or the request asked for it. */
  readonly wish?: 'choose-account' | 'other-account' | 'register' | 'consent';
  readonly verified: readonly 'password'[];
  /** How many accounts are signed in on this browser that would do. */
  readonly usableSessions: number;
}

/** The page that comes next, or the end. */
export type LoginStep = 'accounts' | 'login-name' | 'password' | 'done';

/** Says what a sign-in needs next. Further factors join here, so that no flow can forget them. */
export function nextStep(progress: LoginProgress): LoginStep {
  if (progress.verified.includes('password')) return 'done';
  if (progress.wish === 'choose-account' && progress.usableSessions > 0) return 'accounts';
  return progress.loginName === undefined ? 'login-name' : 'password';
}
