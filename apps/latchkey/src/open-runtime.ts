import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Bootstrapped,
  bootstrap,
  createPasswordPool,
  createServer,
  followDatabaseClock,
  type LatchkeyServer,
  type Logger,
  type MasterKeyRing,
  type PasswordPool,
  parseMasterKeys,
  type ServerOptions,
  steadyClock,
  systemClock,
} from '@latchkey/server';
import {
  createStore,
  type Engine,
  openPglite,
  openPostgres,
  type PostgresOptions,
  type Store,
} from '@latchkey/store';
import { type Configuration, ConfigurationProblem } from './configuration.ts';
import { checkOpenFileLimit } from './open-files.ts';
import { operatorCommand, runOperatorCommand } from './operator-commands.ts';
import { type Patience, withPatience } from './waiting-room.ts';

/** An open store with the keys to read it. */
export interface OpenStore {
  readonly store: Store;
  readonly masterKeys: MasterKeyRing;
  /** From now on the database has the time that a request may take, and no longer that of a start. */
  readonly endStart: () => void;
}

/** How long a connection or an answer of the database may take while the process starts, in milliseconds. */
const startPatienceMs = 120_000;

async function openConfiguredPostgres(options: PostgresOptions): Promise<Engine> {
  try {
    return await openPostgres(options);
  } catch (error) {
    // The URL cannot be read; the engine's sentence says why and holds no part of it.
    if (error instanceof TypeError) throw new ConfigurationProblem(`DATABASE_URL: ${error.message}`);
    throw error;
  }
}

/** The configured master keys. Throws when there are none, or they cannot be used. */
export function readMasterKeys({ masterKeys }: Configuration): MasterKeyRing {
  if (masterKeys === undefined)
    throw new ConfigurationProblem('No master key is configured. Set LATCHKEY_MASTER_KEYS.');
  return parseMasterKeys(masterKeys);
}

/**
 * Opens the configured database and brings its schema up to date, unless that is another process's work. The folder of an
 * embedded one takes commands from then on.
 */
export async function openStore(
  configuration: Configuration,
  log: Logger,
  schema: 'migrate' | 'as-it-is' = 'migrate',
  patience: Patience = { log },
): Promise<OpenStore> {
  const masterKeys = readMasterKeys(configuration);
  checkOpenFileLimit(configuration);
  const { database } = configuration;
  const onFault = (err: unknown): void => log.warn({ err }, 'a fault in the database connection');
  const onWait = (message: string): void => log.warn(`waiting for the database: ${message}`);
  const start = { isOver: schema === 'as-it-is' };
  const waits = { patience: () => (start.isOver ? undefined : startPatienceMs), onFault };
  const opened: { store?: Store } = {};
  const onRequest = async (request: unknown): Promise<unknown> => {
    const command = operatorCommand.parse(request);
    if (opened.store === undefined)
      return { kind: 'failed', message: 'The server is still starting; try again.' };
    return await runOperatorCommand({ store: opened.store, clock: systemClock, masterKeys }, command);
  };
  const engine =
    database.kind === 'postgres'
      ? await openConfiguredPostgres({ url: database.url, poolSize: database.poolSize, ...waits, onWait })
      : await openPglite({ dataDir: database.dataDir, durable: 'fsync', onRequest, ...waits });
  // Machines that share a database share its time; an embedded one is this machine's own.
  const store = createStore(engine, database.kind === 'postgres' ? 'of-database' : 'of-change');
  try {
    const applied = await withPatience(patience, async () => {
      if (database.kind === 'postgres') await engine.ping(3000);
      return schema === 'migrate' ? await store.migrate() : [];
    });
    if (applied.length > 0) log.info({ applied }, 'the database schema was brought up to date');
  } catch (error) {
    await store.close();
    throw error;
  }
  opened.store = store;
  const endStart = (): void => {
    start.isOver = true;
  };
  return { store, masterKeys, endStart };
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

/** The time a server goes by: its database's, which is one for all nodes, or for an embedded one the machine's. */
export async function openClock(
  { database }: Configuration,
  store: Store,
  log: Logger,
): Promise<Required<Pick<ServerOptions, 'clock' | 'clockAheadMs'>> & { readonly stop: () => void }> {
  if (database.kind !== 'postgres')
    return { clock: steadyClock(systemClock), clockAheadMs: () => 0, stop: () => undefined };
  const clock = await followDatabaseClock({ store, clock: systemClock, log });
  return { clock, clockAheadMs: clock.aheadMs, stop: clock.stop };
}

/** Refuses to serve a backup that nobody confirmed, and warns of a database that is a copy. */
export async function checkIdentity(store: Store, log: Logger): Promise<void> {
  const identity = await store.checkIdentity();
  if (identity === 'restore-pending')
    throw new ConfigurationProblem(
      'A backup was restored into this database, and what was issued before was not ended yet. Run: latchkey restored',
    );
  if (identity === 'copied')
    log.warn(
      {},
      'this database is a copy of the one it was at the last start, as after a dump was restored: tokens revoked since count again. Run `latchkey restored`, or `latchkey restored --keep-issued` if it was moved with all servers stopped',
    );
}

/** Opens the database, makes the first instance if there is none, and builds a server that does not listen yet. */
export async function openRuntime(configuration: Configuration, log: Logger): Promise<Runtime> {
  const { store, masterKeys, endStart } = await openStore(configuration, log);
  const passwords = createPasswordPool(configuration.argon2);
  try {
    await checkIdentity(store, log);
    const { origin, instanceName, administrator } = configuration;
    const { clock, clockAheadMs, stop } = await withPatience({ log }, () =>
      openClock(configuration, store, log),
    );
    const shared = { store, masterKeys, passwords, clock };
    const bootstrapped = await bootstrap({ ...shared, origin, instanceName, administrator });
    const settings = serverSettings(configuration, log);
    const server = await withPatience({ log }, () => createServer({ ...shared, clockAheadMs, ...settings }));
    const close = async (pace: StopPace): Promise<void> => {
      await server.stop(configuration.drainMs, pace === 'gently' ? configuration.drainDelayMs : 0);
      stop();
      await passwords.close();
      await store.close();
    };
    return { store, masterKeys, endStart, passwords, server, bootstrapped, close };
  } catch (error) {
    await passwords.close();
    await store.close();
    throw error;
  }
}
