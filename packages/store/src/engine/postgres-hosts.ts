/** One server of a database URL: its own single-host URL for pg, and a label without secrets for messages. */
export interface PostgresHost {
  readonly url: string;
  readonly label: string;
}

/** The servers of a database URL, in order, and whether the writable one must be looked for. */
export interface PostgresHosts {
  readonly hosts: readonly PostgresHost[];
  readonly probe: 'writable' | 'none';
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
  parameters.delete('target_session_attrs');
  const query = parameters.size === 0 ? '' : `?${parameters.toString()}`;
  const hosts = authority
    .slice(at + 1)
    .split(',')
    .map(checkHost)
    .map((host) => ({
      url: `${scheme}${credentials}${host}${path}${query}`,
      label: host === '' ? (parameters.get('host') ?? 'localhost') : host,
    }));
  return { hosts, probe: hosts.length > 1 || target !== 'any' ? 'writable' : 'none' };
}
