import { type RawBuilder, sql } from 'kysely';
import type { Change } from './change.ts';
import { queueBackchannelLogouts } from './session-clients.ts';

/**
 * Ends every session and grant of some users, for good, and lets the applications they signed in to know. Whoever calls
 * it records the event: what it revokes is the users'. `userIds` is a list or a query of ids.
 */
export async function endSessionsOfUsers(change: Change, userIds: RawBuilder<unknown>): Promise<void> {
  const { instanceId } = change.scope;
  const { rows } = await sql<{ id: string }>`update sessions set ended_at_ms = ${change.nowMs}
    where instance_id = ${instanceId} and ended_at_ms is null and user_id in (${userIds}) returning id`.execute(
    change.trx,
  );
  await sql`update grants set ended_at_ms = ${change.nowMs}
    where instance_id = ${instanceId} and ended_at_ms is null and user_id in (${userIds})`.execute(
    change.trx,
  );
  await queueBackchannelLogouts(
    change,
    rows.map(({ id }) => id),
  );
}
