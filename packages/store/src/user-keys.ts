import type { Kysely } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import { spendId } from './spent-ids.ts';
import type { Tables } from './tables.ts';

/** A new public key of a machine user, by which it gets tokens (RFC 7523 §2.1). Every process hears of it. */
export async function insertUserKey(
  change: Change,
  input: {
    readonly id: string;
    readonly userId: string;
    readonly publicKeyPem: string;
    readonly expiresAtMs?: number;
  },
): Promise<void> {
  const expiresAtMs = input.expiresAtMs ?? null;
  await change.trx
    .insertInto('userKeys')
    .values({ ...input, expiresAtMs, instanceId: change.scope.instanceId, createdAtMs: change.nowMs })
    .execute();
  await change.record({
    type: 'user.key.created',
    objectKind: 'user',
    objectId: input.userId,
    detail: { keyId: input.id, expiresAtMs },
    reach: 'waking',
  });
}

/** Removes a key of a machine user, of that one only when told: nothing is issued by it any more. Resolves to whether it was there. */
export async function removeUserKey(
  change: Change,
  keyId: string,
  ofUser?: string,
): Promise<'removed' | 'not-found'> {
  const row = await change.trx
    .deleteFrom('userKeys')
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', keyId)
    .$if(ofUser !== undefined, (statement) => statement.where('userId', '=', ofUser ?? ''))
    .returning('userId')
    .executeTakeFirst();
  if (row === undefined) return 'not-found';
  await spendId(change, keyId);
  await change.record({
    type: 'user.key.removed',
    objectKind: 'user',
    objectId: row.userId,
    detail: { keyId },
    reach: 'waking',
  });
  return 'removed';
}

/** A key of a machine user as lists show it. */
export interface UserKeyEntry {
  readonly id: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
}

/** The keys of a machine user, oldest first. */
export async function listUserKeys(
  db: Kysely<Tables>,
  scope: Scope,
  userId: string,
): Promise<readonly UserKeyEntry[]> {
  return await db
    .selectFrom('userKeys')
    .select(['id', 'createdAtMs', 'expiresAtMs'])
    .where('instanceId', '=', scope.instanceId)
    .where('userId', '=', userId)
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute();
}
