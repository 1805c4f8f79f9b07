import type { Kysely } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** The metadata of an organization, by key. */
export async function listOrganizationMetadata(
  db: Kysely<Tables>,
  scope: Scope,
  organizationId: string,
): Promise<readonly { readonly key: string; readonly value: Buffer }[]> {
  return await db
    .selectFrom('organizationMetadata')
    .select(['key', 'value'])
    .where('instanceId', '=', scope.instanceId)
    .where('organizationId', '=', organizationId)
    .orderBy('key')
    .execute();
}

/** Sets one value. */
export async function setOrganizationMetadata(
  change: Change,
  entry: { readonly organizationId: string; readonly key: string; readonly value: Buffer },
): Promise<void> {
  const { organizationId, key, value } = entry;
  await change.trx
    .insertInto('organizationMetadata')
    .values({ ...entry, instanceId: change.scope.instanceId })
    .onConflict((conflict) =>
      conflict.columns(['instanceId', 'organizationId', 'key']).doUpdateSet({ value }),
    )
    .execute();
  await change.record({
    type: 'organization.metadata.set',
    objectKind: 'organization',
    objectId: organizationId,
    organizationId,
    detail: { key },
    reach: 'quiet',
  });
}

/** Removes one value. */
export async function removeOrganizationMetadata(
  change: Change,
  named: { readonly organizationId: string; readonly key: string },
): Promise<'removed' | 'not-found'> {
  const { organizationId, key } = named;
  const result = await change.trx
    .deleteFrom('organizationMetadata')
    .where('instanceId', '=', change.scope.instanceId)
    .where('organizationId', '=', organizationId)
    .where('key', '=', key)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return 'not-found';
  await change.record({
    type: 'organization.metadata.removed',
    objectKind: 'organization',
    objectId: organizationId,
    organizationId,
    detail: { key },
    reach: 'quiet',
  });
  return 'removed';
}
