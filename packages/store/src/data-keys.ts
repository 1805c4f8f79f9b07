import type { Kysely } from 'kysely';
import type { Change, EventInput } from './change.ts';
import type { Tables } from './tables.ts';

/** A data key as it is stored, wrapped by a master key. */
export interface StoredDataKey {
  readonly instanceId: string;
  readonly version: number;
  readonly masterKeyId: string;
  readonly wrapped: Buffer;
}

/** How many data keys a master key wraps, and of how many instances. */
export interface MasterKeyUse {
  readonly masterKeyId: string;
  readonly dataKeys: number;
  readonly instances: number;
}

/** The master keys that data keys are wrapped with. */
export async function listMasterKeyUses(db: Kysely<Tables>): Promise<readonly MasterKeyUse[]> {
  const rows = await db
    .selectFrom('instanceDataKeys')
    .select((eb) => [
      'masterKeyId',
      eb.fn.countAll<number>().as('dataKeys'),
      eb.fn.count<number>('instanceId').distinct().as('instances'),
    ])
    .groupBy('masterKeyId')
    .orderBy('masterKeyId')
    .execute();
  return rows.map((row) => ({
    masterKeyId: row.masterKeyId,
    dataKeys: Number(row.dataKeys),
    instances: Number(row.instances),
  }));
}

/** Data keys that another master key wraps than the one named, at most `limit`, in order. */
export async function listDataKeysToRewrap(
  db: Kysely<Tables>,
  masterKeyId: string,
  limit: number,
): Promise<readonly StoredDataKey[]> {
  return await db
    .selectFrom('instanceDataKeys')
    .select(['instanceId', 'version', 'masterKeyId', 'wrapped'])
    .where('masterKeyId', '<>', masterKeyId)
    .orderBy('instanceId')
    .orderBy('version')
    .limit(limit)
    .execute();
}

const rewrapped = (key: StoredDataKey, from: string): EventInput => ({
  type: 'instance.data-key.rewrapped',
  objectKind: 'instance',
  objectId: key.instanceId,
  detail: { version: key.version, from, to: key.masterKeyId },
  // The key itself is the same, so nobody's memory changes.
  reach: 'quiet',
});

/**
 * Stores a data key of the change's instance as wrapped by another master key, unless somebody else has done so since it was read
 * as wrapped by `from`. Resolves to whether it was stored.
 */
export async function replaceWrapping(change: Change, key: StoredDataKey, from: string): Promise<boolean> {
  const { numUpdatedRows } = await change.trx
    .updateTable('instanceDataKeys')
    .set({ masterKeyId: key.masterKeyId, wrapped: key.wrapped })
    .where('instanceId', '=', key.instanceId)
    .where('version', '=', key.version)
    .where('masterKeyId', '=', from)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await change.record(rewrapped(key, from));
  return true;
}
