import { CamelCasePlugin, Kysely } from 'kysely';
import { type Change, type Committed, type RevocationTime, runChange } from './change.ts';
import { checkIdentity, confirmIdentity, type DatabaseIdentity } from './database-identity.ts';
import type { Engine } from './engine/engine.ts';
import { inspectSchema, migrate, type SchemaState } from './migrate.ts';
import type { Actor, Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** What statements and changes run on. */
export interface StoreAccess {
  readonly db: Kysely<Tables>;
  /** Runs a change of state in one transaction, with its events. */
  readonly change: <T>(
    context: { readonly scope: Scope; readonly actor: Actor; readonly nowMs: number },
    work: (change: Change) => Promise<T>,
  ) => Promise<T>;
}

/** An open database with its schema. Statements are the functions of this package; they take `db` or a `Change`. */
export interface Store extends StoreAccess {
  readonly engine: Engine;
  /** The same rows over a share of the connections, for requests that have proved nothing yet. */
  readonly share: StoreAccess;
  /** Calls back after every change committed by this process. Returns a function that stops it. */
  readonly onCommitted: (listener: (committed: Committed) => void) => () => void;
  /** Looks at the database and its schema without changing them. */
  readonly inspect: () => Promise<SchemaState>;
  /** Brings the schema up to date. */
  readonly migrate: () => Promise<readonly string[]>;
  /** Whether this database is what it was at the last start, or was restored since; after `migrate`. */
  readonly checkIdentity: () => Promise<DatabaseIdentity>;
  /** Takes the database as it is: what `checkIdentity` found is settled. */
  readonly confirmIdentity: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * A store over an open engine. The schema may still have to be migrated. Where several machines share the database,
 * revocations are to be ordered by its time.
 */
export function createStore(engine: Engine, revocationTime: RevocationTime = 'of-change'): Store {
  const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })];
  const db = new Kysely<Tables>({ dialect: engine.dialect, plugins });
  const shareDb = new Kysely<Tables>({ dialect: engine.shareDialect, plugins });
  const listeners = new Set<(committed: Committed) => void>();
  const announce = (committed: Committed): void => {
    for (const listener of listeners) listener(committed);
  };
  const running = { onCommitted: announce, revocationTime };
  return {
    engine,
    db,
    change: (context, work) => runChange(db, context, running, work),
    share: { db: shareDb, change: (context, work) => runChange(shareDb, context, running, work) },
    onCommitted: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    inspect: () => inspectSchema(db),
    migrate: () => migrate(engine, db),
    checkIdentity: () => checkIdentity(db),
    confirmIdentity: () => confirmIdentity(engine, db),
    close: async () => {
      await Promise.all([db.destroy(), shareDb.destroy()]);
      await engine.close();
    },
  };
}
