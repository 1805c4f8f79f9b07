import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/**
 * Notes that a session has signed in to an application, with the `sub` the application was told. One statement, the same
 * however often; nothing is written for an application without a logout address, or when the session has ended.
 */
export async function noteSessionClient(
  db: Kysely<Tables>,
  scope: Scope,
  input: {
    readonly sessionId: string;
    readonly applicationId: string;
    readonly subject: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const { instanceId } = scope;
  // The lock lets nobody end the session between the look and the insert: whoever ends it afterwards finds the row.
  await sql`
    with live as (
      select s.id from sessions s
      where s.instance_id = ${instanceId} and s.id = ${input.sessionId} and s.ended_at_ms is null
        and exists (select from applications a where a.instance_id = ${instanceId} and a.id = ${input.applicationId}
          and coalesce(a.frontchannel_logout_uri, a.backchannel_logout_uri) is not null)
      for share of s)
    insert into session_clients (instance_id, session_id, application_id, subject, created_at_ms)
    select ${instanceId}, live.id, ${input.applicationId}, ${input.subject}, ${input.nowMs}::bigint from live
    on conflict (instance_id, session_id, application_id) do update set subject = excluded.subject
      where session_clients.subject <> excluded.subject`.execute(db);
}

/** What the outbox holds of a back-channel logout: whom to tell, and of whose session's end. Where is looked up on sending. */
export interface BackchannelLogoutPayload {
  readonly applicationId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly sessionId: string;
}

/** Puts a message into the outbox for every application with a back-channel address that ended sessions signed in to. */
export async function queueBackchannelLogouts(change: Change, sessionIds: readonly string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  const { instanceId } = change.scope;
  const { numAffectedRows = 0n } = await sql`
    insert into outbox (instance_id, kind, payload, next_attempt_at_ms, created_at_ms)
    select c.instance_id, 'backchannel-logout', jsonb_build_object(
        'applicationId', a.id, 'clientId', a.client_id, 'subject', c.subject, 'sessionId', c.session_id),
      ${change.nowMs}::bigint, ${change.nowMs}::bigint
    from session_clients c
    join applications a on a.instance_id = c.instance_id and a.id = c.application_id and a.state <> 'removed'
    where c.instance_id = ${instanceId} and c.session_id = any(${[...sessionIds]}::text[])
      and a.backchannel_logout_uri is not null`.execute(change.trx);
  if (numAffectedRows > 0n) change.noteMessages();
}

/** An application whose front-channel logout address a browser is to load for an ended session. */
export interface FrontchannelLogout {
  readonly uri: string;
  readonly sessionId: string;
}

/** The front-channel logout addresses of the applications that some sessions signed in to, at most `limit`, the last first. */
export async function listFrontchannelLogouts(
  db: Kysely<Tables>,
  scope: Scope,
  sessionIds: readonly string[],
  limit: number,
): Promise<readonly FrontchannelLogout[]> {
  if (sessionIds.length === 0) return [];
  const { rows } = await sql<FrontchannelLogout>`
    select a.frontchannel_logout_uri as uri, c.session_id
    from session_clients c
    join applications a on a.instance_id = c.instance_id and a.id = c.application_id and a.state <> 'removed'
    where c.instance_id = ${scope.instanceId} and c.session_id = any(${[...sessionIds]}::text[])
      and a.frontchannel_logout_uri is not null
    order by c.created_at_ms desc, c.application_id
    limit ${limit}`.execute(db);
  return rows;
}
