import type { Client } from 'pg';
import { unavailable } from './database-faults.ts';

/** An open connection and what may be sent over it. */
export interface DatabaseLink {
  readonly client: Client;
  /**
   * `session`: one server session from beginning to end. `transactions`: a pooler such as PgBouncer gives each transaction
   * whichever session is free, so nothing of a session (prepared statements, settings, LISTEN, session locks) may be used.
   */
  readonly keeps: 'session' | 'transactions';
  /** The isolation level of a statement outside a transaction. */
  readonly isolation: 'read-committed' | 'other';
  readonly mode: 'writable' | 'read-only';
}

/** Limits the server keeps, in milliseconds; 0 for none. */
export interface SessionLimits {
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}

const oldestVersion = 150_000;

interface LinkRow {
  readonly is_session: boolean;
  readonly is_writable: boolean;
  readonly version: number;
  readonly isolation: string;
}

/**
 * Finds out what a connection leads to and, where it is a session of our own, sets what we need there: one round trip.
 * A pooler makes up the process id of its greeting, so it differs from the one of the session that answers. Rejects with
 * `version-too-old`.
 */
export async function examineLink(client: Client, limits: SessionLimits): Promise<DatabaseLink> {
  // Set here rather than at start-up, where poolers refuse what they do not know, and never in a session lent by a pooler.
  const { rows } = await client.query<LinkRow>({
    text: `select pg_backend_pid() = $1::int as is_session,
      not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as is_writable,
      current_setting('server_version_num')::int as version,
      current_setting('default_transaction_isolation') as isolation,
      case when pg_backend_pid() = $1::int then set_config('statement_timeout', $2::text, false) end,
      case when pg_backend_pid() = $1::int then set_config('idle_in_transaction_session_timeout', $3::text, false) end,
      case when pg_backend_pid() = $1::int then set_config('default_transaction_isolation', 'read committed', false) end`,
    values: [processIdOf(client), `${limits.statementTimeoutMs}`, `${limits.idleInTransactionTimeoutMs}`],
  });
  const [row] = rows;
  if (row === undefined) throw unavailable('connection-lost');
  if (row.version < oldestVersion)
    throw unavailable('version-too-old', undefined, `It is version ${Math.floor(row.version / 10_000)}.`);
  return {
    client,
    keeps: row.is_session ? 'session' : 'transactions',
    isolation: row.is_session || row.isolation === 'read committed' ? 'read-committed' : 'other',
    mode: row.is_writable ? 'writable' : 'read-only',
  };
}

function processIdOf(client: Client): number {
  const { processID } = client as Client & { readonly processID?: number | null }; // cast: pg has it, its types do not
  return processID ?? 0;
}

/**
 * What begins a transaction. The isolation level is always named, because a role or database may have another by default;
 * over a pooler the limits come along, since no session is ours to keep them.
 */
export function beginStatement(
  link: Pick<DatabaseLink, 'keeps'>,
  limits: SessionLimits | undefined,
  { isolationLevel = 'read committed', accessMode }: BeginSettings = {},
): string {
  const begin = `begin isolation level ${isolationLevel}${accessMode === undefined ? '' : ` ${accessMode}`}`;
  if (link.keeps === 'session' || limits === undefined) return begin;
  const { statementTimeoutMs, idleInTransactionTimeoutMs } = limits;
  return `${begin}; set local statement_timeout = ${statementTimeoutMs}; set local idle_in_transaction_session_timeout = ${idleInTransactionTimeoutMs}`;
}

/** What a transaction may ask for beyond the defaults. */
export interface BeginSettings {
  readonly isolationLevel?: string;
  readonly accessMode?: string;
}
