import { DatabaseError } from 'pg';
import { DatabaseUnavailable, type UnavailableReason, UnsafeInteger } from './engine.ts';

const bySqlState: Readonly<Record<string, UnavailableReason>> = {
  '25006': 'read-only',
  '25P03': 'connection-lost',
  '26000': 'stale-plan',
  '28000': 'authentication-failed',
  '28P01': 'authentication-failed',
  '3D000': 'database-missing',
  '40P01': 'deadlock',
  '53100': 'disk-full',
  '53200': 'out-of-memory',
  '53300': 'too-many-connections',
  '57014': 'statement-timeout',
  '57P01': 'connection-lost',
  '57P02': 'connection-lost',
  '57P03': 'starting-up',
  '57P04': 'database-missing',
  '57P05': 'connection-lost',
};

const bySystemCode: Readonly<Record<string, UnavailableReason>> = {
  ECONNREFUSED: 'connection-refused',
  EHOSTUNREACH: 'connection-refused',
  ENETUNREACH: 'connection-refused',
  ENOTFOUND: 'connection-refused',
  EAI_AGAIN: 'connection-refused',
  ENOENT: 'connection-refused',
  EACCES: 'connection-refused',
  ECONNRESET: 'connection-lost',
  ECONNABORTED: 'connection-lost',
  EPIPE: 'connection-lost',
  ETIMEDOUT: 'connection-lost',
  ENOSPC: 'disk-full',
};

// pg reports these without a code; the texts are those of the pinned version.
const byMessage: readonly (readonly [RegExp, UnavailableReason])[] = [
  [/^Query read timeout/, 'server-hung'],
  [/^timeout expired/, 'server-hung'],
  [/^Connection terminated/, 'connection-lost'],
  [/not queryable$/, 'connection-lost'],
  [/^Received unexpected/, 'connection-lost'],
  [/client password must be a string|no password supplied/i, 'authentication-failed'],
];

const sentences: Readonly<Record<UnavailableReason, string>> = {
  'connection-refused':
    'The database cannot be reached. Check that it runs and that host and port are right.',
  'connection-lost': 'The connection to the database was lost.',
  'authentication-failed': 'The database refused the user or the password. Check both in the database URL.',
  'database-missing': 'The database named in the URL does not exist. Create it, or correct the name.',
  'too-many-connections':
    'The database has no connection left. Raise max_connections or lower the pool size.',
  'starting-up': 'The database is starting up or shutting down.',
  'read-only': 'The database server is read-only (a standby). Name the primary in the database URL.',
  'acquire-timeout': 'No database connection became free in time.',
  'queue-full': 'Too many requests already wait for the database.',
  'share-full': 'Too many unauthenticated requests already wait for the database.',
  'statement-timeout': 'A statement ran longer than it may.',
  deadlock: 'Two changes waited for each other, and this one was given up. Try again.',
  'server-hung': 'The database did not answer in time.',
  'stale-plan': 'The schema changed under a prepared statement. Try again.',
  'disk-full': 'The volume of the database is full. Free some space.',
  'out-of-memory': 'The database ran out of memory.',
  'worker-crashed': 'The embedded database stopped unexpectedly.',
  'start-failed': 'The embedded database could not start.',
  closed: 'The database engine is closed.',
};

/** Builds the error of one reason, with its sentence for the operator. `detail` is appended and must hold no secret. */
export function unavailable(
  reason: UnavailableReason,
  cause?: unknown,
  detail?: string,
): DatabaseUnavailable {
  const message = detail === undefined ? sentences[reason] : `${sentences[reason]} ${detail}`;
  return new DatabaseUnavailable(reason, message, cause === undefined ? undefined : { cause });
}

/** True when the server said that a prepared statement no longer fits the schema, or is gone. */
export function isStalePlan(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  if (error.code === '26000') return true;
  return error.code === '0A000' && error.message.includes('cached plan must not change result type');
}

function reasonOfServerError(error: DatabaseError): UnavailableReason | undefined {
  if (isStalePlan(error)) return 'stale-plan';
  if (/no space left on device|could not extend file/i.test(error.message)) return 'disk-full';
  const code = error.code ?? '';
  if (code.startsWith('08')) return 'connection-lost';
  return bySqlState[code];
}

/** Maps what pg threw to {@link DatabaseUnavailable}; an error that is the statement's own fault comes back as it is. */
export function asEngineError(error: unknown): unknown {
  if (error instanceof DatabaseUnavailable || !(error instanceof Error)) return error;
  if (error instanceof DatabaseError) {
    const reason = reasonOfServerError(error);
    return reason === undefined ? error : unavailable(reason, error);
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const known = code === undefined ? undefined : bySystemCode[code];
  if (known !== undefined) return unavailable(known, error);
  for (const [pattern, reason] of byMessage)
    if (pattern.test(error.message)) return unavailable(reason, error);
  return error;
}

/** True when the connection that raised this must not be used again. */
export function breaksConnection(error: unknown): boolean {
  if (error instanceof UnsafeInteger) return false;
  if (!(error instanceof DatabaseError)) return true;
  if (error.severity === 'FATAL' || error.severity === 'PANIC') return true;
  return error.code === '25006' || (error.code ?? '').startsWith('08');
}
