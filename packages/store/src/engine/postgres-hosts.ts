import { readTlsAttempts, type TlsAttempt, tlsParameters } from './postgres-tls.ts';

/** One server of a database URL: its own single-host URL for pg, and a label without secrets for messages. */
export interface PostgresHost {
  readonly url: string;
  readonly label: string;
  /** Ways to open a connection, in order. */
  readonly attempts: readonly TlsAttempt[];
}

/** The servers of a database URL, in order, and whether the writable one must be looked for. */
export interface PostgresHosts {
  readonly hosts: readonly PostgresHost[];
  readonly probe: 'writable' | 'none';
  /** Whether the URL says that a transaction pooler is between (`pgbouncer=true`); else it is found out. */
  readonly pooler: 'named' | 'unknown';
}

const shape = /^(postgres(?:ql)?:\/\/)([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/;
const advice =
  'Expected postgres://user:password@host:5432/database, or several hosts with commas between them.';

function checkHost(text: string): string {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[^:\s]*)(?::(\d{1,5}))?$/.exec(text);
  if (match === null || Number(match[1] ?? 0) > 65_535) {
    throw new TypeError(`The database URL names a host that cannot be read. ${advice}`);
  }
  return text;
}

function attemptsFor(host: string, search: string): readonly TlsAttempt[] {
  const parameters = new URLSearchParams(search);
  const name = host === '' ? (parameters.get('host') ?? '') : host.replace(/:\d+$/, '');
  return readTlsAttempts(parameters, name.replace(/^\[|\]$/g, ''));
}

/**
 * Parses a libpq URL, with several hosts and `target_session_attrs` as in PostgreSQL's documentation §34.1.1 (any,
 * read-write and primary; this engine must write, so several hosts always mean "find the writable one").
 * Throws TypeError on a URL it cannot use; the message holds no part of it.
 */
export function parsePostgresHosts(url: string): PostgresHosts {
  const match = shape.exec(url);
  if (match === null) throw new TypeError(`The database URL cannot be read. ${advice}`);
  const [, scheme = '', authority = '', path = '', search = ''] = match;
  const at = authority.lastIndexOf('@');
  const credentials = authority.slice(0, at + 1);
  const parameters = new URLSearchParams(search);
  const target = parameters.get('target_session_attrs') ?? 'any';
  if (!['any', 'read-write', 'primary'].includes(target)) {
    throw new TypeError('target_session_attrs in the database URL must be any, read-write or primary.');
  }
  const pooler = parameters.get('pgbouncer') === 'true' ? 'named' : 'unknown';
  for (const name of ['target_session_attrs', 'pgbouncer', 'uselibpqcompat']) parameters.delete(name);
  const names = authority
    .slice(at + 1)
    .split(',')
    .map(checkHost);
  const attempts = names.map((host) => attemptsFor(host, search));
  for (const name of tlsParameters) parameters.delete(name);
  const query = parameters.size === 0 ? '' : `?${parameters.toString()}`;
  const hosts = names.map((host, index) => ({
    url: `${scheme}${credentials}${host}${path}${query}`,
    label: host === '' ? (parameters.get('host') ?? 'localhost') : host,
    attempts: attempts[index] ?? [false],
  }));
  return { hosts, probe: hosts.length > 1 || target !== 'any' ? 'writable' : 'none', pooler };
}
