import { type Kysely, sql } from 'kysely';
import { grantFromUsed, type NewGrant } from './begin-grant.ts';
import type { Change } from './change.ts';
import type { Actor, Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Requests that wait for a person's word elsewhere, by how they came: RFC 8628 or OpenID CIBA. */
export type AwaitedKind = 'device' | 'backchannel';

const tableOf = {
  device: sql.table('device_authorizations'),
  backchannel: sql.table('backchannel_authentications'),
} as const;

/** What the events of each are about. */
const objectKindOf = {
  device: 'device-authorization',
  backchannel: 'backchannel-authentication',
} as const;

/** A poll, as its answer was decided from the request as read. */
export interface NotedPoll {
  readonly id: string;
  readonly lastPolledAtMs: number;
  readonly pace: 'in-time' | 'too-fast';
  /** By how much the interval of a client that asks too fast grows. */
  readonly slowDownSeconds: number;
}

// A poll noted further ahead comes of a clock that was wrong; it must not slow the client down until then.
const clockToleranceMs = 60_000;

/**
 * Notes that a client has asked. 'overtaken' means that another poll came between: then this one was too fast as well,
 * and the interval has grown for it.
 */
export async function notePoll(
  db: Kysely<Tables>,
  scope: Scope,
  kind: AwaitedKind,
  poll: NotedPoll,
  nowMs: number,
): Promise<'noted' | 'overtaken'> {
  const { instanceId } = scope;
  // One statement, so that of many polls at once only the first is in time.
  const { rows } = await sql<{ isNoted: boolean }>`
    update ${tableOf[kind]} r set
      last_polled_at_ms = case
        when r.last_polled_at_ms > ${nowMs}::bigint + ${clockToleranceMs}::bigint then ${nowMs}::bigint
        else greatest(r.last_polled_at_ms, ${nowMs}::bigint) end,
      interval_seconds = r.interval_seconds + case
        when ${poll.pace === 'in-time'}::boolean and r.last_polled_at_ms = ${poll.lastPolledAtMs}::bigint then 0
        else ${poll.slowDownSeconds}::integer end
    from ${tableOf[kind]} before
    where r.instance_id = ${instanceId} and r.id = ${poll.id} and r.state = 'pending'
      and before.instance_id = r.instance_id and before.id = r.id
    returning r.interval_seconds = before.interval_seconds as is_noted`.execute(db);
  return poll.pace === 'in-time' && rows[0]?.isNoted === false ? 'overtaken' : 'noted';
}

/** A person's word on a request. */
export interface AwaitedWord {
  readonly id: string;
  readonly word: 'approved' | 'denied';
  readonly userId: string;
  readonly organizationId: string;
  /** The session the person gave it in; what is issued depends on it. */
  readonly session: {
    readonly id: string;
    readonly authTimeMs: number;
    readonly amr: readonly string[];
  };
}

/**
 * Takes a person's word on a request that still waits: one statement, so that the first word counts. 'gone' means that it
 * has been decided or has expired, is another person's, or that the session has ended.
 */
export async function decideAwaited(
  change: Change,
  kind: AwaitedKind,
  input: AwaitedWord,
): Promise<'decided' | 'gone'> {
  const { instanceId } = change.scope;
  const { session } = input;
  const { rows } = await sql<{ clientId: string }>`
    update ${tableOf[kind]} set state = ${input.word}, user_id = ${input.userId}, session_id = ${session.id},
      auth_time_ms = ${session.authTimeMs}::bigint, amr = ${[...session.amr]}::text[]
    where instance_id = ${instanceId} and id = ${input.id} and state = 'pending'
      and expires_at_ms > ${change.nowMs}::bigint and (user_id is null or user_id = ${input.userId})
      and exists (select from sessions s where s.instance_id = ${instanceId} and s.id = ${session.id}
        and s.user_id = ${input.userId} and s.ended_at_ms is null)
    returning client_id`.execute(change.trx);
  const [row] = rows;
  if (row === undefined) return 'gone';
  await change.record({
    type: `${objectKindOf[kind]}.${input.word}`,
    objectKind: objectKindOf[kind],
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { userId: input.userId, clientId: row.clientId, sessionId: session.id },
    reach: 'quiet',
  });
  return 'decided';
}

/** Denies a device that still waits, by the word of whoever typed its code without signing in; as `decideAwaited`. */
export async function denyWaitingDevice(change: Change, id: string): Promise<'decided' | 'gone'> {
  const { instanceId } = change.scope;
  const { rows } = await sql<{ clientId: string }>`
    update ${tableOf.device} set state = 'denied'
    where instance_id = ${instanceId} and id = ${id} and state = 'pending' and expires_at_ms > ${change.nowMs}::bigint
    returning client_id`.execute(change.trx);
  const [row] = rows;
  if (row === undefined) return 'gone';
  await change.record({
    type: `${objectKindOf.device}.denied`,
    objectKind: objectKindOf.device,
    objectId: id,
    detail: { clientId: row.clientId },
    reach: 'quiet',
  });
  return 'decided';
}

/**
 * Redeems an approved request: one statement marks it redeemed, begins the grant and logs both, or does nothing at all
 * because it was redeemed before, has expired, or its session has ended. Of any number of polls one is told 'redeemed'.
 */
export async function redeemAwaited(
  db: Kysely<Tables>,
  scope: Scope,
  actor: Actor,
  request: { readonly kind: AwaitedKind; readonly id: string },
  grant: NewGrant,
  nowMs: number,
): Promise<'redeemed' | 'refused'> {
  const { instanceId } = scope;
  const { kind, id } = request;
  const objectKind = objectKindOf[kind];
  const { rows } = await sql<{ count: number }>`
    with used as (
      update ${tableOf[kind]} r set state = 'redeemed'
      where r.instance_id = ${instanceId} and r.id = ${id} and r.state = 'approved' and r.expires_at_ms > ${nowMs}::bigint
        and exists (select from sessions s where s.instance_id = r.instance_id and s.id = r.session_id and s.ended_at_ms is null)
      returning r.id),
    told as (
      insert into events (instance_id, at_ms, type, object_kind, object_id, organization_id, actor_kind, actor_id, ip, detail, is_waking)
      select ${instanceId}, ${nowMs}::bigint, ${`${objectKind}.redeemed`}, ${objectKind}, id, ${grant.organizationId}, ${actor.kind},
        ${actor.id}, ${actor.ip ?? null}, jsonb_build_object('grantId', ${grant.grantId}::text), false
      from used),
    ${grantFromUsed(scope, actor, grant, nowMs)}
    select count(*) as count from used`.execute(db);
  return Number(rows[0]?.count ?? 0) === 1 ? 'redeemed' : 'refused';
}
