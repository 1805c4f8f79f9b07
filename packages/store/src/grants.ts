import type { Subject } from '@latchkey/identity';
import { type Kysely, type Selectable, sql } from 'kysely';
import { grantFromUsed, type NewGrant } from './begin-grant.ts';
import { type Change, revocationOf } from './change.ts';
import type { Actor, Scope } from './scope.ts';
import type { GrantRow, Tables } from './tables.ts';
import { type SubjectRow, subjectColumns, toSubject } from './users.ts';

/** What redeeming a code or refreshing needs to know, loaded in one round trip. */
export interface GrantStanding {
  readonly subject: Subject;
  /** The session the code or grant came of; `undefined` when it is gone. */
  readonly session:
    | {
        readonly id: string;
        readonly isEnded: boolean;
        readonly authTimeMs: number;
        readonly amr: readonly string[];
      }
    | undefined;
  /** The refresh-token family; `undefined` when there is none of that id. */
  readonly grant: Selectable<GrantRow> | undefined;
}

interface StandingRow extends SubjectRow {
  sessionId: string | null;
  sessionEndedAtMs: number | null;
  sessionAuthTimeMs: number;
  sessionAmr: string[];
  grantRow: (Selectable<GrantRow> & Record<string, unknown>) | null;
}

/**
 * Loads the user, the session and the grant of a code or refresh token.
 */
export async function findGrantStanding(
  db: Kysely<Tables>,
  scope: Scope,
  ids: {
    readonly userId: string;
    readonly sessionId: string;
    readonly grantId: string;
  },
): Promise<GrantStanding | undefined> {
  const { instanceId } = scope;
  const { rows } = await sql<StandingRow>`
    select ${subjectColumns},
      s.id as session_id, s.ended_at_ms as session_ended_at_ms, s.auth_time_ms as session_auth_time_ms, s.amr as session_amr,
      case when g.id is null then null else jsonb_build_object(
        'id', g.id, 'organizationId', g.organization_id, 'userId', g.user_id, 'sessionId', g.session_id,
        'applicationId', g.application_id, 'clientId', g.client_id, 'scopes', to_jsonb(g.scopes),
        'authTimeMs', g.auth_time_ms, 'amr', to_jsonb(g.amr), 'generation', g.generation, 'rotatedAtMs', g.rotated_at_ms,
        'recentRotationsMs', to_jsonb(g.recent_rotations_ms), 'isSiblingUsed', g.is_sibling_used, 'idleExpiresAtMs', g.idle_expires_at_ms,
        'absoluteExpiresAtMs', g.absolute_expires_at_ms, 'endedAtMs', g.ended_at_ms,
        'dpopJkt', g.dpop_jkt, 'resources', to_jsonb(g.resources), 'claims', g.claims) end as grant_row
    from users u
    join organizations o on o.instance_id = u.instance_id and o.id = u.organization_id
    left join grants g on g.instance_id = u.instance_id and g.id = ${ids.grantId} and g.user_id = u.id
    left join sessions s on s.instance_id = u.instance_id and s.id = ${ids.sessionId} and s.user_id = u.id
    where u.instance_id = ${instanceId} and u.id = ${ids.userId} and u.state <> 'removed'`.execute(db);
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    subject: toSubject(row),
    session:
      row.sessionId === null
        ? undefined
        : {
            id: row.sessionId,
            isEnded: row.sessionEndedAtMs !== null,
            authTimeMs: row.sessionAuthTimeMs,
            amr: row.sessionAmr,
          },
    grant: row.grantRow === null ? undefined : { ...row.grantRow, instanceId },
  };
}

/** What a redeemed code begins. */
export interface CodeRedemptionRow extends NewGrant {
  readonly codeId: string;
  readonly keepUntilMs: number;
}

/**
 * Redeems a code: one statement marks it used, begins the grant and logs it, or does nothing at all because the code
 * was used before or the session has ended. Exactly one of any number of redemptions is told 'redeemed'.
 */
export async function consumeCode(
  db: Kysely<Tables>,
  scope: Scope,
  actor: Actor,
  input: CodeRedemptionRow,
  nowMs: number,
): Promise<'redeemed' | 'refused'> {
  const { instanceId } = scope;
  const { rows } = await sql<{ count: number }>`
    with used as (
      insert into consumed (instance_id, kind, id, keep_until_ms)
      select ${instanceId}, 'code', ${input.codeId}, ${input.keepUntilMs}::bigint
      where exists (select from sessions s where s.instance_id = ${instanceId} and s.id = ${input.sessionId} and s.ended_at_ms is null)
      on conflict do nothing returning id),
    ${grantFromUsed(scope, actor, input, nowMs)}
    select count(*) as count from used`.execute(db);
  return Number(rows[0]?.count ?? 0) === 1 ? 'redeemed' : 'refused';
}

