import { type Kysely, type Selectable, sql } from 'kysely';
import { type Change, revocationOf } from './change.ts';
import type { Scope } from './scope.ts';
import { queueBackchannelLogouts } from './session-clients.ts';
import type { SessionRow, Tables } from './tables.ts';

async function resetAttempts(change: Change, userId: string): Promise<void> {
  await change.trx
    .updateTable('users')
    .set({ failedAttempts: 0, lastFailedAtMs: 0 })
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', userId)
    .execute();
}

/** A new session, begun by a proven factor. Resets the account's failed attempts in the same transaction. */
export async function insertSession(
  change: Change,
  input: Omit<Selectable<SessionRow>, 'instanceId' | 'endedAtMs'>,
): Promise<void> {
  const { instanceId } = change.scope;
  await change.trx
    .insertInto('sessions')
    .values({ ...input, instanceId, endedAtMs: null })
    .execute();
  await resetAttempts(change, input.userId);
  await change.record({
    type: 'session.started',
    objectKind: 'session',
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { userId: input.userId, amr: input.amr },
    reach: 'quiet',
  });
}

/**
 * Renews a session whose person has proved themselves again: a new secret, a new time of authentication, the same id, so
 * that what came of it goes on and one sign-out still ends all of it. Resolves to whether the session was still there.
 */
export async function renewSession(
  change: Change,
  input: Pick<
    Selectable<SessionRow>,
    'id' | 'userId' | 'secretSha256' | 'authTimeMs' | 'amr' | 'expiresAtMs'
  >,
): Promise<'renewed' | 'gone'> {
  const { instanceId } = change.scope;
  const { id, userId, ...renewal } = input;
  const result = await change.trx
    .updateTable('sessions')
    .set({ ...renewal, lastSeenAtMs: change.nowMs })
    .where('instanceId', '=', instanceId)
    .where('id', '=', id)
    .where('userId', '=', userId)
    .where('endedAtMs', 'is', null)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return 'gone';
  await resetAttempts(change, userId);
  await change.record({
    type: 'session.renewed',
    objectKind: 'session',
    objectId: id,
    detail: { userId, amr: input.amr },
    reach: 'quiet',
  });
  return 'renewed';
}

/** A session that may be used, with the account it belongs to. */
export interface LiveSession {
  readonly id: string;
  readonly secretSha256: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly organizationDomain: string;
  readonly loginName: string;
  readonly displayName: string;
  readonly authTimeMs: number;
  readonly amr: readonly string[];
  readonly lastSeenAtMs: number;
}

/** Those of some sessions that are live at `nowMs`: not ended, not expired or idle, user and organization active. */
export async function listLiveSessions(
  db: Kysely<Tables>,
  scope: Scope,
  ids: readonly string[],
  nowMs: number,
): Promise<readonly LiveSession[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<LiveSession>`
    select s.id, s.secret_sha256, s.user_id, u.organization_id, o.primary_domain as organization_domain,
      u.login_name, u.display_name, s.auth_time_ms, s.amr, s.last_seen_at_ms
    from sessions s
    join users u on u.instance_id = s.instance_id and u.id = s.user_id and u.state = 'active'
    join organizations o on o.instance_id = u.instance_id and o.id = u.organization_id and o.state = 'active'
    join instances i on i.id = s.instance_id
    where s.instance_id = ${scope.instanceId} and s.id = any(${[...ids]}) and s.ended_at_ms is null
      and s.expires_at_ms > ${nowMs} and s.last_seen_at_ms + i.session_idle_seconds * 1000::bigint > ${nowMs}
    order by s.last_seen_at_ms desc, s.id desc`.execute(db);
  return rows;
}

/** Notes that a session was used, so that it does not count as idle. */
export async function touchSession(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
  nowMs: number,
): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ lastSeenAtMs: nowMs })
    .where('instanceId', '=', scope.instanceId)
    .where('id', '=', id)
    .where('lastSeenAtMs', '<', nowMs)
    .execute();
}

/**
 * Ends sessions and the grants that came of them, for good, and lets the applications they signed in to know. Resolves to
 * the ids of those that had not ended yet.
 */
export async function endSessions(
  change: Change,
  ids: readonly string[],
  reason: string,
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const { instanceId } = change.scope;
  const ended = await change.trx
    .updateTable('sessions')
    .set({ endedAtMs: change.nowMs })
    .where('instanceId', '=', instanceId)
    .where('id', 'in', [...ids])
    .where('endedAtMs', 'is', null)
    .returning(['id', 'userId', 'organizationId'])
    .execute();
  for (const session of ended) {
    await change.trx
      .updateTable('grants')
      .set({ endedAtMs: change.nowMs })
      .where('instanceId', '=', instanceId)
      .where('sessionId', '=', session.id)
      .where('endedAtMs', 'is', null)
      .execute();
    await change.record({
      type: 'session.ended',
      objectKind: 'session',
      objectId: session.id,
      organizationId: session.organizationId,
      detail: { userId: session.userId, reason },
      revokes: [revocationOf('session', session.id, change.nowMs, 'forever')],
      reach: 'waking',
    });
  }
  const endedIds = ended.map((session) => session.id);
  await queueBackchannelLogouts(change, endedIds);
  return endedIds;
}

/** Whose session it is or was; `undefined` once it is forgotten. */
export async function findSessionUser(
  db: Kysely<Tables>,
  scope: Scope,
  sessionId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('sessions')
    .select('userId')
    .where('instanceId', '=', scope.instanceId)
    .where('id', '=', sessionId)
    .executeTakeFirst();
  return row?.userId;
}
