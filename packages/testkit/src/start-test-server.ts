import { randomBytes } from 'node:crypto';
import {
  bootstrap,
  type Clock,
  createInstance,
  createLogger,
  createPasswordPool,
  createServer,
  followDatabaseClock,
  type LatchkeyServer,
  type Logger,
  type MasterKeyRing,
  type PasswordPool,
  type PasswordPoolOptions,
  parseMasterKeys,
  type ServerOptions,
} from '@latchkey/server';
import { createStore, openPglite, openPostgres, type Store } from '@latchkey/store';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { findFreePort } from './free-port.ts';
import { createSender, type SendInit } from './send-request.ts';

/** Where a test server keeps its data. */
export type TestEngine = 'pglite' | { readonly postgresUrl: string };

/** How a test server is started. */
export interface TestServerOptions
  extends Partial<
    Pick<
      ServerOptions,
      | 'lockout'
      | 'loginLimit'
      | 'clientAuthLimit'
      | 'deviceLimit'
      | 'userCodeLimit'
      | 'brakeLimits'
      | 'registrationLimits'
      | 'clientRegistrationLimit'
      | 'freshnessBoundMs'
      | 'maximumLoopLagMs'
      | 'trustedProxies'
      | 'outboundAllow'
      | 'resolveTxt'
      | 'consoleFolder'
      | 'tls'
      | 'clientAuthorities'
      | 'clientCertificateHeader'
      | 'log'
    >
  > {
  /** PGlite in memory, or a PostgreSQL database, which is migrated. */
  readonly engine: TestEngine;
  /** The public address, which is that of a proxy in front, such as `https://id.example.com:8443`; also the issuer. */
  readonly publicOrigin?: string;
  /** Keeps a PGlite database in this folder, without fsync, in place of memory. */
  readonly dataDir?: string;
  readonly clock?: FakeClock;
  /** Takes the time from the database, as servers on PostgreSQL do; `clock` is the machine's then. */
  readonly time?: 'of-database';
  /** What a password hash costs; next to nothing by default. */
  readonly argon2?: PasswordPoolOptions;
  /** Master keys as `id:base64`; fresh ones by default. */
  readonly masterKeys?: string;
}

/** A real server in this process, on a port of its own. */
export interface TestServer {
  /** The issuer, such as `http://localhost:34567`; the same for all nodes over one database. */
  readonly issuer: string;
  /** The port this node listens on. */
  readonly port: number;
  readonly instanceId: string;
  /** The first organization, which holds the administrator. */
  readonly organizationId: string;
  readonly administrator: { readonly loginName: string; readonly password: string };
  readonly store: Store;
  readonly clock: FakeClock;
  readonly passwords: PasswordPool;
  readonly masterKeys: MasterKeyRing;
  /**
   * Sends a request to this node, as if it had come to the issuer, without following redirects. `path` begins with a
   * slash or with the issuer.
   */
  readonly fetch: (path: string, init?: SendInit) => Promise<Response>;
  /** Starts another node over the same database; its issuer, clock and keys are the same. Close it before this one. */
  readonly startNode: (options?: Partial<TestServerOptions>) => Promise<TestServer>;
  /** Tries to deliver every message of the outbox that is due by the clock, and resolves once each has been tried. */
  readonly deliverDue: () => Promise<void>;
  /**
   * Makes a further instance in this process, at `http://<name>.localhost:port`: a handle like this one, with the same
   * store and clock. It ends with this server.
   */
  readonly addInstance: (name: string) => Promise<TestServer>;
  readonly close: () => Promise<void>;
}

interface Foundation {
  readonly options: TestServerOptions;
  readonly origin: string;
  readonly store: Store;
  readonly clock: FakeClock;
  readonly masterKeys: MasterKeyRing;
  readonly passwords: PasswordPool;
  readonly log: Logger;
}

type Ids = Pick<TestServer, 'instanceId' | 'organizationId' | 'administrator'>;

const administrator = { loginName: 'admin@localhost', password: 'a-locksmith-minds-the-door' };

async function openTestStore({ engine, dataDir, time }: TestServerOptions): Promise<Store> {
  if (engine !== 'pglite')
    return createStore(await openPostgres({ url: engine.postgresUrl, poolSize: 6 }), time ?? 'of-change');
  return createStore(await openPglite({ dataDir: dataDir ?? 'memory://', durable: 'unsafe-no-fsync' }));
}

async function findIds(foundation: Foundation): Promise<Ids> {
  const { store, clock, masterKeys, passwords, origin } = foundation;
  const { instanceId } = await bootstrap({
    store,
    clock,
    masterKeys,
    passwords,
    origin,
    instanceName: 'Latchkey under test',
    administrator,
  });
  const first = await store.db
    .selectFrom('organizations')
    .select('id')
    .where('instanceId', '=', instanceId)
    .orderBy('id')
    .executeTakeFirstOrThrow();
  return { instanceId, organizationId: first.id, administrator };
}

