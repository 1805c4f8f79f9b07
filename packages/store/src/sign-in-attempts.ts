import type { FailureRecord } from '@latchkey/identity';
import { type Kysely, sql } from 'kysely';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Where attempts are counted that belong to no row of a user: a keyed hash, and the slot it may take. */
export interface AttemptKey {
  readonly slot: number;
  readonly digest: string;
}

/** How many slots an instance has. Attempts at more names than that displace each other. */
export const attemptSlots = 262_144;

/** Attempts of nobody so far. */
export const noAttempts: FailureRecord = { count: 0, lastAtMs: 0 };

/** The attempts counted under a key. */
export async function findAttempts(
  db: Kysely<Tables>,
  scope: Scope,
  key: AttemptKey,
): Promise<FailureRecord> {
  const row = await db
    .selectFrom('signInAttempts')
    .select(['failedAttempts as count', 'lastFailedAtMs as lastAtMs'])
    .where('instanceId', '=', scope.instanceId)
    .where('slot', '=', key.slot)
    .where('digest', '=', key.digest)
    .executeTakeFirst();
  return row ?? noAttempts;
}

/** An attempt to be counted: what was counted before, and what will be. */
export interface AttemptStep {
  readonly before: FailureRecord;
  readonly after: FailureRecord;
}

/** A user whose attempt is logged. */
export interface LoggedAttempt {
  readonly userId: string;
  readonly organizationId: string;
  readonly ip: string;
}

/**
 * Counts an attempt under a key, if the count still stands as it was read: of many at once as many pass as were judged.
 * Another key in the slot is displaced only by one that has no count of its own. `false` means: read and judge again.
 */
export async function reserveKeyedAttempt(
  db: Kysely<Tables>,
  scope: Scope,
  key: AttemptKey,
  { before, after }: AttemptStep,
  logged?: LoggedAttempt,
): Promise<boolean> {
  const { instanceId } = scope;
  const userId = logged?.userId ?? null;
  const { rows } = await sql<{ count: number }>`
    with counted as (
      insert into sign_in_attempts as a (instance_id, slot, digest, failed_attempts, last_failed_at_ms)
      values (${instanceId}, ${key.slot}::integer, ${key.digest}, ${after.count}::integer, ${after.lastAtMs}::bigint)
      on conflict (instance_id, slot) do update
        set digest = excluded.digest, failed_attempts = excluded.failed_attempts, last_failed_at_ms = excluded.last_failed_at_ms
        where (a.digest = excluded.digest and a.failed_attempts = ${before.count}::integer
            and a.last_failed_at_ms = ${before.lastAtMs}::bigint)
          or (a.digest <> excluded.digest and ${before.count}::integer = 0)
      returning failed_attempts),
    logged as (
      insert into events (instance_id, at_ms, type, object_kind, object_id, organization_id, actor_kind, actor_id, ip, detail, is_waking)
      select ${instanceId}, ${after.lastAtMs}::bigint, 'user.password.attempted', 'user', ${userId}::text,
        ${logged?.organizationId ?? null}::text, 'user', ${userId}::text, ${logged?.ip ?? null}::text,
        jsonb_build_object('attempt', failed_attempts, 'counter', 'browser'), false
      from counted where ${userId}::text is not null)
    select count(*) as count from counted`.execute(db);
  return Number(rows[0]?.count ?? 0) === 1;
}

/** An attempt to be taken back: it was none, or what was tried was right. */
export interface UndoneAttempt extends AttemptStep {
  /** `perhaps` when the database did not say whether it counted: then it is taken back only while `after` stands. */
  readonly certainty: 'counted' | 'perhaps';
}

/** The columns of a counter without an attempt: as before while it stands as the attempt left it, otherwise one less. */
export function undoneColumns({ before, after }: AttemptStep) {
  const isLast = sql`failed_attempts = ${after.count}::integer and last_failed_at_ms = ${after.lastAtMs}::bigint`;
  return {
    failedAttempts: sql<number>`case when ${isLast} then ${before.count}::integer else greatest(failed_attempts - 1, 0) end`,
    lastFailedAtMs: sql<number>`case when ${isLast} then ${before.lastAtMs}::bigint else last_failed_at_ms end`,
  };
}

/** Takes back an attempt counted under a key. */
export async function releaseKeyedAttempt(
  db: Kysely<Tables>,
  scope: Scope,
  key: AttemptKey,
  undone: UndoneAttempt,
): Promise<void> {
  const { after, certainty } = undone;
  await db
    .updateTable('signInAttempts')
    .set(undoneColumns(undone))
    .where('instanceId', '=', scope.instanceId)
    .where('slot', '=', key.slot)
    .where('digest', '=', key.digest)
    .$if(certainty === 'perhaps', (query) =>
      query.where('failedAttempts', '=', after.count).where('lastFailedAtMs', '=', after.lastAtMs),
    )
    .execute();
}
