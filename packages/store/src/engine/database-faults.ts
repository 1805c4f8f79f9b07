import { DatabaseError } from 'pg';
import { DatabaseUnavailable, type UnavailableReason, UnsafeInteger } from './engine.ts';

const bySqlState: Readonly<Record<string, UnavailableReason>> = {
  '25006': 'read-only',
  '25P03': 'connection-lost',
  '26000': 'stale-plan',
  '28000': 'access-denied',
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
  ENOTFOUND: 'host-unknown',
  EAI_AGAIN: 'host-unknown',
  ENOENT: 'connection-refused',
  EACCES: 'connection-refused',
  ECONNRESET: 'connection-lost',
  ECONNABORTED: 'connection-lost',
  EPIPE: 'connection-lost',
  ETIMEDOUT: 'connection-lost',
  ENOSPC: 'disk-full',
  CERT_HAS_EXPIRED: 'certificate-refused',
  CERT_NOT_YET_VALID: 'certificate-refused',
  CERT_SIGNATURE_FAILURE: 'certificate-refused',
  CERT_UNTRUSTED: 'certificate-refused',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-refused',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-name',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-refused',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-refused',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-refused',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-refused',
};

// pg reports these without a code; the texts are those of the pinned version.
const byMessage: readonly (readonly [RegExp, UnavailableReason])[] = [
  [/^The server does not support SSL/, 'tls-unsupported'],
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
  'access-denied':
    'The database server does not let this user connect from here. Allow it in pg_hba.conf, or correct the database URL.',
  'tls-required':
    'The database server does not let this user connect without TLS. Set sslmode=require or verify-full in the database URL, or allow the connection in pg_hba.conf.',
  'tls-unsupported':
    'The database server does not speak TLS, and the database URL asks for it. Turn ssl on at the server, or set sslmode=disable in the URL.',
  'certificate-refused':
    'The certificate of the database server cannot be trusted. Name its authority by sslrootcert=FILE in the database URL.',
  'certificate-name':
    'The certificate of the database server is for another name. Use that name in the database URL, or sslmode=verify-ca.',
  'host-unknown': 'The host name in the database URL cannot be resolved. Check its spelling and DNS.',
  'parameter-refused':
    'The database server refused a start-up parameter. Remove it from the database URL, or let the pooler ignore it (ignore_startup_parameters).',
  'connection-rejected': 'The database server refused the connection.',
  'version-too-old': 'PostgreSQL 15 or newer is needed.',
  'lock-held': 'Another process holds the lock that keeps starts and migrations apart.',
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

// What poolers say has no state of its own (PgBouncer sends 08P01 for nearly everything).
const byServerMessage: readonly (readonly [RegExp, UnavailableReason])[] = [
  [/no space left on device|could not extend file/i, 'disk-full'],
  [/startup parameter|unrecognized configuration parameter/i, 'parameter-refused'],
  [/no pg_hba\.conf entry.*(?:no encryption|SSL off)$/i, 'tls-required'],
  [/^SSL (?:connection )?(?:is )?required/i, 'tls-required'],
  [/^no such database/i, 'database-missing'],
  [/^role ".*" (?:does not exist|is not permitted to log in)$/, 'authentication-failed'],
  [/^(?:no such user|(?:SASL |password )?auth(?:entication)? failed)/i, 'authentication-failed'],
  [/^no more connections allowed/i, 'too-many-connections'],
];

function reasonOfServerError(error: DatabaseError): UnavailableReason | undefined {
  if (isStalePlan(error)) return 'stale-plan';
  for (const [pattern, reason] of byServerMessage) if (pattern.test(error.message)) return reason;
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
