import { type Kysely, type Selectable, sql } from 'kysely';
import type { Change } from './change.ts';
import { applicationIdOf, type FailedCall, noteFailedCall } from './deliveries.ts';
import type { OutboxRow, Tables } from './tables.ts';

/** What a message of the outbox is about. */
export type OutboxKind = OutboxRow['kind'];

/** A message that this caller may deliver now. `attempts` counts the one it is about to make. */
export type ClaimedMessage = Selectable<OutboxRow>;

/** Puts a message into the outbox, in the transaction that causes it; due at once. */
export async function insertOutboxMessage(
  change: Change,
  message: { readonly kind: OutboxKind; readonly payload: Readonly<Record<string, unknown>> },
): Promise<void> {
  await change.trx
    .insertInto('outbox')
    .values({
      instanceId: change.scope.instanceId,
      kind: message.kind,
      payload: JSON.stringify(message.payload),
      nextAttemptAtMs: change.nowMs,
      createdAtMs: change.nowMs,
    })
    .execute();
  change.noteMessages();
}

// No pause between two tries is as long: a time further ahead was written by a clock that was wrong.
const longestPauseMs = 600_000;

/**
 * Takes due messages, those tried least first, by pushing their next attempt ahead to `untilMs`: one statement, so that no
 * transaction is open while the message travels, of several takers each message has one, and a taker that dies gives its
 * messages back by that time.
 */
export async function claimOutbox(
  db: Kysely<Tables>,
  input: {
    readonly kinds: readonly OutboxKind[];
    readonly nowMs: number;
    readonly untilMs: number;
    readonly limit: number;
  },
): Promise<readonly ClaimedMessage[]> {
  const { rows } = await sql<ClaimedMessage>`
    update outbox set attempts = attempts + 1, next_attempt_at_ms = ${input.untilMs}::bigint
    where (instance_id, id) in (
      select instance_id, id from outbox
      where (next_attempt_at_ms <= ${input.nowMs}::bigint or next_attempt_at_ms > ${input.nowMs + longestPauseMs}::bigint) and kind = any(${[...input.kinds]}::text[])
      order by attempts, next_attempt_at_ms limit ${input.limit} for update skip locked)
    returning *`.execute(db);
  return rows;
}

/** Forgets a message: it has arrived. A failure before is over since. */
export async function deleteOutboxMessage(
  db: Kysely<Tables>,
  message: Pick<ClaimedMessage, 'instanceId' | 'id' | 'kind' | 'payload'>,
  nowMs: number,
): Promise<void> {
  const { instanceId, id, kind } = message;
  await sql`
    with arrived as (delete from outbox where instance_id = ${instanceId} and id = ${id})
    update delivery_failures set delivered_at_ms = ${nowMs}::bigint
    where instance_id = ${instanceId} and application_id = ${applicationIdOf(message) ?? ''} and kind = ${kind}
      and delivered_at_ms is null`.execute(db);
}

/** Sets when a message is tried next, unless another process has taken it since, and keeps the call that failed. */
export async function postponeOutboxMessage(
  db: Kysely<Tables>,
  message: Pick<ClaimedMessage, 'instanceId' | 'id' | 'attempts' | 'kind' | 'payload'>,
  next: { readonly nowMs: number; readonly nextAttemptAtMs: number; readonly call: FailedCall | undefined },
): Promise<void> {
  const { nowMs, nextAttemptAtMs, call } = next;
  await db
    .updateTable('outbox')
    .set({ nextAttemptAtMs })
    .where('instanceId', '=', message.instanceId)
    .where('id', '=', message.id)
    .where('attempts', '=', message.attempts)
    .execute();
  if (call !== undefined) await noteFailedCall(message, call, { nowMs, isGivenUp: false }).execute(db);
}

/** Gives a message up for good, and says so in the log of its application. Does nothing when it is gone. */
export async function abandonOutboxMessage(
  change: Change,
  message: Pick<ClaimedMessage, 'instanceId' | 'id' | 'kind' | 'attempts' | 'payload'>,
  { reason, call }: { readonly reason: string; readonly call: FailedCall | undefined },
): Promise<void> {
  const { instanceId } = change.scope;
  const result = await change.trx
    .deleteFrom('outbox')
    .where('instanceId', '=', instanceId)
    .where('id', '=', message.id)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return;
  if (call !== undefined)
    await noteFailedCall(message, call, { nowMs: change.nowMs, isGivenUp: true }).execute(change.trx);
  const { kind, attempts } = message;
  const applicationId = applicationIdOf(message);
  const owner =
    applicationId === undefined
      ? undefined
      : await change.trx
          .selectFrom('applications')
          .select(['id', 'organizationId'])
          .where('instanceId', '=', instanceId)
          .where('id', '=', applicationId)
          .executeTakeFirst();
  await change.record({
    type: 'outbox.abandoned',
    ...(owner === undefined
      ? { objectKind: 'outbox', objectId: String(message.id) }
      : { objectKind: 'application', objectId: owner.id, organizationId: owner.organizationId }),
    detail: { kind, attempts, reason, ...(call === undefined ? {} : { address: call.address }) },
    reach: 'quiet',
  });
}
