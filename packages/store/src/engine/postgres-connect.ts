import { type ClientConfig, DatabaseError } from 'pg';
import { asEngineError, unavailable } from './database-faults.ts';
import { type DatabaseLink, examineLink, type SessionLimits } from './database-link.ts';
import { DatabaseUnavailable, type UnavailableReason } from './engine.ts';
import { openClient } from './open-client.ts';
import { type PostgresHost, type PostgresHosts, parsePostgresHosts } from './postgres-hosts.ts';

/** What a connection may differ in from the engine's own. */
export interface ConnectionOverrides {
  readonly config?: ClientConfig;
  readonly limits?: SessionLimits;
}

/** Opens a connection to the writable server. `overrides` goes over the engine's own settings. */
export type OpenWritable = (overrides?: ConnectionOverrides) => Promise<DatabaseLink>;

function withLabel(error: unknown, host: PostgresHost): unknown {
  const mapped = asEngineError(error);
  if (mapped instanceof DatabaseUnavailable) {
    const { cause } = mapped;
    // The server's own words name the user, the database and the setting, never the password.
    const words = cause instanceof DatabaseError || isTlsError(cause) ? `: ${cause.message}` : '';
    const message = `${mapped.message} (server ${host.label}${words})`;
    return new DatabaseUnavailable(mapped.reason, message, { cause: cause ?? mapped });
  }
  if (!(mapped instanceof Error)) return mapped;
  // Nothing was asked yet, so whatever it is, the connection did not come about.
  const message = `The connection to the database server ${host.label} failed: ${mapped.message}`;
  return new DatabaseUnavailable('connection-rejected', message, { cause: mapped });
}

function isTlsError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /CERT|SIGNED|^ERR_(?:SSL|TLS)/.test(String(error.code));
}

/** What the other way of speaking to the server, with or without TLS, may mend (PostgreSQL documentation §34.19). */
const otherwise: ReadonlySet<UnavailableReason> = new Set([
  'tls-required',
  'tls-unsupported',
  'access-denied',
  'connection-rejected',
]);

function mayTryOtherwise(error: unknown): error is DatabaseUnavailable {
  return error instanceof DatabaseUnavailable && otherwise.has(error.reason);
}

async function openLink(
  host: PostgresHost,
  { probe, pooler }: PostgresHosts,
  config: ClientConfig,
  limits: SessionLimits,
): Promise<DatabaseLink> {
  const client = await openClient({ ...config, connectionString: host.url });
  try {
    const link = await examineLink(client, limits);
    if (probe === 'writable' && link.mode === 'read-only') throw unavailable('read-only');
    return pooler === 'named' ? { ...link, keeps: 'transactions' } : link;
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}

/** Tries a host without and with TLS as its URL allows, beginning with the way that worked last. */
function createConnectTo(host: PostgresHost, hosts: PostgresHosts) {
  let worked: PostgresHost['attempts'][number] | undefined;
  return async (config: ClientConfig, limits: SessionLimits): Promise<DatabaseLink> => {
    const { attempts } = host;
    const order =
      worked === undefined ? attempts : [worked, ...attempts.filter((attempt) => attempt !== worked)];
    let failure: unknown;
    for (const ssl of order) {
      try {
        const link = await openLink(host, hosts, { ...config, ssl }, limits);
        worked = ssl;
        return link;
      } catch (error) {
        const labelled = withLabel(error, host);
        const saysLess = mayTryOtherwise(labelled) && labelled.reason.startsWith('tls-');
        if (failure === undefined || !saysLess) failure = labelled;
        if (!mayTryOtherwise(labelled)) break;
      }
    }
    throw failure;
  };
}

/**
 * Prepares connecting by a libpq URL with one or more hosts. The hosts are tried in order, beginning with the one
 * that last worked; a reachable but read-only server is passed over. Rejects with the last host's error.
 */
export function createOpenWritable(url: string, config: ClientConfig, limits: SessionLimits): OpenWritable {
  const parsed = parsePostgresHosts(url);
  const connects = parsed.hosts.map((host) => createConnectTo(host, parsed));
  // With several hosts, one that swallows packets must leave time for the next within a caller's wait.
  const connectMs = config.connectionTimeoutMillis ?? 2000;
  const perHost = {
    ...config,
    connectionTimeoutMillis: Math.max(100, Math.floor(connectMs / connects.length)),
  };
  let preferred = 0;
  return async (overrides = {}) => {
    let failure: unknown = unavailable('connection-refused');
    for (let step = 0; step < connects.length; step += 1) {
      const index = (preferred + step) % connects.length;
      try {
        const link = await connects[index]?.({ ...perHost, ...overrides.config }, overrides.limits ?? limits);
        if (link === undefined) continue;
        preferred = index;
        return link;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}
