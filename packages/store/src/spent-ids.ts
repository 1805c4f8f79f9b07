import { sql } from 'kysely';
import type { Change } from './change.ts';

/** Keeps the id of something that is deleted, so that nothing is given it again. */
export async function spendId(change: Change, id: string): Promise<void> {
  await sql`insert into spent_ids (instance_id, id) values (${change.scope.instanceId}, ${id}) on conflict do nothing`.execute(
    change.trx,
  );
}

/**
 * Takes an id that a caller chose, for good: 'taken' when any object of any kind in the instance has it or ever had it,
 * removed ones included, since tokens and revocations name objects by id alone.
 */
export async function claimGivenId(change: Change, id: string): Promise<'claimed' | 'taken'> {
  const { instanceId } = change.scope;
  // One of many claims of an id at once gets a row.
  const { rows: claimed } =
    await sql`insert into spent_ids (instance_id, id) values (${instanceId}, ${id}) on conflict do nothing returning id`.execute(
      change.trx,
    );
  if (claimed.length === 0) return 'taken';
  // Every place an id of ours, or a client id among them, can stand. The log remembers what is deleted from the others.
  const { rows } = await sql`
    select 1 from instances where id = ${id}
    union all select 1 from organizations where instance_id = ${instanceId} and id = ${id}
    union all select 1 from users where instance_id = ${instanceId} and (id = ${id} or login_name_canonical = ${id})
    union all select 1 from projects where instance_id = ${instanceId} and id = ${id}
    union all select 1 from applications where instance_id = ${instanceId} and (id = ${id} or client_id = ${id})
    union all select 1 from authorizations where instance_id = ${instanceId} and id = ${id}
    union all select 1 from project_grants where instance_id = ${instanceId} and id = ${id}
    union all select 1 from user_keys where instance_id = ${instanceId} and id = ${id}
    union all select 1 from application_keys where instance_id = ${instanceId} and id = ${id}
    union all select 1 from client_secrets where instance_id = ${instanceId} and id = ${id}
    union all select 1 from personal_access_tokens where instance_id = ${instanceId} and id = ${id}
    union all select 1 from sessions where instance_id = ${instanceId} and id = ${id}
    union all select 1 from grants where instance_id = ${instanceId} and id = ${id}
    union all select 1 from revocations where instance_id = ${instanceId} and id = ${id}
    union all select 1 from events where instance_id = ${instanceId} and object_id = ${id}
      and object_kind in ('organization', 'user', 'project', 'application', 'authorization', 'project-grant', 'session', 'grant',
        'personal-access-token', 'token')
    limit 1`.execute(change.trx);
  return rows.length === 0 ? 'claimed' : 'taken';
}

/** Gives a claimed id back, where nothing came of what was to have it. */
export async function releaseGivenId(change: Change, id: string): Promise<void> {
  await sql`delete from spent_ids where instance_id = ${change.scope.instanceId} and id = ${id}`.execute(
    change.trx,
  );
}
