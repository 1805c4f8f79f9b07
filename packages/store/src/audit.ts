import { type Kysely, sql } from 'kysely';
import { allOf } from './list-page.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** An event as the audit view shows it. */
export interface EventRecord {
  readonly seq: number;
  readonly type: string;
  readonly atMs: number;
  readonly objectKind: string;
  readonly objectId: string;
  readonly objectName: string | null;
  readonly organizationId: string | null;
  readonly actorKind: 'user' | 'client' | 'system' | 'operator';
  readonly actorId: string;
  readonly actorName: string | null;
  /** Who acted as the actor, the present one first. */
  readonly actingUsers: readonly { readonly id: string; readonly name: string | null }[];
  readonly ip: string | null;
  readonly detail: Record<string, unknown> | null;
}

/** What a reading of the log is narrowed to. */
export interface EventFilter {
  /** Only events of these organizations; `undefined` for all of the instance. */
  readonly organizationIds: readonly string[] | undefined;
  readonly organizationId?: string | undefined;
  /** A type, or with a dot at the end the beginning of several. */
  readonly type?: string | undefined;
  readonly objectKind?: string | undefined;
  readonly objectId?: string | undefined;
  readonly actorId?: string | undefined;
  readonly fromMs?: number | undefined;
  /** Nothing later than this. */
  readonly toMs?: number | undefined;
}

const nameOfObject = sql`case e.object_kind
  when 'user' then (select u.display_name from users u where u.instance_id = e.instance_id and u.id = e.object_id)
  when 'application' then (select a.name from applications a where a.instance_id = e.instance_id and a.id = e.object_id)
  when 'project' then (select p.name from projects p where p.instance_id = e.instance_id and p.id = e.object_id)
  when 'organization' then (select o.name from organizations o where o.instance_id = e.instance_id and o.id = e.object_id)
  when 'instance' then (select i.name from instances i where i.id = e.object_id)
  end`;
const nameOfActor = sql`case e.actor_kind
  when 'user' then (select u.display_name from users u where u.instance_id = e.instance_id and u.id = e.actor_id)
  when 'client' then (select a.name from applications a where a.instance_id = e.instance_id and a.client_id = e.actor_id)
  end`;

const actingUsers = sql`coalesce((select jsonb_agg(jsonb_build_object('id', x.id, 'name', u.display_name) order by x.place)
  from unnest(e.acting_user_ids) with ordinality as x(id, place)
  left join users u on u.instance_id = e.instance_id and u.id = x.id), '[]')`;

function eventConditions(scope: Scope, filter: EventFilter) {
  const { organizationIds, organizationId, type, objectKind, objectId, actorId, fromMs, toMs } = filter;
  const when = <T>(value: T | undefined, condition: (value: T) => ReturnType<typeof sql>) =>
    value === undefined ? undefined : condition(value);
  return [
    sql`e.instance_id = ${scope.instanceId}`,
    when(organizationIds, (ids) => sql`e.organization_id = any(${[...ids]}::text[])`),
    when(organizationId, (id) => sql`e.organization_id = ${id}`),
    when(type, (text) => (text.endsWith('.') ? sql`e.type like ${`${text}%`}` : sql`e.type = ${text}`)),
    when(objectKind, (kind) => sql`e.object_kind = ${kind}`),
    when(objectId, (id) => sql`e.object_id = ${id}`),
    when(actorId, (id) => sql`(e.actor_id = ${id} or e.acting_user_ids @> array[${id}]::text[])`),
    when(fromMs, (ms) => sql`e.at_ms >= ${ms}::bigint`),
    when(toMs, (ms) => sql`e.at_ms <= ${ms}::bigint`),
  ];
}

/** A page of the log, newest first; `before` is the place the page before ended at. */
export async function listEvents(
  db: Kysely<Tables>,
  scope: Scope,
  filter: EventFilter,
  page: { readonly limit: number; readonly before: number | undefined },
): Promise<readonly EventRecord[]> {
  const { before } = page;
  const where = allOf([
    ...eventConditions(scope, filter),
    before === undefined ? undefined : sql`e.seq < ${before}::bigint`,
  ]);
  const { rows } = await sql<EventRecord>`
    select e.seq, e.type, e.at_ms, e.object_kind, e.object_id, ${nameOfObject} as object_name, e.organization_id,
      e.actor_kind, e.actor_id, ${nameOfActor} as actor_name, ${actingUsers} as acting_users,
      e.ip, e.detail
    from events e where ${where} order by e.seq desc limit ${page.limit}`.execute(db);
  return rows;
}

/** The types of events the instance has, by a walk over the index: one step a type, however long the log. */
export async function listEventTypes(db: Kysely<Tables>, scope: Scope): Promise<readonly string[]> {
  const { rows } = await sql<{ type: string }>`
    with recursive kinds as (
      (select type from events where instance_id = ${scope.instanceId} order by type limit 1)
      union all
      select (select e.type from events e where e.instance_id = ${scope.instanceId} and e.type > kinds.type order by e.type limit 1)
      from kinds where kinds.type is not null)
    select type from kinds where type is not null`.execute(db);
  return rows.map(({ type }) => type);
}

