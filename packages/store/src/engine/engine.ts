import type { Dialect } from 'kysely';
import { DatabaseError } from 'pg';

/**
 * A running database. Both engines speak PostgreSQL's SQL and give the same JavaScript values:
 * `int8` → number (a {@link UnsafeInteger} beyond 2^53 − 1), `jsonb` → parsed value, `bytea` → Buffer,
 * `text[]` → string[], `boolean` → boolean, `xid8` and `numeric` → string. As parameters go numbers, strings,
 * booleans, null, Buffer or Uint8Array (bytea), string[] (arrays) and JSON as text.
 */
export interface Engine {
  /** Kysely over this engine; statements are named by a hash of their text so that each is prepared once. */
  readonly dialect: Dialect;
  /**
   * The same over a share of the connections, half of them, for requests of people and programs that have proved nothing
   * yet: however many come at once, the other half stays free. Rejects with `share-full` when the wait would be too long.
   */
  readonly shareDialect: Dialect;
  /** How many requests of the share may hold or wait for a connection at the same time, by the times measured so far. */
  readonly sharePlaces: () => number;
  readonly kind: 'pglite' | 'postgres';
  /**
   * Runs a script of statements on one connection, as one simple-protocol message: all of it commits or none, unless
   * the script itself says BEGIN and COMMIT. A lone statement runs outside a transaction block, so
   * `CREATE INDEX CONCURRENTLY` is allowed as a script of its own.
   */
  runScript(sql: string): Promise<void>;
  /** One round trip, for readiness. Rejects with {@link DatabaseUnavailable} within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  /**
   * Calls `onNotify` with the payload of each NOTIFY on the channel. Notifications may be lost, so callers poll too;
   * after each reconnection `onNotify` is called once with an empty payload. Resolves to the function that ends it.
   */
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>;
  /** Runs `fn` while holding a database-wide lock of that name. Not re-entrant. */
  withAdvisoryLock<T>(name: string, fn: () => Promise<T>): Promise<T>;
  /**
   * Copies the files of an embedded database, all of one moment, into the folder `postgres` of the folder it resolves to, which
   * the caller removes. Statements wait meanwhile. There on that engine alone.
   */
  copyFiles?(): Promise<string>;
  /** Lets running statements finish (for a few seconds), then closes. Everything after it rejects. */
  close(): Promise<void>;
}

/** Why the database cannot serve now. All of them may pass by themselves, so callers answer 503 and retry. */
export type UnavailableReason =
  | 'connection-refused'
  | 'connection-lost'
  | 'authentication-failed'
  | 'access-denied'
  | 'tls-required'
  | 'tls-unsupported'
  | 'certificate-refused'
  | 'certificate-name'
  | 'host-unknown'
  | 'parameter-refused'
  | 'connection-rejected'
  | 'version-too-old'
  | 'lock-held'
  | 'database-missing'
  | 'too-many-connections'
  | 'starting-up'
  | 'read-only'
  | 'acquire-timeout'
  | 'queue-full'
  | 'share-full'
  | 'statement-timeout'
  | 'deadlock'
  | 'server-hung'
  | 'stale-plan'
  | 'disk-full'
  | 'out-of-memory'
  | 'worker-crashed'
  | 'start-failed'
  | 'closed';

/** The database could not answer. The outcome of a statement in flight is unknown. Never carries the password. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Another process holds the data folder. `pid` is the holder's, where it could be learned. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly pid: number | undefined;
  readonly dataDir: string;

  constructor(dataDir: string, pid: number | undefined) {
    const holder = pid === undefined ? 'another process' : `process ${pid}`;
    super(`The data folder ${dataDir} is in use by ${holder}. Stop it first, or choose another folder.`);
    this.pid = pid;
    this.dataDir = dataDir;
  }
}

/** Files of the embedded database are missing, cut off or changed; the message says which and what to do. */
export class FolderDamaged extends Error {
  override readonly name = 'FolderDamaged';

  constructor(dataDir: string, what: string, options?: ErrorOptions) {
    super(
      `The database in ${dataDir} is damaged: ${what}. Restore a backup: latchkey restore FILE (what is in the folder now is kept beside it). \`latchkey doctor --data\` lists all damage.`,
      options,
    );
  }
}

/** The data folder cannot be created, read or written; the message says what to do. */
export class FolderNotWritable extends Error {
  override readonly name = 'FolderNotWritable';
}

/** An `int8` value is beyond what a JavaScript number holds exactly (2^53 − 1). */
export class UnsafeInteger extends RangeError {
  override readonly name = 'UnsafeInteger';
}

/** The constraint a unique or primary-key violation (SQLSTATE 23505) is about; `undefined` for every other error. */
export function uniqueConstraintOf(error: unknown): string | undefined {
  return error instanceof DatabaseError && error.code === '23505' ? (error.constraint ?? '') : undefined;
}

/** True for a unique or primary-key violation (SQLSTATE 23505), of that constraint when one is named. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const violated = uniqueConstraintOf(error);
  return violated !== undefined && (constraint === undefined || violated === constraint);
}
