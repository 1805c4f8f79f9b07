import type { Kysely } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A request that carried an Idempotency-Key. `status` and `answerSealed` are there once its answer is known. */
export interface IdempotentRequest {
  readonly fingerprint: string;
  readonly status: number | null;
  readonly answerSealed: Buffer | null;
}

/** What a caller sent with a key before; `undefined` when nothing, or too long ago. */
export async function findIdempotentRequest(
  db: Kysely<Tables>,
  scope: Scope,
  named: { readonly callerId: string; readonly key: string },
  nowMs: number,
): Promise<IdempotentRequest | undefined> {
  return await db
    .selectFrom('idempotencyKeys')
    .select(['fingerprint', 'status', 'answerSealed'])
    .where('instanceId', '=', scope.instanceId)
    .where('callerId', '=', named.callerId)
    .where('key', '=', named.key)
    .where('expiresAtMs', '>', nowMs)
    .executeTakeFirst();
}

/** Takes a key in the transaction of the change it stands for: of several requests at once one does. */
export async function takeIdempotencyKey(
  change: Change,
  input: {
    readonly callerId: string;
    readonly key: string;
    readonly fingerprint: string;
    readonly expiresAtMs: number;
  },
): Promise<'taken' | 'in-use'> {
  const { instanceId } = change.scope;
  // One that has expired gives way; one that has not stays, and the change is not made.
  const row = { fingerprint: input.fingerprint, expiresAtMs: input.expiresAtMs };
  const result = await change.trx
    .insertInto('idempotencyKeys')
    .values({ instanceId, ...input })
    .onConflict((conflict) =>
      conflict
        .columns(['instanceId', 'callerId', 'key'])
        .doUpdateSet({ ...row, status: null, answerSealed: null })
        .where('idempotencyKeys.expiresAtMs', '<=', change.nowMs),
    )
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n ? 'taken' : 'in-use';
}

/** Writes down what was answered, for repetitions. */
export async function saveIdempotentAnswer(
  db: Kysely<Tables>,
  scope: Scope,
  named: { readonly callerId: string; readonly key: string },
  answer: { readonly status: number; readonly answerSealed: Buffer },
): Promise<void> {
  await db
    .updateTable('idempotencyKeys')
    .set(answer)
    .where('instanceId', '=', scope.instanceId)
    .where('callerId', '=', named.callerId)
    .where('key', '=', named.key)
    .execute();
}
