import { type Kysely, sql } from 'kysely';
import type { Engine } from './engine/engine.ts';
import type { Tables } from './tables.ts';

/**
 * What a start found: the database of the last start; a copy of it, made by dump and restore (another database or
 * cluster); or one into which a backup was restored that nobody has confirmed yet.
 */
export type DatabaseIdentity = 'same' | 'copied' | 'restore-pending';

interface Present {
  readonly systemIdentifier: string;
  readonly databaseOid: string;
}

async function presentIdentity(db: Kysely<Tables>): Promise<Present | undefined> {
  try {
    const { rows } = await sql<Present>`
      select system_identifier::text, (select oid::text from pg_database where datname = current_database()) as database_oid
      from pg_control_system()`.execute(db);
    return rows[0];
  } catch {
    // A hosting provider may keep this function to itself; then copies are not noticed.
    return undefined;
  }
}

async function isRestorePending(db: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql<{ isPending: boolean }>`
    select to_regclass('latchkey_restore_pending') is not null as is_pending`.execute(db);
  return rows[0]?.isPending === true;
}

/** Compares the database with what the last start noted, and notes it at the first. */
export async function checkIdentity(db: Kysely<Tables>): Promise<DatabaseIdentity> {
  if (await isRestorePending(db)) return 'restore-pending';
  const present = await presentIdentity(db);
  if (present === undefined) return 'same';
  await db
    .insertInto('databaseIdentity')
    .values(present)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const noted = await db.selectFrom('databaseIdentity').selectAll().executeTakeFirst();
  return noted?.systemIdentifier === present.systemIdentifier && noted.databaseOid === present.databaseOid
    ? 'same'
    : 'copied';
}

/** Notes the present database as the one there is, and that nothing about a restored backup is pending any more. */
export async function confirmIdentity(engine: Engine, db: Kysely<Tables>): Promise<void> {
  const present = await presentIdentity(db);
  if (present !== undefined)
    await db
      .insertInto('databaseIdentity')
      .values(present)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(present))
      .execute();
  await engine.runScript('drop table if exists latchkey_restore_pending');
}

/** Marks a database in the transaction that restores it: no server serves it until the restore is confirmed. */
export const restorePendingScript =
  'create table if not exists latchkey_restore_pending (restored_at timestamptz not null default now());';

/**
 * Events of another cluster, which a dump brought along, bear transaction ids that are in the future here, so readers of the log would
 * read them again and again. They are marked as read long ago.
 */
export async function settleForeignEvents(engine: Engine, db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ isForeign: boolean }>`
    select exists (select from events where is_waking and tx_id >= pg_snapshot_xmax(pg_current_snapshot())) as is_foreign`.execute(
    db,
  );
  if (rows[0]?.isForeign !== true) return;
  await engine.runScript(`
    alter table events disable trigger events_append_only;
    update events set tx_id = '0' where is_waking and tx_id >= pg_snapshot_xmax(pg_current_snapshot());
    alter table events enable trigger events_append_only;`);
}

/** How many connections servers of ours have to this database. */
export async function countServerConnections(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name like 'latchkey%'`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}
