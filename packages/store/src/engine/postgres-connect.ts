import type { Client, ClientConfig } from 'pg';
import { asEngineError, unavailable } from './database-faults.ts';
import { DatabaseUnavailable } from './engine.ts';
import { openClient } from './open-client.ts';
import { type PostgresHost, parsePostgresHosts } from './postgres-hosts.ts';

/** Opens a connection to the writable server. `overrides` goes over the engine's own settings. */
export type OpenWritable = (overrides?: ClientConfig) => Promise<Client>;

async function isWritable(client: Client): Promise<boolean> {
  // A standby, or a server its operator has made read-only, must not get our writes.
  const { rows } = await client.query<{ writable: boolean }>({
    text: "select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as writable",
  });
  return rows[0]?.writable === true;
}

function withLabel(error: unknown, host: PostgresHost): unknown {
  const mapped = asEngineError(error);
  if (!(mapped instanceof DatabaseUnavailable)) return mapped;
  return new DatabaseUnavailable(mapped.reason, `${mapped.message} (server ${host.label})`, {
    cause: mapped.cause ?? mapped,
  });
}

async function connectTo(
  host: PostgresHost,
  probe: 'writable' | 'none',
  config: ClientConfig,
): Promise<Client> {
  let client: Client | undefined;
  try {
    client = await openClient({ ...config, connectionString: host.url });
    if (probe === 'none' || (await isWritable(client))) return client;
    throw unavailable('read-only');
  } catch (error) {
    client?.end().catch(() => undefined);
    throw withLabel(error, host);
  }
}

/**
 * Prepares connecting by a libpq URL with one or more hosts. The hosts are tried in order, beginning with the one
 * that last worked; a reachable but read-only server is passed over. Rejects with the last host's error.
 */
export function createOpenWritable(url: string, config: ClientConfig): OpenWritable {
  const { hosts, probe } = parsePostgresHosts(url);
  // With several hosts, one that swallows packets must leave time for the next within a caller's wait.
  const connectMs = config.connectionTimeoutMillis ?? 2000;
  const perHost = { ...config, connectionTimeoutMillis: Math.max(100, Math.floor(connectMs / hosts.length)) };
  let preferred = 0;
  return async (overrides = {}) => {
    let failure: unknown = unavailable('connection-refused');
    for (let step = 0; step < hosts.length; step += 1) {
      const index = (preferred + step) % hosts.length;
      const host = hosts[index];
      if (host === undefined) continue;
      try {
        const client = await connectTo(host, probe, { ...perHost, ...overrides });
        preferred = index;
        return client;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}