/** Until when the use of a code is remembered; `undefined` when it was not used, as where the session ended meanwhile. */
export async function findCodeUse(
  db: Kysely<Tables>,
  scope: Scope,
  codeId: string,
): Promise<{ readonly keepUntilMs: number } | undefined> {
  return await db
    .selectFrom('consumed')
    .select('keepUntilMs')
    .where('instanceId', '=', scope.instanceId)
    .where('kind', '=', 'code')
    .where('id', '=', codeId)
    .executeTakeFirst();
}

/** Takes something that may be used once. Exactly one of any number of callers is told `true`. */
export async function consumeOnce(
  db: Kysely<Tables>,
  scope: Scope,
  input: { readonly kind: string; readonly id: string; readonly keepUntilMs: number },
): Promise<boolean> {
  const result = await db
    .insertInto('consumed')
    .values({ instanceId: scope.instanceId, ...input })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** How many generations are remembered at most; whoever refreshes faster than that does not need the memory. */
const maximumRecentRotations = 16;

/**
 * Moves a family to its next generation, or notes that a token of the present one is given out, and logs it: one statement.
 * 'refused' means that another refresh came first; decide again from fresh facts.
 */
export async function advanceGrant(
  db: Kysely<Tables>,
  scope: Scope,
  actor: Actor,
  input: {
    readonly grantId: string;
    readonly generation: number;
    readonly step: 'rotate' | 'sibling' | 'keep';
    readonly idleExpiresAtMs: number;
    /** For how long the begin of a generation is remembered, in milliseconds. */
    readonly rememberMs: number;
  },
  nowMs: number,
): Promise<'advanced' | 'refused'> {
  const { instanceId } = scope;
  const isRotation = input.step === 'rotate';
  // A token may be presented at once by many; the row is locked by the first, and the others find its generation gone.
  const { rows } = await sql<{ count: number }>`
    with moved as (
      update grants set
        generation = generation + ${isRotation ? 1 : 0}::integer,
        rotated_at_ms = case when ${isRotation}::boolean then ${nowMs}::bigint else rotated_at_ms end,
        recent_rotations_ms = case when ${isRotation}::boolean then array(
            select at_ms from unnest(${nowMs}::bigint || case when recent_rotations_ms[1] = rotated_at_ms
              then recent_rotations_ms else array[rotated_at_ms] end) with ordinality as recent (at_ms, place)
            where place = 1 or (place <= ${maximumRecentRotations}::integer and at_ms > ${nowMs - input.rememberMs}::bigint)
            order by place)
          else recent_rotations_ms end,
        is_sibling_used = not ${isRotation}::boolean,
        idle_expires_at_ms = least(${input.idleExpiresAtMs}::bigint, absolute_expires_at_ms)
      where instance_id = ${instanceId} and id = ${input.grantId} and generation = ${input.generation}::integer
        and ended_at_ms is null
      returning id, organization_id, user_id, generation),
    logged as (
      insert into events (instance_id, at_ms, type, object_kind, object_id, organization_id, actor_kind, actor_id, ip, detail, is_waking)
      select ${instanceId}, ${nowMs}::bigint, 'grant.refreshed', 'grant', id, organization_id, ${actor.kind}, ${actor.id}, ${actor.ip ?? null},
        jsonb_build_object('userId', user_id, 'generation', generation, 'step', ${input.step}::text), false
      from moved)
    select count(*) as count from moved`.execute(db);
  return Number(rows[0]?.count ?? 0) === 1 ? 'advanced' : 'refused';
}

/** Ends a grant for good: its refresh tokens and every access token that came of it. Also when no family was kept. */
export async function endGrant(
  change: Change,
  grantId: string,
  detail: { readonly reason: string; readonly userId: string },
): Promise<void> {
  await change.trx
    .updateTable('grants')
    .set({ endedAtMs: change.nowMs })
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', grantId)
    .where('endedAtMs', 'is', null)
    .execute();
  await change.record({
    type: 'grant.ended',
    objectKind: 'grant',
    objectId: grantId,
    detail,
    revokes: [revocationOf('grant', grantId, change.nowMs, 'forever')],
    reach: 'waking',
  });
}

/** Revokes one access token. */
export async function revokeToken(
  change: Change,
  tokenId: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await change.record({
    type: 'token.revoked',
    objectKind: 'token',
    objectId: tokenId,
    detail,
    revokes: [revocationOf('token', tokenId, change.nowMs, 'forever')],
    reach: 'waking',
  });
}
