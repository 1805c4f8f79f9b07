import { sql } from 'kysely';
import { type Change, type Revocation, revocationOf } from './change.ts';
import { endSessionsOfUsers } from './end-user-sessions.ts';

/** Objects whose state an operator can change, by table. */
const tableOf = {
  organization: 'organizations',
  project: 'projects',
  application: 'applications',
  user: 'users',
  authorization: 'authorizations',
} as const;

/** A kind of object with a state. */
export type StatefulKind = keyof typeof tableOf;

/** A state an object may be put in; `locked` is for users alone. */
export type SettableState = 'active' | 'inactive' | 'locked' | 'removed';

/** How a state change went. */
export type StateOutcome = 'changed' | 'unchanged' | 'not-found';

/** Whose sessions and grants an object's end takes along, as conditions over `users u` and `applications a`. */
const reachOf = {
  user: { users: sql`u.id = `, applications: undefined },
  application: { users: undefined, applications: sql`a.id = ` },
  project: { users: undefined, applications: sql`a.project_id = ` },
  organization: { users: sql`u.organization_id = `, applications: sql`a.organization_id = ` },
} as const;

/** Ends what may not outlive the object's rest: refresh tokens would otherwise work again when it comes back. */
async function endSessionsAndGrants(change: Change, kind: keyof typeof reachOf, id: string): Promise<void> {
  const { instanceId } = change.scope;
  const { users, applications } = reachOf[kind];
  if (users !== undefined) {
    await endSessionsOfUsers(
      change,
      sql`select u.id from users u where u.instance_id = ${instanceId} and ${users}${id}`,
    );
  }
  if (applications !== undefined) {
    await sql`update grants set ended_at_ms = ${change.nowMs} where instance_id = ${instanceId} and ended_at_ms is null
      and application_id in (select a.id from applications a where a.instance_id = ${instanceId} and ${applications}${id})`.execute(
      change.trx,
    );
  }
}

/**
 * What a state change revokes: the object and, of an organization, its projects too, since a token names the project but
 * only the user's organization.
 */
async function revocationsFor(
  change: Change,
  kind: keyof typeof reachOf,
  id: string,
  state: SettableState,
): Promise<readonly Revocation[]> {
  const reach = state === 'removed' ? 'forever' : 'so-far';
  const own = revocationOf(kind, id, change.nowMs, reach);
  if (kind !== 'organization') return [own];
  const projects = await change.trx
    .selectFrom('projects')
    .select('id')
    .where('instanceId', '=', change.scope.instanceId)
    .where('organizationId', '=', id)
    .execute();
  return [own, ...projects.map((project) => revocationOf('project', project.id, change.nowMs, reach))];
}

/**
 * Puts an object into a state. Every such change, back to active as well, revokes what was issued before it, so that a
 * token issued while the change was under way does not come back to life with the object.
 */
export async function updateState(
  change: Change,
  kind: StatefulKind,
  id: string,
  state: SettableState,
): Promise<StateOutcome> {
  if (state === 'locked' && kind !== 'user') throw new Error(`a ${kind} cannot be locked; deactivate it`);
  const { instanceId, organizationId } = change.scope;
  let statement = change.trx
    .selectFrom(tableOf[kind])
    .select(['id', 'state'])
    .where('instanceId', '=', instanceId)
    .where('id', '=', id)
    .forUpdate();
  if (organizationId !== undefined && kind !== 'organization') {
    statement = statement.where('organizationId' as never, '=', organizationId as never); // cast: the five tables share the column, kysely cannot see it through the union
  }
  const row = await statement.executeTakeFirst();
  if (row === undefined || row.state === 'removed') return 'not-found';
  if (row.state === state) return 'unchanged';
  await change.trx
    .updateTable(tableOf[kind])
    .set({ state: state as never }) // cast: the states of the five tables differ by 'locked', checked above
    .where('instanceId', '=', instanceId)
    .where('id', '=', id)
    .execute();
  if (kind !== 'authorization' && state !== 'active') await endSessionsAndGrants(change, kind, id);
  const revokes = kind === 'authorization' ? [] : await revocationsFor(change, kind, id, state);
  await change.record({
    type: `${kind}.state.changed`,
    objectKind: kind,
    objectId: id,
    detail: { from: row.state, to: state },
    revokes,
    reach: 'waking',
  });
  return 'changed';
}
