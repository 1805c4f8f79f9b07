/** A deletion that waits for another sign-in. */
export interface PendingDeletion {
  readonly slug: string;
  readonly version: number;
  readonly userId: string;
  /** The `auth_time` of the sign-in that was too old. */
  readonly authTime: number | undefined;
}

const KEY = 'news.pending-deletion';

/** Remembers a deletion in this tab, while the browser goes to the sign-in page and back. */
export function rememberDeletion(storage: Storage, pending: PendingDeletion): void {
  storage.setItem(KEY, JSON.stringify(pending));
}

/**
 * Takes the remembered deletion, once. Undefined unless it is for this article and this user, and the user has signed in
 * since: whoever comes back without signing in has not confirmed it.
 */
export function takeDeletion(
  storage: Storage,
  now: Pick<PendingDeletion, 'slug' | 'userId' | 'authTime'>,
): PendingDeletion | undefined {
  const text = storage.getItem(KEY);
  if (text === null) return undefined;
  storage.removeItem(KEY);
  // cast: only rememberDeletion writes this key
  const pending = JSON.parse(text) as PendingDeletion;
  const isSame = pending.slug === now.slug && pending.userId === now.userId;
  const isNewSignIn = now.authTime !== undefined && now.authTime !== pending.authTime;
  return isSame && isNewSignIn ? pending : undefined;
}
