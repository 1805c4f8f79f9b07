import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import { spendId } from './spent-ids.ts';
import type { Tables } from './tables.ts';

/** A secret or key as lists show it. */
export interface CredentialEntry {
  readonly id: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
}

/** The secrets of an application or machine that still count, oldest first. */
export async function listClientSecrets(
  db: Kysely<Tables>,
  scope: Scope,
  ownerId: string,
  nowMs: number,
): Promise<readonly CredentialEntry[]> {
  return await db
    .selectFrom('clientSecrets')
    .select(['id', 'createdAtMs', 'expiresAtMs'])
    .where('instanceId', '=', scope.instanceId)
    .where('ownerId', '=', ownerId)
    .where((eb) => eb.or([eb('expiresAtMs', 'is', null), eb('expiresAtMs', '>', nowMs)]))
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute();
}

/**
 * Lets the present secrets of an application or machine end at a time, those that end sooner anyway aside; those that have ended are
 * forgotten. Resolves to how many go on until then.
 */
export async function expireClientSecrets(
  change: Change,
  ownerId: string,
  atMs: number,
  ownerKind: 'application' | 'user' = 'application',
): Promise<number> {
  const { instanceId } = change.scope;
  await sql`delete from client_secrets where instance_id = ${instanceId} and owner_id = ${ownerId}
    and (expires_at_ms <= ${change.nowMs} or ${atMs}::bigint <= ${change.nowMs}::bigint)`.execute(change.trx);
  const { rows } = await sql<{
    id: string;
  }>`update client_secrets set expires_at_ms = least(expires_at_ms, ${atMs}::bigint)
    where instance_id = ${instanceId} and owner_id = ${ownerId} returning id`.execute(change.trx);
  await change.record({
    type: 'client.secrets.expired',
    objectKind: ownerKind,
    objectId: ownerId,
    detail: { secretIds: rows.map(({ id }) => id), expiresAtMs: atMs },
    reach: 'waking',
  });
  return rows.length;
}

/** Removes one secret of an application or machine: it is refused at once. */
export async function removeClientSecret(
  change: Change,
  ownerId: string,
  secretId: string,
  ownerKind: 'application' | 'user' = 'application',
): Promise<'removed' | 'not-found'> {
  const result = await change.trx
    .deleteFrom('clientSecrets')
    .where('instanceId', '=', change.scope.instanceId)
    .where('ownerId', '=', ownerId)
    .where('id', '=', secretId)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return 'not-found';
  await change.record({
    type: 'client.secret.removed',
    objectKind: ownerKind,
    objectId: ownerId,
    detail: { secretId },
    reach: 'waking',
  });
  return 'removed';
}

/** The public keys of an application that still count, oldest first. */
export async function listApplicationKeys(
  db: Kysely<Tables>,
  scope: Scope,
  applicationId: string,
  nowMs: number,
): Promise<readonly CredentialEntry[]> {
  return await db
    .selectFrom('applicationKeys')
    .select(['id', 'createdAtMs', 'expiresAtMs'])
    .where('instanceId', '=', scope.instanceId)
    .where('applicationId', '=', applicationId)
    .where((eb) => eb.or([eb('expiresAtMs', 'is', null), eb('expiresAtMs', '>', nowMs)]))
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute();
}

/** Removes a key of an application: what it signed is refused at once. */
export async function removeApplicationKey(
  change: Change,
  applicationId: string,
  keyId: string,
): Promise<'removed' | 'not-found'> {
  const result = await change.trx
    .deleteFrom('applicationKeys')
    .where('instanceId', '=', change.scope.instanceId)
    .where('applicationId', '=', applicationId)
    .where('id', '=', keyId)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return 'not-found';
  await spendId(change, keyId);
  await change.record({
    type: 'application.key.removed',
    objectKind: 'application',
    objectId: applicationId,
    detail: { keyId },
    reach: 'waking',
  });
  return 'removed';
}

/** Replaces the hash a secret came with by our own, if it is still the one that was checked. */
export async function strengthenClientSecret(
  change: Change,
  secret: {
    readonly id: string;
    readonly ownerId: string;
    readonly ownerKind: 'application' | 'user';
    readonly from: string;
    readonly sha256: string;
  },
): Promise<void> {
  const { id, ownerId, ownerKind, from, sha256 } = secret;
  const result = await change.trx
    .updateTable('clientSecrets')
    .set({ sha256, foreignHash: null })
    .where('instanceId', '=', change.scope.instanceId)
    .where('ownerId', '=', ownerId)
    .where('id', '=', id)
    .where('foreignHash', '=', from)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return;
  await change.record({
    type: 'client.secret.rehashed',
    objectKind: ownerKind,
    objectId: ownerId,
    detail: { secretId: id },
    reach: 'waking',
  });
}