async function startServer(foundation: Foundation, time: Clock): Promise<LatchkeyServer> {
  const { options, store, masterKeys, passwords, log } = foundation;
  const { lockout, freshnessBoundMs, trustedProxies } = options;
  // Every test comes from one address: the limits per address are for the tests that are about them.
  const unlimited = { perMinute: 1_000_000, burst: 1_000_000 };
  return await createServer({
    store,
    clock: time,
    clockAheadMs: () => foundation.clock.now() - time.now(),
    masterKeys,
    passwords,
    log,
    loginLimit: options.loginLimit ?? unlimited,
    clientAuthLimit: options.clientAuthLimit ?? unlimited,
    deviceLimit: options.deviceLimit ?? unlimited,
    userCodeLimit: options.userCodeLimit ?? unlimited,
    brakeLimits: {
      ...{ clientAndCaller: unlimited, client: unlimited, userCodes: unlimited, unreadableTokens: unlimited },
      ...options.brakeLimits,
    },
    registrationLimits: options.registrationLimits ?? [unlimited],
    clientRegistrationLimit: options.clientRegistrationLimit ?? unlimited,
    ...(lockout === undefined ? {} : { lockout }),
    ...(freshnessBoundMs === undefined ? {} : { freshnessBoundMs }),
    ...(trustedProxies === undefined ? {} : { trustedProxies }),
    ...(options.maximumLoopLagMs === undefined ? {} : { maximumLoopLagMs: options.maximumLoopLagMs }),
    ...(options.outboundAllow === undefined ? {} : { outboundAllow: options.outboundAllow }),
    ...(options.resolveTxt === undefined ? {} : { resolveTxt: options.resolveTxt }),
    ...(options.consoleFolder === undefined ? {} : { consoleFolder: options.consoleFolder }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.clientAuthorities === undefined ? {} : { clientAuthorities: options.clientAuthorities }),
    ...(options.clientCertificateHeader === undefined
      ? {}
      : { clientCertificateHeader: options.clientCertificateHeader }),
  });
}

async function startNode(
  foundation: Foundation,
  ids: Ids,
  port: number,
  release: () => Promise<void>,
): Promise<TestServer> {
  const { options } = foundation;
  const followed = options.time === undefined ? undefined : await followDatabaseClock(foundation);
  const server = await startServer(foundation, followed ?? foundation.clock);
  await server.listen(port, '127.0.0.1');
  const { origin, store, clock, passwords, masterKeys } = foundation;
  const sender = createSender(port, foundation.options.tls?.cert);
  const { host } = new URL(origin);
  const self: TestServer = {
    ...ids,
    issuer: origin,
    port,
    store,
    clock,
    passwords,
    masterKeys,
    deliverDue: server.deliverDue,
    fetch: (path, init = {}) => {
      const target = path.startsWith(origin) ? path.slice(origin.length) || '/' : path;
      return sender.send(target, { ...init, headers: { host, ...init.headers } });
    },
    startNode: async (overrides = {}) => {
      const options = { ...foundation.options, ...overrides };
      const nodeClock = overrides.clock ?? clock;
      // An embedded database has one process and one opener, so its nodes share the store.
      const isShared = options.engine === 'pglite';
      const nodeStore = isShared ? store : await openTestStore(options);
      const log = options.log ?? foundation.log;
      return await startNode(
        { ...foundation, options, store: nodeStore, log, clock: nodeClock },
        ids,
        await findFreePort(),
        async () => {
          if (!isShared) await nodeStore.close();
        },
      );
    },
    addInstance: (name) => addInstance(foundation, self, name),
    close: async () => {
      sender.close();
      followed?.stop();
      await server.stop(500);
      await release();
    },
  };
  return self;
}

/** A handle for another origin of the same node. */
function atOrigin(node: TestServer, origin: string, ids: Ids): TestServer {
  const { host } = new URL(origin);
  return {
    ...node,
    ...ids,
    issuer: origin,
    fetch: (path, init = {}) => {
      const target = path.startsWith(origin) ? path.slice(origin.length) || '/' : path;
      return node.fetch(target, { ...init, headers: { host, ...init.headers } });
    },
    startNode: async (options) => atOrigin(await node.startNode(options), origin, ids),
    close: async () => undefined,
  };
}

async function addInstance(foundation: Foundation, node: TestServer, name: string): Promise<TestServer> {
  const { store, clock, masterKeys, passwords } = foundation;
  const origin = node.issuer.replace('//localhost', `//${name}.localhost`);
  const made = await createInstance({
    ...{ store, clock, masterKeys, passwords, origin, administrator },
    instanceName: `${name} under test`,
  });
  const { instanceId } = made;
  const organizationId = made.created?.organizationId ?? '';
  const added = atOrigin(node, origin, { instanceId, organizationId, administrator });
  // The node hears of it by the event log; each question is a round trip, so this waits without sleeping.
  for (let tries = 0; tries < 2000; tries += 1)
    if ((await added.fetch('/.well-known/openid-configuration')).status !== 421) return added;
  throw new Error(`the node does not answer at ${origin}`);
}

/**
 * Starts a real server in this process: migrated, bootstrapped, with cheap but real argon2id hashes unless told otherwise, listening on
 * 127.0.0.1. Limits per address are off unless given; everything else is as in production.
 */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const store = await openTestStore(options);
  const passwords = createPasswordPool(options.argon2 ?? { memoryKib: 64, passes: 1, threads: 1 });
  const release = async (): Promise<void> => {
    await passwords.close();
    await store.close();
  };
  try {
    await store.migrate();
    const port = await findFreePort();
    const foundation: Foundation = {
      options,
      origin: options.publicOrigin ?? `${options.tls === undefined ? 'http' : 'https'}://localhost:${port}`,
      store,
      clock: options.clock ?? createFakeClock(),
      masterKeys: parseMasterKeys(options.masterKeys ?? `test:${randomBytes(32).toString('base64')}`),
      passwords,
      log: options.log ?? createLogger('silent'),
    };
    return await startNode(foundation, await findIds(foundation), port, release);
  } catch (error) {
    await release();
    throw error;
  }
}
