import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import type { Instance } from './instances.ts';
import { queueBackchannelLogouts } from './session-clients.ts';
import { insertSigningKey, removeSigningKey } from './signing-keys.ts';
import type { StoreAccess } from './store.ts';
import type { Tables } from './tables.ts';

/** An instance in any state, with what a restored backup must replace. */
export interface RestorableInstance {
  readonly id: string;
  readonly dataKeys: Instance['dataKeys'];
}

/** Every instance that was not removed, with its data keys, newest first. */
export async function listRestorableInstances(db: Kysely<Tables>): Promise<readonly RestorableInstance[]> {
  const ids = await db
    .selectFrom('instances')
    .select('id')
    .where('state', '<>', 'removed')
    .orderBy('id')
    .execute();
  const keys = await db.selectFrom('instanceDataKeys').selectAll().orderBy('version', 'desc').execute();
  return ids.map(({ id }) => ({ id, dataKeys: keys.filter((key) => key.instanceId === id) }));
}

/** How much a restored backup ended. */
export interface EndedByRestore {
  readonly sessions: number;
  readonly personalAccessTokens: readonly { readonly id: string; readonly userId: string }[];
  readonly signingKeys: number;
}

// A batch ends well within the time a statement may take, however many sessions a backup holds.
const batchSize = 2000;

async function endSessionBatch(change: Change): Promise<number> {
  const { instanceId } = change.scope;
  const { rows } = await sql<{ id: string }>`
    update sessions set ended_at_ms = ${change.nowMs}::bigint
    where (instance_id, id) in (select instance_id, id from sessions
      where instance_id = ${instanceId} and ended_at_ms is null limit ${batchSize} for update)
    returning id`.execute(change.trx);
  await queueBackchannelLogouts(
    change,
    rows.map(({ id }) => id),
  );
  return rows.length;
}

async function endGrantBatch(change: Change): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update grants set ended_at_ms = ${change.nowMs}::bigint
    where (instance_id, id) in (select instance_id, id from grants
      where instance_id = ${change.scope.instanceId} and ended_at_ms is null limit ${batchSize} for update)`.execute(
    change.trx,
  );
  return Number(numAffectedRows);
}

async function endBatches(
  store: StoreAccess,
  context: Parameters<StoreAccess['change']>[0],
  batch: (change: Change) => Promise<number>,
): Promise<number> {
  let total = 0;
  for (;;) {
    const ended = await store.change(context, batch);
    total += ended;
    if (ended < batchSize) return total;
  }
}

/** What takes the place of what ends. */
export interface RestoreReplacement {
  readonly dataKey: { readonly version: number; readonly masterKeyId: string; readonly wrapped: Buffer };
  /** One for each algorithm that signs now. */
  readonly signingKeys: readonly Omit<Parameters<typeof insertSigningKey>[1], 'state'>[];
}

/**
 * The transaction from which on nothing issued before opens: the new data key, new signing keys in place of all others,
 * pending device and CIBA requests, personal and initial access tokens gone. Other processes hear of it by `instance.restored`.
 */
async function beginAnew(
  change: Change,
  replacement: RestoreReplacement,
  endedSessions: number,
): Promise<EndedByRestore> {
  const { trx, nowMs } = change;
  const { instanceId } = change.scope;
  const { dataKey } = replacement;
  await trx
    .insertInto('instanceDataKeys')
    .values({ instanceId, ...dataKey, createdAtMs: nowMs })
    .execute();
  await trx
    .updateTable('instances')
    .set({ oldestAcceptedKeyVersion: dataKey.version })
    .where('id', '=', instanceId)
    .execute();
  // Those that began since the batches; later ones were begun by a proof that the restored data accepted.
  const sessions = endedSessions + (await endSessionBatch(change));
  await endGrantBatch(change);
  const keys = await trx
    .selectFrom('signingKeys')
    .select('id')
    .where('instanceId', '=', instanceId)
    .where('state', '<>', 'removed')
    .execute();
  for (const { id } of keys) await removeSigningKey(change, id);
  for (const key of replacement.signingKeys) await insertSigningKey(change, { ...key, state: 'active' });
  const personalAccessTokens = await trx
    .deleteFrom('personalAccessTokens')
    .where('instanceId', '=', instanceId)
    .returning(['id', 'userId'])
    .execute();
  for (const table of ['deviceAuthorizations', 'backchannelAuthentications', 'initialAccessTokens'] as const)
    await trx.deleteFrom(table).where('instanceId', '=', instanceId).execute();
  await trx
    .deleteFrom('outbox')
    .where('instanceId', '=', instanceId)
    .where('kind', '=', 'ciba-ping')
    .execute();
  const ended = { sessions, personalAccessTokens, signingKeys: keys.length };
  await change.record({
    type: 'instance.restored',
    objectKind: 'instance',
    objectId: instanceId,
    detail: { ...ended, personalAccessTokens: personalAccessTokens.map(({ id }) => id) },
    reach: 'waking',
  });
  return ended;
}

/**
 * Ends everything that was issued in the context's instance before a backup was restored, in batches, so that it may be
 * called again after it was interrupted. Rejects with a unique violation when another process does the same.
 */
export async function endIssued(
  store: StoreAccess,
  context: Parameters<StoreAccess['change']>[0],
  replacement: RestoreReplacement,
): Promise<EndedByRestore> {
  const sessions = await endBatches(store, context, endSessionBatch);
  await endBatches(store, context, endGrantBatch);
  return await store.change(context, (change) => beginAnew(change, replacement, sessions));
}
