import type { SigningAlgorithm } from '@latchkey/protocol';
import type { Kysely, Selectable } from 'kysely';
import { type Change, revocationOf } from './change.ts';
import type { Scope } from './scope.ts';
import type { SigningKeyRow, Tables } from './tables.ts';

/** The signing keys of an instance that still matter, newest first. */
export async function listSigningKeys(
  db: Kysely<Tables>,
  scope: Scope,
): Promise<readonly Selectable<SigningKeyRow>[]> {
  return await db
    .selectFrom('signingKeys')
    .selectAll()
    .where('instanceId', '=', scope.instanceId)
    .where('state', '<>', 'removed')
    .orderBy('sinceMs', 'desc')
    .execute();
}

/** A new key, published only or signing at once. Of two nodes that try at the same time one fails on the unique index. */
export async function insertSigningKey(
  change: Change,
  input: Pick<Selectable<SigningKeyRow>, 'id' | 'algorithm' | 'privateKeySealed'> & {
    readonly state: 'next' | 'active';
    readonly publicJwk: unknown;
  },
): Promise<void> {
  await change.trx
    .insertInto('signingKeys')
    .values({
      ...input,
      publicJwk: JSON.stringify(input.publicJwk),
      instanceId: change.scope.instanceId,
      sinceMs: change.nowMs,
    })
    .execute();
  await change.record({
    type: 'key.created',
    objectKind: 'key',
    objectId: input.id,
    detail: { algorithm: input.algorithm, state: input.state },
    reach: 'waking',
  });
}

/**
 * Lets a published key sign and the one before it retire. Does nothing when another node was quicker: the key is locked
 * first, so of two nodes that decided from the same facts one finds it active already.
 */
export async function activateSigningKey(
  change: Change,
  keyId: string,
  algorithm: SigningAlgorithm,
): Promise<void> {
  const { instanceId } = change.scope;
  const next = await change.trx
    .selectFrom('signingKeys')
    .select('state')
    .where('instanceId', '=', instanceId)
    .where('id', '=', keyId)
    .forUpdate()
    .executeTakeFirst();
  if (next?.state !== 'next') return;
  await change.trx
    .updateTable('signingKeys')
    .set({ state: 'retiring', sinceMs: change.nowMs })
    .where('instanceId', '=', instanceId)
    .where('algorithm', '=', algorithm)
    .where('state', '=', 'active')
    .execute();
  await change.trx
    .updateTable('signingKeys')
    .set({ state: 'active', sinceMs: change.nowMs })
    .where('instanceId', '=', instanceId)
    .where('id', '=', keyId)
    .execute();
  await change.record({
    type: 'key.activated',
    objectKind: 'key',
    objectId: keyId,
    detail: { algorithm },
    reach: 'waking',
  });
}

/** Takes a key out of use; its private half is forgotten, and tokens it signed are dead. */
export async function removeSigningKey(change: Change, keyId: string): Promise<void> {
  await change.trx
    .updateTable('signingKeys')
    .set({ state: 'removed', sinceMs: change.nowMs, privateKeySealed: null })
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', keyId)
    .execute();
  await change.record({
    type: 'key.removed',
    objectKind: 'key',
    objectId: keyId,
    revokes: [revocationOf('key', keyId, change.nowMs, 'forever')],
    reach: 'waking',
  });
}
