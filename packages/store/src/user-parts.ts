import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import { allOf, keyset, type WantedPage } from './list-page.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A metadata value of a user. */
export interface UserMetadataEntry {
  readonly key: string;
  readonly value: Buffer;
}

/** A page of a user's metadata, by key. */
export async function listUserMetadata(
  db: Kysely<Tables>,
  scope: Scope,
  userId: string,
  { limit, after }: WantedPage,
): Promise<readonly UserMetadataEntry[]> {
  let statement = db
    .selectFrom('userMetadata')
    .select(['key', 'value'])
    .where('instanceId', '=', scope.instanceId)
    .where('userId', '=', userId);
  if (after !== undefined) statement = statement.where('key', '>', String(after[0]));
  return await statement.orderBy('key').limit(limit).execute();
}

/** How many metadata values a user has besides that of one key. */
export async function countOtherMetadata(change: Change, userId: string, key: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from user_metadata
    where instance_id = ${change.scope.instanceId} and user_id = ${userId} and key <> ${key}`.execute(
    change.trx,
  );
  return rows[0]?.count ?? 0;
}

/** Removes a metadata value of a user. */
export async function removeUserMetadata(
  change: Change,
  userId: string,
  key: string,
): Promise<'removed' | 'not-found'> {
  const result = await change.trx
    .deleteFrom('userMetadata')
    .where('instanceId', '=', change.scope.instanceId)
    .where('userId', '=', userId)
    .where('key', '=', key)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return 'not-found';
  await change.record({
    type: 'user.metadata.removed',
    objectKind: 'user',
    objectId: userId,
    detail: { key },
    reach: 'waking',
  });
  return 'removed';
}

/** What a person has let an application have. */
export interface ConsentEntry {
  readonly applicationId: string;
  readonly applicationName: string;
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A page of the consents of a person, by application. */
export async function listConsents(
  db: Kysely<Tables>,
  scope: Scope,
  userId: string,
  page: WantedPage,
): Promise<readonly ConsentEntry[]> {
  const id = sql`c.application_id`;
  const { beyond, tail } = keyset({ key: id, id, isDescending: false }, page);
  const where = allOf([sql`c.instance_id = ${scope.instanceId} and c.user_id = ${userId}`, beyond]);
  const { rows } =
    await sql<ConsentEntry>`select c.application_id, coalesce(a.name, c.application_id) as application_name,
      c.scopes, c.created_at_ms, c.updated_at_ms
    from consents c left join applications a on a.instance_id = c.instance_id and a.id = c.application_id
    where ${where} ${tail}`.execute(db);
  return rows;
}
