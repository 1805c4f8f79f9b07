import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import { allOf, keyset, type ListReach, type WantedPage } from './list-page.ts';
import type { Scope } from './scope.ts';
import { endSessions } from './sessions.ts';
import type { Tables } from './tables.ts';

/** A sign-in of a person in one browser, as those see it who manage it. */
export interface SessionRecord {
  readonly id: string;
  readonly isLive: boolean;
  readonly userId: string;
  readonly userLoginName: string;
  readonly userDisplayName: string;
  readonly organizationId: string;
  readonly userAgent: string | null;
  readonly ip: string | null;
  readonly amr: readonly string[];
  /** Those the person signed in to, up to 20. */
  readonly applications: readonly { readonly id: string; readonly name: string }[];
  readonly authTimeMs: number;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs: number | null;
}

const tables = sql`sessions s
  join users u on u.instance_id = s.instance_id and u.id = s.user_id
  join instances i on i.id = s.instance_id`;

const live = (nowMs: number) => sql`(s.ended_at_ms is null and s.expires_at_ms > ${nowMs}::bigint
  and s.last_seen_at_ms + i.session_idle_seconds * 1000::bigint > ${nowMs}::bigint)`;

const columns = (
  nowMs: number,
) => sql`s.id, ${live(nowMs)} as is_live, s.user_id, u.login_name as user_login_name,
  u.display_name as user_display_name, u.organization_id, s.user_agent, s.ip, s.amr, s.auth_time_ms, s.created_at_ms,
  s.last_seen_at_ms, s.expires_at_ms, s.ended_at_ms,
  coalesce((select jsonb_agg(jsonb_build_object('id', used.id, 'name', used.name)) from (
    select a.id, a.name from (
      select c.application_id from session_clients c where c.instance_id = s.instance_id and c.session_id = s.id
      union select g.application_id from grants g where g.instance_id = s.instance_id and g.session_id = s.id) touched
    join applications a on a.instance_id = s.instance_id and a.id = touched.application_id
    order by a.name limit 20) used), '[]') as applications`;

/** A session, ended or not. */
export async function findSessionRecord(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
  nowMs: number,
): Promise<SessionRecord | undefined> {
  const { rows } = await sql<SessionRecord>`select ${columns(nowMs)} from ${tables}
    where s.instance_id = ${scope.instanceId} and s.id = ${id}`.execute(db);
  return rows[0];
}

/** What a list of sessions is narrowed to. */
export interface SessionFilter {
  readonly reach: ListReach;
  /** Whose own sessions are shown whatever they manage. */
  readonly callerId: string;
  readonly userId?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly state?: 'active' | 'ended' | undefined;
  readonly sort: 'createdAt' | '-createdAt';
}

/** A page of sessions. */
export async function listSessionRecords(
  db: Kysely<Tables>,
  scope: Scope,
  filter: SessionFilter,
  page: WantedPage & { readonly nowMs: number },
): Promise<readonly SessionRecord[]> {
  const { reach, callerId, userId, organizationId, state, sort } = filter;
  const id = sql`s.id`;
  const { beyond, tail } = keyset({ key: id, id, isDescending: sort.startsWith('-') }, page);
  const where = allOf([
    sql`s.instance_id = ${scope.instanceId} and u.state <> 'removed'`,
    reach.kind === 'instance'
      ? undefined
      : sql`(s.organization_id = any(${reach.organizationIds}::text[]) or s.user_id = ${callerId})`,
    userId === undefined ? undefined : sql`s.user_id = ${userId}`,
    organizationId === undefined ? undefined : sql`s.organization_id = ${organizationId}`,
    state === undefined ? undefined : state === 'active' ? live(page.nowMs) : sql`not ${live(page.nowMs)}`,
    beyond,
  ]);
  const { rows } = await sql<SessionRecord>`select ${columns(page.nowMs)} from ${tables}
    where ${where} ${tail}`.execute(db);
  return rows;
}

/** Ends every session of a person. Resolves to how many had not ended yet. */
export async function endSessionsOf(change: Change, userId: string, reason: string): Promise<number> {
  const rows = await change.trx
    .selectFrom('sessions')
    .select('id')
    .where('instanceId', '=', change.scope.instanceId)
    .where('userId', '=', userId)
    .where('endedAtMs', 'is', null)
    .execute();
  const ended = await endSessions(
    change,
    rows.map(({ id }) => id),
    reason,
  );
  return ended.length;
}
