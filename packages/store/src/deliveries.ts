import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Scope } from './scope.ts';
import type { DeliveryFailureRow, OutboxRow, Tables } from './tables.ts';

/** A call to an address of an application that came to nothing. */
export interface FailedCall {
  readonly address: string;
  /** `answered`: with the status. The others: no answer came, or the server refuses to call the address. */
  readonly reason: DeliveryFailureRow['reason'];
  readonly status?: number;
}

/** The application a message is for; `undefined` when it does not say. */
export function applicationIdOf({ payload }: Pick<Selectable<OutboxRow>, 'payload'>): string | undefined {
  return typeof payload === 'object' && payload !== null && 'applicationId' in payload
    ? String(payload.applicationId)
    : undefined;
}

/** The statement that keeps the last failed call of a kind of messages to an application. */
export function noteFailedCall(
  message: Pick<Selectable<OutboxRow>, 'instanceId' | 'kind' | 'payload'>,
  call: FailedCall,
  outcome: { readonly nowMs: number; readonly isGivenUp: boolean },
): RawBuilder<unknown> {
  return sql`
    insert into delivery_failures (instance_id, application_id, kind, failed_at_ms, address, reason, status, is_given_up)
    select a.instance_id, a.id, ${message.kind}, ${outcome.nowMs}::bigint, ${call.address}, ${call.reason},
      ${call.status ?? null}::integer, ${outcome.isGivenUp}::boolean
    from applications a where a.instance_id = ${message.instanceId} and a.id = ${applicationIdOf(message) ?? ''}
    on conflict (instance_id, application_id, kind) do update set failed_at_ms = excluded.failed_at_ms,
      address = excluded.address, reason = excluded.reason, status = excluded.status,
      is_given_up = excluded.is_given_up, delivered_at_ms = null`;
}

/** How the messages of a kind to an application fare. */
export interface DeliveryRecord {
  readonly kind: OutboxRow['kind'];
  /** Messages that wait; at most `maximumCounted` are counted. */
  readonly waiting: number;
  readonly oldestWaitingAtMs: number | null;
  readonly nextAttemptAtMs: number | null;
  readonly lastFailure: Selectable<DeliveryFailureRow> | undefined;
}

/** The most waiting messages that are counted, so that a long queue is not read as a whole. */
export const maximumCounted = 10_000;

const kinds: readonly OutboxRow['kind'][] = ['backchannel-logout', 'ciba-ping'];

/** How the messages to an application fare, one entry a kind. */
export async function listDeliveries(
  db: Kysely<Tables>,
  scope: Scope,
  applicationId: string,
): Promise<readonly DeliveryRecord[]> {
  const { instanceId } = scope;
  const failures = await db
    .selectFrom('deliveryFailures')
    .selectAll()
    .where('instanceId', '=', instanceId)
    .where('applicationId', '=', applicationId)
    .execute();
  const { rows } = await sql<Omit<DeliveryRecord, 'lastFailure'>>`
    select k.kind, count(m.*)::integer as waiting, min(m.created_at_ms) as oldest_waiting_at_ms,
      min(m.next_attempt_at_ms) as next_attempt_at_ms
    from unnest(${[...kinds]}::text[]) as k(kind)
    left join lateral (
      select o.created_at_ms, o.next_attempt_at_ms from outbox o
      where o.instance_id = ${instanceId} and o.payload ->> 'applicationId' = ${applicationId} and o.kind = k.kind
      limit ${maximumCounted}) m on true
    group by k.kind order by k.kind`.execute(db);
  return rows.map((row) => ({ ...row, lastFailure: failures.find(({ kind }) => kind === row.kind) }));
}
