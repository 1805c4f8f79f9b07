import { type Kysely, sql } from 'kysely';
import type { RefusalType } from './refusals.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** What one node counted since it last told. */
export interface UsageCount {
  readonly instanceId: string;
  readonly hourMs: number;
  readonly metric: string;
  readonly objectId: string;
  readonly count: number;
  readonly firstAtMs: number;
}

/** Adds what a node counted to the counters of all nodes, in one statement. */
export async function addUsage(db: Kysely<Tables>, counts: readonly UsageCount[]): Promise<void> {
  if (counts.length === 0) return;
  await db
    .insertInto('usageCounters')
    // In one order, so that two nodes do not wait for each other.
    .values(
      [...counts].sort((a, b) => `${a.metric} ${a.objectId}`.localeCompare(`${b.metric} ${b.objectId}`)),
    )
    .onConflict((conflict) =>
      conflict.columns(['instanceId', 'metric', 'hourMs', 'objectId']).doUpdateSet({
        count: sql<number>`usage_counters.count + excluded.count`,
        firstAtMs: sql<number>`least(usage_counters.first_at_ms, excluded.first_at_ms)`,
      }),
    )
    .execute();
}

/** A stretch of time and how finely it is told. */
export interface UsageSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** A count by step of time; steps without any are left out. */
export interface UsagePoint {
  readonly atMs: number;
  readonly count: number;
}

/** How often something was counted. */
export async function readUsage(
  db: Kysely<Tables>,
  scope: Scope,
  metric: string,
  { fromMs, toMs, stepMs }: UsageSpan,
): Promise<readonly UsagePoint[]> {
  const { rows } = await sql<UsagePoint>`
    select (hour_ms / ${stepMs}::bigint) * ${stepMs}::bigint as at_ms, sum(count)::bigint as count
    from usage_counters
    where instance_id = ${scope.instanceId} and metric = ${metric} and hour_ms >= ${fromMs - (fromMs % 3_600_000)}::bigint
      and hour_ms <= ${toMs}::bigint
    group by 1 order by 1`.execute(db);
  return rows;
}

/** How many different users signed in or were given tokens anew. */
export async function readActiveUsers(
  db: Kysely<Tables>,
  scope: Scope,
  { fromMs, toMs, stepMs }: UsageSpan,
): Promise<readonly UsagePoint[]> {
  const { rows } = await sql<UsagePoint>`
    select (at_ms / ${stepMs}::bigint) * ${stepMs}::bigint as at_ms, count(distinct coalesce(detail->>'userId', actor_id))::bigint as count
    from events
    where instance_id = ${scope.instanceId} and type in ('session.started', 'session.renewed', 'grant.started')
      and at_ms between ${fromMs}::bigint and ${toMs}::bigint
    group by 1 order by 1`.execute(db);
  return rows;
}

/** What a project has seen so far. */
export interface FirstRun {
  readonly frontEnds: number;
  readonly apis: number;
  readonly firstSignInAtMs: number | null;
  readonly firstIntrospectionAtMs: number | null;
  /** What one of the applications was refused last, where that is not long ago. */
  readonly lastRefusal: {
    readonly applicationId: string;
    readonly type: Exclude<RefusalType, 'introspection.refused' | 'sign-in.refused'>;
    readonly atMs: number;
    readonly reason: string;
    readonly redirectUri: string | null;
  } | null;
}

/**
 * Whether the applications of a project have been signed in to, and whether its APIs have asked about a live token.
 * Refusals older than `sinceMs` (Unix time) are left out.
 */
export async function findFirstRun(
  db: Kysely<Tables>,
  scope: Scope,
  projectId: string,
  sinceMs: number,
): Promise<FirstRun> {
  const { instanceId } = scope;
  const { rows } = await sql<FirstRun>`
    with apps as (select id, client_id, type from applications
      where instance_id = ${instanceId} and project_id = ${projectId} and state <> 'removed')
    select (select count(*)::int from apps where type <> 'api') as front_ends,
      (select count(*)::int from apps where type = 'api') as apis,
      (select min(e.at_ms) from events e where e.instance_id = ${instanceId} and e.type = 'grant.started'
        and e.detail->>'clientId' in (select client_id from apps)) as first_sign_in_at_ms,
      (select min(c.first_at_ms) from usage_counters c where c.instance_id = ${instanceId}
        and c.metric = 'introspections-active' and c.object_id in (select id from apps)) as first_introspection_at_ms,
      (select json_build_object('applicationId', e.object_id, 'type', e.type, 'atMs', e.at_ms,
          'reason', e.detail->>'reason', 'redirectUri', e.detail->>'redirectUri')
        from events e where e.instance_id = ${instanceId} and e.object_kind = 'application'
        and e.object_id in (select id from apps) and e.at_ms >= ${sinceMs}::bigint
        and e.type in ('authorization.refused', 'token.refused', 'client.refused')
        order by e.seq desc limit 1) as last_refusal`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database gave no answer');
  return row;
}
