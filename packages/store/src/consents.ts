import { type Kysely, sql } from 'kysely';
import { type Change, revocationOf } from './change.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Whose consent, and to which application. */
export interface ConsentKey {
  readonly userId: string;
  readonly applicationId: string;
}

/** What a person has let an application have; `undefined` when they never did or took it back. */
export async function findConsent(
  db: Kysely<Tables>,
  scope: Scope,
  key: ConsentKey,
): Promise<readonly string[] | undefined> {
  const row = await db
    .selectFrom('consents')
    .select('scopes')
    .where('instanceId', '=', scope.instanceId)
    .where('userId', '=', key.userId)
    .where('applicationId', '=', key.applicationId)
    .executeTakeFirst();
  return row?.scopes;
}

/** Remembers a consent. What was consented to before stays: of two at once, neither is lost. */
export async function upsertConsent(
  change: Change,
  input: ConsentKey & { readonly scopes: readonly string[] },
): Promise<void> {
  const { userId, applicationId } = input;
  const scopes = [...input.scopes];
  await change.trx
    .insertInto('consents')
    .values({
      instanceId: change.scope.instanceId,
      userId,
      applicationId,
      scopes,
      createdAtMs: change.nowMs,
      updatedAtMs: change.nowMs,
    })
    .onConflict((conflict) =>
      conflict.columns(['instanceId', 'userId', 'applicationId']).doUpdateSet({
        scopes: sql<
          string[]
        >`array(select distinct unnest(consents.scopes || excluded.scopes) as scope order by scope)`,
        updatedAtMs: change.nowMs,
      }),
    )
    .execute();
  await change.record({
    type: 'consent.given',
    objectKind: 'consent',
    objectId: `${userId}:${applicationId}`,
    detail: { userId, applicationId, scopes },
    reach: 'quiet',
  });
}

/** Takes a consent back: the application is asked about again, what it holds of the person is dead. */
export async function removeConsent(change: Change, key: ConsentKey): Promise<'removed' | 'not-found'> {
  const { instanceId } = change.scope;
  const { userId, applicationId } = key;
  const result = await change.trx
    .deleteFrom('consents')
    .where('instanceId', '=', instanceId)
    .where('userId', '=', userId)
    .where('applicationId', '=', applicationId)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return 'not-found';
  const grants = await change.trx
    .updateTable('grants')
    .set({ endedAtMs: change.nowMs })
    .where('instanceId', '=', instanceId)
    .where('userId', '=', userId)
    .where('applicationId', '=', applicationId)
    .where('endedAtMs', 'is', null)
    .returning('id')
    .execute();
  await change.record({
    type: 'consent.revoked',
    objectKind: 'consent',
    objectId: `${userId}:${applicationId}`,
    detail: { userId, applicationId },
    revokes: [
      revocationOf('consent', `${userId}:${applicationId}`, change.nowMs, 'so-far'),
      ...grants.map(({ id }) => revocationOf('grant', id, change.nowMs, 'forever')),
    ],
    reach: 'waking',
  });
  return 'removed';
}
