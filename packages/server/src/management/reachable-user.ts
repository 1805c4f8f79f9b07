import { canonicalLoginName } from '@latchkey/identity';
import { findPlace, findUserRecord, type Place, type Store } from '@latchkey/store';
import { isAllowed } from './access.ts';
import { notFound } from './admit.ts';
import type { Acting } from './strength.ts';

/** A user named in a request, and whose answer will show their names. */
export interface NamedUser {
  readonly userId: string;
  /** The exact login name, which shows that the caller knows the user. */
  readonly loginName: string | undefined;
  /** Organizations whose people the caller may name by id. */
  readonly organizationIds: readonly string[];
}

/**
 * The place of a user the caller may name: one they can read, one of the given organizations, or one whose exact login
 * name they send. Throws `not-found` for everybody else, so that an id never yields a name.
 */
export async function findReachableUser(
  { instance, caller }: Acting,
  db: Store['db'],
  { userId, loginName, organizationIds }: NamedUser,
): Promise<Place> {
  const user = await findPlace(db, instance.scope, 'user', userId);
  if (user === undefined) throw notFound('user', userId);
  if (userId === caller.subject.user.id || organizationIds.includes(user.organizationId)) return user;
  if (isAllowed(caller.memberships, user, 'user.read')) return user;
  const record = loginName === undefined ? undefined : await findUserRecord(db, instance.scope, userId);
  if (loginName === undefined || record === undefined) throw notFound('user', userId);
  if (canonicalLoginName(loginName) !== canonicalLoginName(record.loginName)) throw notFound('user', userId);
  return user;
}
