import { type Change, revocationOf } from './change.ts';

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

async function endSessionsAndGrants(change: Change, userId: string): Promise<void> {
  const { instanceId } = change.scope;
  for (const table of ['sessions', 'grants'] as const) {
    await change.trx
      .updateTable(table)
      .set({ endedAtMs: change.nowMs })
      .where('instanceId', '=', instanceId)
      .where('userId', '=', userId)
      .where('endedAtMs', 'is', null)
      .execute();
  }
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
  if (kind === 'user') await endSessionsAndGrants(change, id);
  const revokes =
    kind === 'authorization'
      ? []
      : [revocationOf(kind, id, change.nowMs, state === 'removed' ? 'forever' : 'so-far')];
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