/** A sign-in: a session, or an attempt that led to none. */
export interface SignInRecord {
  /** The id of the session, or `attempt-` and the place of the event in the log. */
  readonly id: string;
  readonly atMs: number;
  readonly seq: number;
  readonly outcome: 'succeeded' | 'failed';
  readonly userId: string;
  readonly organizationId: string;
  readonly loginName: string;
  readonly displayName: string;
  readonly applicationName: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly endedAtMs: number | null;
}

/** What a list of sign-ins is narrowed to. */
export interface SignInFilter {
  readonly organizationIds: readonly string[] | undefined;
  readonly userId?: string | undefined;
  readonly outcome?: 'succeeded' | 'failed' | undefined;
  readonly id?: string | undefined;
}

const succeededTypes = sql`('session.started', 'session.renewed')`;

/**
 * A page of sign-ins, newest first. An attempt failed when its user neither began nor renewed a session within the next
 * ten seconds, in which no second attempt is let through either.
 */
export async function listSignIns(
  db: Kysely<Tables>,
  scope: Scope,
  filter: SignInFilter,
  page: { readonly limit: number; readonly before: number | undefined },
): Promise<readonly SignInRecord[]> {
  const { organizationIds, userId, outcome, id } = filter;
  const { before } = page;
  const where = allOf([
    sql`e.instance_id = ${scope.instanceId}`,
    outcome === undefined
      ? sql`e.type in ('session.started', 'session.renewed', 'user.password.attempted')`
      : outcome === 'failed'
        ? sql`e.type = 'user.password.attempted'`
        : sql`e.type in ${succeededTypes}`,
    organizationIds === undefined ? undefined : sql`u.organization_id = any(${[...organizationIds]}::text[])`,
    userId === undefined ? undefined : sql`u.id = ${userId}`,
    id === undefined
      ? undefined
      : id.startsWith('attempt-')
        ? sql`e.seq = ${Number(id.slice(8)) || 0}::bigint and e.type = 'user.password.attempted'`
        : sql`e.object_kind = 'session' and e.object_id = ${id}`,
    before === undefined ? undefined : sql`e.seq < ${before}::bigint`,
    sql`(e.type <> 'user.password.attempted' or not exists (
      select from events s where s.instance_id = e.instance_id and s.actor_id = e.actor_id and s.seq > e.seq
        and s.type in ${succeededTypes} and s.at_ms <= e.at_ms + 10000
        and not exists (select from events n where n.instance_id = e.instance_id and n.object_kind = 'user'
          and n.object_id = e.object_id and n.type = 'user.password.attempted' and n.seq > e.seq and n.seq < s.seq)))`,
  ]);
  const { rows } = await sql<SignInRecord>`
    select case when e.object_kind = 'session' then e.object_id else 'attempt-' || e.seq end as id, e.at_ms, e.seq,
      case when e.object_kind = 'session' then 'succeeded' else 'failed' end as outcome,
      u.id as user_id, u.organization_id, u.login_name, u.display_name, e.ip, s.user_agent, s.ended_at_ms,
      (select a.name from events g join applications a on a.instance_id = g.instance_id and a.client_id = g.detail->>'clientId'
        where g.instance_id = e.instance_id and g.type = 'grant.started' and g.seq > e.seq
          and g.detail->>'sessionId' = e.object_id order by g.seq limit 1) as application_name
    from events e
    join users u on u.instance_id = e.instance_id and u.id = e.actor_id
    left join sessions s on s.instance_id = e.instance_id and e.object_kind = 'session' and s.id = e.object_id
    where ${where} order by e.seq desc limit ${page.limit}`.execute(db);
  return rows;
}

/** What belongs to the story of a sign-in, oldest first: attempts of the half hour before it, and what its session led to. */
export async function listSignInEvents(
  db: Kysely<Tables>,
  scope: Scope,
  signIn: Pick<SignInRecord, 'id' | 'userId' | 'atMs' | 'seq'>,
): Promise<readonly EventRecord[]> {
  const sinceMs = signIn.atMs - 1_800_000;
  const { rows } = await sql<EventRecord>`
    select e.seq, e.type, e.at_ms, e.object_kind, e.object_id, ${nameOfObject} as object_name, e.organization_id,
      e.actor_kind, e.actor_id, ${nameOfActor} as actor_name, ${actingUsers} as acting_users,
      e.ip, e.detail
    from events e where e.instance_id = ${scope.instanceId} and e.at_ms >= ${sinceMs}::bigint and (
      (e.object_kind = 'user' and e.object_id = ${signIn.userId} and e.seq <= ${signIn.seq}::bigint
        and e.type in ('user.password.attempted', 'user.password.changed', 'user.state.changed'))
      or (e.object_kind = 'session' and e.object_id = ${signIn.id})
      or (e.type = 'grant.started' and e.detail->>'sessionId' = ${signIn.id})
      or (e.type = 'consent.given' and e.actor_id = ${signIn.userId} and e.seq >= ${signIn.seq}::bigint)
      or (e.type = 'user.impersonated' and e.detail->>'sessionId' = ${signIn.id})
      or (e.type in ('sign-in.refused', 'token.refused', 'introspection.refused')
        and e.detail->>'sessionId' = ${signIn.id}))
    order by e.seq limit 500`.execute(db);
  return rows;
}
