import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Bootstrapped,
  bootstrap,
  createPasswordPool,
  createServer,
  type LatchkeyServer,
  type Logger,
  type MasterKeyRing,
  type PasswordPool,
  parseMasterKeys,
  type ServerOptions,
  systemClock,
} from '@latchkey/server';
import { createStore, type Engine, openPglite, openPostgres, type Store } from '@latchkey/store';
import { type Configuration, ConfigurationProblem } from './configuration.ts';
import { operatorCommand, runOperatorCommand } from './operator-commands.ts';
import { waitForDatabase } from './waiting-room.ts';

/** An open store with the keys to read it. */
export interface OpenStore {
  readonly store: Store;
  readonly masterKeys: MasterKeyRing;
}

async function openConfiguredPostgres(
  url: string,
  poolSize: number,
  onFault: (error: unknown) => void,
): Promise<Engine> {
  try {
    return await openPostgres({ url, poolSize, onFault });
  } catch (error) {
    // The URL cannot be read; the engine's sentence says why and holds no part of it.
    if (error instanceof TypeError) throw new ConfigurationProblem(`DATABASE_URL: ${error.message}`);
    throw error;
  }
}

/**
 * Opens the configured database and brings its schema up to date, unless that is another process's work. The folder of an
 * embedded one takes commands from then on.
 */
export async function openStore(
  configuration: Configuration,
  log: Logger,
  schema: 'migrate' | 'as-it-is' = 'migrate',
): Promise<OpenStore> {
  if (configuration.masterKeys === undefined)
    throw new ConfigurationProblem('No master key is configured. Set LATCHKEY_MASTER_KEYS.');
  const masterKeys = parseMasterKeys(configuration.masterKeys);
  const { database } = configuration;
  const onFault = (err: unknown): void => log.warn({ err }, 'a fault in the database connection');
  const opened: { store?: Store } = {};
  const onRequest = async (request: unknown): Promise<unknown> => {
    const command = operatorCommand.parse(request);
    if (opened.store === undefined)
      return { kind: 'failed', message: 'The server is still starting; try again.' };
    return await runOperatorCommand({ store: opened.store, clock: systemClock, masterKeys }, command);
  };
  const engine =
    database.kind === 'postgres'
      ? await openConfiguredPostgres(database.url, database.poolSize, onFault)
      : await openPglite({ dataDir: database.dataDir, durable: 'fsync', onRequest, onFault });
  const store = createStore(engine);
  try {
    if (database.kind === 'postgres') await waitForDatabase(engine, log);
    const applied = schema === 'migrate' ? await store.migrate() : [];
    if (applied.length > 0) log.info({ applied }, 'the database schema was brought up to date');
  } catch (error) {
    await store.close();
    throw error;
  }
  opened.store = store;
  return { store, masterKeys };
}

/** Where the built console is: beside the command line in a package, in the workspace otherwise. */
function consoleFolder(): string {
  const packaged = join(import.meta.dirname, 'console');
  return existsSync(packaged) ? packaged : join(import.meta.dirname, '../../console/dist');
}

/** Whether load balancers are given time to look elsewhere before connections are refused. */
export type StopPace = 'gently' | 'at-once';

/** A server with everything it stands on. */
export interface Runtime extends OpenStore {
  readonly passwords: PasswordPool;
  readonly server: LatchkeyServer;
  readonly bootstrapped: Bootstrapped;
  /** Stops the server gracefully, then the rest. `gently` lets load balancers notice before. */
  readonly close: (pace: StopPace) => Promise<void>;
}

/** The settings of a server that are the configuration's. */
export function serverSettings(
  configuration: Configuration,
  log: Logger,
): Omit<ServerOptions, 'store' | 'clock' | 'masterKeys' | 'passwords'> {
  const { trustedProxies, outboundAllow, tls, clientAuthorities, clientCertificateHeader } = configuration;
  return {
    ...{ log, trustedProxies, outboundAllow, clientAuthorities, consoleFolder: consoleFolder() },
    ...(tls === undefined ? {} : { tls }),
    ...(clientCertificateHeader === undefined ? {} : { clientCertificateHeader }),
  };
}

/** Opens the database, makes the first instance if there is none, and builds a server that does not listen yet. */
export async function openRuntime(configuration: Configuration, log: Logger): Promise<Runtime> {
  const { store, masterKeys } = await openStore(configuration, log);
  const passwords = createPasswordPool(configuration.argon2);
  try {
    const { origin, instanceName, administrator } = configuration;
    const shared = { store, masterKeys, passwords, clock: systemClock };
    const bootstrapped = await bootstrap({ ...shared, origin, instanceName, administrator });
    const server = await createServer({ ...shared, ...serverSettings(configuration, log) });
    const close = async (pace: StopPace): Promise<void> => {
      await server.stop(configuration.drainMs, pace === 'gently' ? configuration.drainDelayMs : 0);
      await passwords.close();
      await store.close();
    };
    return { store, masterKeys, passwords, server, bootstrapped, close };
  } catch (error) {
    await passwords.close();
    await store.close();
    throw error;
  }
}
