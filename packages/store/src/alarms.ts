import { type Kysely, sql } from 'kysely';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** What an alarm is about. */
export type AlarmKind = 'client-authentication-failures' | 'unreadable-tokens' | 'user-code-guesses';

/** Something an operator should look at. */
export interface Alarm {
  readonly kind: AlarmKind;
  readonly objectKind: 'instance' | 'application' | 'client';
  readonly objectId: string;
  readonly organizationId?: string | undefined;
  /** The caller who tipped the scale, one of many. */
  readonly ip?: string | undefined;
  readonly limitPerMinute: number;
}

/** An alarm of one kind about one object is raised once in this time. */
export const alarmPeriodMs = 15 * 60_000;

/**
 * Writes the event `alarm.raised`, unless one of the kind about the object was written in this period, by any process: one
 * statement. Resolves to whether it was.
 */
export async function raiseAlarm(
  db: Kysely<Tables>,
  scope: Scope,
  alarm: Alarm,
  nowMs: number,
): Promise<boolean> {
  const { instanceId } = scope;
  const { kind, objectKind, objectId, organizationId = null, ip = null, limitPerMinute } = alarm;
  const period = Math.floor(nowMs / alarmPeriodMs);
  const { rows } = await sql<{ count: number }>`
    with first as (
      insert into consumed (instance_id, kind, id, keep_until_ms)
      values (${instanceId}, 'alarm', ${`${kind} ${objectId} ${period}`}, ${(period + 2) * alarmPeriodMs}::bigint)
      on conflict do nothing returning id),
    raised as (
      insert into events (instance_id, at_ms, type, object_kind, object_id, organization_id, actor_kind, actor_id, ip, detail, is_waking)
      select ${instanceId}, ${nowMs}::bigint, 'alarm.raised', ${objectKind}, ${objectId}, ${organizationId}::text, 'system',
        'brake', ${ip}::text, jsonb_build_object('kind', ${kind}::text, 'limitPerMinute', ${limitPerMinute}::integer), false
      from first)
    select count(*) as count from first`.execute(db);
  return Number(rows[0]?.count ?? 0) === 1;
}
