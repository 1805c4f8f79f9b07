import { type Kysely, sql } from 'kysely';
import type { Revocation } from './change.ts';
import type { Tables } from './tables.ts';

/** An event as the tail hands it out. */
export interface TailEvent {
  readonly instanceId: string;
  readonly seq: number;
  readonly txId: string;
  readonly type: string;
  readonly objectKind: string;
  readonly objectId: string;
  readonly revokes: readonly Revocation[] | null;
}

/** Where a reader of the log stands: everything of transactions below `txId` has been seen. */
export interface TailCursor {
  readonly txId: string;
}

/** The present end of the log: no transaction below it is still running. */
export async function currentTailCursor(db: Kysely<Tables>): Promise<TailCursor> {
  const { rows } = await sql<{
    txId: string;
  }>`select pg_snapshot_xmin(pg_current_snapshot())::text as tx_id`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database gave no snapshot');
  return { txId: row.txId };
}

/** The time of the database, in milliseconds since 1970 and parts of one: of the moment it looked, not of the transaction. */
export async function readDatabaseTime(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{
    nowMs: number;
  }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database gave no time');
  return row.nowMs;
}

const pageSize = 1000;

interface TailPage {
  readonly txId: string;
  readonly events: readonly TailEvent[];
}

async function readPage(db: Kysely<Tables>, from: { txId: string; seq: number }): Promise<TailPage> {
  const { rows } = await sql<{ txId: string; events: TailEvent[] }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as tx_id,
      coalesce((select jsonb_agg(to_jsonb(e)) from (
        select instance_id as "instanceId", seq, tx_id::text as "txId", type, object_kind as "objectKind", object_id as "objectId", revokes
        from events where is_waking and (tx_id, seq) > (${from.txId}::xid8, ${from.seq}::bigint)
        order by tx_id, seq limit ${pageSize}) e), '[]') as events`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database gave no snapshot');
  return row;
}

/**
 * The waking events of every transaction that has committed since the cursor, and the cursor to read from next. While a
 * transaction below it still runs, the cursor waits for it, so later ones come again: readers drop what they have seen
 * by `seq`. Nothing is ever passed over.
 */
export async function readTail(
  db: Kysely<Tables>,
  cursor: TailCursor,
): Promise<{ readonly events: readonly TailEvent[]; readonly next: TailCursor }> {
  const first = await readPage(db, { txId: cursor.txId, seq: -1 });
  const events = [...first.events];
  let page = first;
  while (page.events.length === pageSize) {
    const last = page.events[page.events.length - 1];
    if (last === undefined) break;
    page = await readPage(db, last);
    events.push(...page.events);
  }
  return { events, next: { txId: first.txId } };
}

/** Whether the log still holds an event as it was read: after a restore it may be gone, or its number another's. */
export async function isEventThere(db: Kysely<Tables>, event: TailEvent): Promise<boolean> {
  const row = await db
    .selectFrom('events')
    .select('type')
    .where('instanceId', '=', event.instanceId)
    .where('seq', '=', event.seq)
    .where('objectId', '=', event.objectId)
    .where('type', '=', event.type)
    .executeTakeFirst();
  return row !== undefined;
}

/** Revocations that can still matter to a token at `nowMs`. */
export async function listRevocations(
  db: Kysely<Tables>,
  nowMs: number,
): Promise<
  readonly {
    readonly instanceId: string;
    readonly id: string;
    readonly notAfterMs: number;
    readonly keepUntilMs: number;
  }[]
> {
  return await db
    .selectFrom('revocations')
    .select(['instanceId', 'id', 'notAfterMs', 'keepUntilMs'])
    .where('keepUntilMs', '>', nowMs)
    .execute();
}

/** Events of one object, oldest first, for the audit view. */
export async function listEventsOf(
  db: Kysely<Tables>,
  scope: { readonly instanceId: string },
  objectKind: string,
  objectId: string,
): Promise<
  readonly {
    readonly type: string;
    readonly atMs: number;
    readonly actorId: string;
    readonly detail: unknown;
  }[]
> {
  return await db
    .selectFrom('events')
    .select(['type', 'atMs', 'actorId', 'detail'])
    .where('instanceId', '=', scope.instanceId)
    .where('objectKind', '=', objectKind)
    .where('objectId', '=', objectId)
    .orderBy('seq')
    .execute();
}
