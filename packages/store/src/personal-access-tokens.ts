import type { Kysely, Selectable } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A personal access token as it is kept; the token itself is with its owner alone. */
export type PersonalAccessToken = Omit<Selectable<Tables['personalAccessTokens']>, 'instanceId'>;

/** A new personal access token: the sealed text counts for as long as this row is there. */
export async function insertPersonalAccessToken(
  change: Change,
  input: Omit<PersonalAccessToken, 'createdAtMs' | 'scopes'> & { readonly scopes: readonly string[] },
): Promise<void> {
  await change.trx
    .insertInto('personalAccessTokens')
    .values({
      ...input,
      scopes: [...input.scopes],
      instanceId: change.scope.instanceId,
      createdAtMs: change.nowMs,
    })
    .execute();
  await change.record({
    type: 'personal-access-token.created',
    objectKind: 'personal-access-token',
    objectId: input.id,
    detail: { userId: input.userId, scopes: input.scopes, expiresAtMs: input.expiresAtMs },
    reach: 'waking',
  });
}

/** Takes a personal access token back, of that user only when told, for good. Resolves to whether it was there. */
export async function removePersonalAccessToken(
  change: Change,
  id: string,
  ofUser?: string,
): Promise<'removed' | 'not-found'> {
  const row = await change.trx
    .deleteFrom('personalAccessTokens')
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', id)
    .$if(ofUser !== undefined, (statement) => statement.where('userId', '=', ofUser ?? ''))
    .returning('userId')
    .executeTakeFirst();
  if (row === undefined) return 'not-found';
  await change.record({
    type: 'personal-access-token.removed',
    objectKind: 'personal-access-token',
    objectId: id,
    detail: { userId: row.userId },
    reach: 'waking',
  });
  return 'removed';
}

/** A personal access token by its id; `undefined` once it was taken back. */
export async function findPersonalAccessToken(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
): Promise<PersonalAccessToken | undefined> {
  return await db
    .selectFrom('personalAccessTokens')
    .select(['id', 'userId', 'scopes', 'createdAtMs', 'expiresAtMs'])
    .where('instanceId', '=', scope.instanceId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The personal access tokens of a user, oldest first. */
export async function listPersonalAccessTokens(
  db: Kysely<Tables>,
  scope: Scope,
  userId: string,
): Promise<readonly PersonalAccessToken[]> {
  return await db
    .selectFrom('personalAccessTokens')
    .select(['id', 'userId', 'scopes', 'createdAtMs', 'expiresAtMs'])
    .where('instanceId', '=', scope.instanceId)
    .where('userId', '=', userId)
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute();
}
