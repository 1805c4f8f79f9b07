import { X509Certificate } from 'node:crypto';
import { resolveTxt } from 'node:dns/promises';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultLockoutPolicy, type LockoutPolicy } from '@latchkey/identity';
import { type Store, sweepExpired } from '@latchkey/store';
import { LRUCache } from 'lru-cache';
import { createApp, createListener } from './app.ts';
import { type ConfigurationDesk, configurationDesk } from './configuration-desk.ts';
import { loadConsoleFiles } from './console-files.ts';
import { deliverLogoutToken } from './oauth/backchannel-logout.ts';
import { deliverCibaPing } from './oauth/ciba-ping.ts';
import { type BrakeLimits, createBrakes, defaultBrakeLimits } from './platform/brakes.ts';
import { createCachedFacts } from './platform/cached-facts.ts';
import { createClientDocuments } from './platform/client-documents.ts';
import { createClientKeySets } from './platform/client-key-sets.ts';
import type { Clock } from './platform/clock.ts';
import type { Deps, OpenedToken } from './platform/deps.ts';
import { createNodeServer, type HttpLimits, type TlsIdentity } from './platform/http-server.ts';
import { loadInstances } from './platform/instances.ts';
import { defaultRotationPolicy, rotateSigningKeys } from './platform/key-rotation.ts';
import { allOf, type Limit, type LimiterFactory } from './platform/limiter.ts';
import { followLog } from './platform/live-state.ts';
import type { Logger } from './platform/log.ts';
import { type LoopLag, watchLoopLag } from './platform/loop-lag.ts';
import type { MasterKeyRing } from './platform/master-keys.ts';
import { createMetrics } from './platform/metrics.ts';
import type { ProcessMetrics } from './platform/node-metrics.ts';
import { createOutboundRules } from './platform/outbound-rules.ts';
import { type Deliveries, startOutbox } from './platform/outbox.ts';
import { createOwedAttempts } from './platform/owed-attempts.ts';
import type { PasswordPool } from './platform/password-pool.ts';
import { createRefusalLog } from './platform/refusal-log.ts';
import { createSafeFetch } from './platform/safe-fetch.ts';
import { createSettingsReader } from './platform/settings.ts';
import { noSiblings, type Siblings, sharedLimiters } from './platform/siblings.ts';
import { trustedProxyTest } from './platform/trusted-proxies.ts';
import { createUsage } from './platform/usage.ts';
import { createUsedProofs } from './platform/used-proofs.ts';

/** What a server is made of. The store is migrated and bootstrapped; the server does not close it. */
export interface ServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** How far the machine's clock is ahead of `clock`, in milliseconds, for the metrics; 0 by default. */
  readonly clockAheadMs?: () => number;
  readonly log: Logger;
  readonly masterKeys: MasterKeyRing;
  readonly passwords: PasswordPool;
  /** CIDR ranges of proxies whose forwarded headers are believed; none by default. */
  readonly trustedProxies?: readonly string[];
  /** How long the event loop may be blocked at a time before this server is not ready, in milliseconds; 5000 by default. */
  readonly maximumLoopLagMs?: number;
  /** How old the knowledge of revocations may be, in milliseconds; 1000 by default. */
  readonly freshnessBoundMs?: number;
  readonly lockout?: LockoutPolicy;
  readonly loginLimit?: Limit;
  readonly clientAuthLimit?: Limit;
  /** Device authorizations begun from one address (RFC 8628 §3.1): 30 a minute by default. */
  readonly deviceLimit?: Limit;
  /** Guesses of user codes from one address or browser (RFC 8628 §5.1): 5 a minute by default. */
  readonly userCodeLimit?: Limit;
  /** Limits on guesses that many callers share; `defaultBrakeLimits` for those left out. */
  readonly brakeLimits?: Partial<BrakeLimits>;
  /** Anonymous registrations of clients from one address: 10 a minute by default (RFC 7591 §5). */
  readonly clientRegistrationLimit?: Limit;
  /** Outbound calls that may go to private addresses and by plain http: `host:port` or CIDR ranges; none by default. */
  readonly outboundAllow?: readonly string[];
  /** Bounds of connections that differ from the usual ones. */
  readonly httpLimits?: Partial<HttpLimits>;
  /** Key and certificate to end TLS here; without them the server speaks plain http. */
  readonly tls?: TlsIdentity;
  /** PEM certificates of the authorities whose client certificates name clients (RFC 8705 §2.1). */
  readonly clientAuthorities?: readonly string[];
  /** The header in which trusted proxies send the client's certificate (RFC 9440, or percent-encoded PEM); none by default. */
  readonly clientCertificateHeader?: string;
  /** Registrations from one address: 10 a minute and 100 an hour by default. Each of the limits must be kept. */
  readonly registrationLimits?: readonly Limit[];
  /** Folder of the built console; without one its address says how to build it. */
  readonly consoleFolder?: string;
  /** Looks TXT records up; the system's resolver by default. */
  readonly resolveTxt?: Deps['resolveTxt'];
  /** The node this server is a worker of; by default it is one by itself. */
  readonly node?: ServerNode;
}

/** A node whose processes share one port: what a server asks of it. */
export interface ServerNode {
  /** How many processes there are, this one included. */
  readonly size: number;
  readonly siblings: Siblings;
  /** The metrics of all of them together, as Prometheus text. */
  readonly metricsText: () => Promise<string>;
  /** Whether each of them that takes connections is ready. */
  readonly isReady: () => Promise<boolean>;
}

/** A running server. */
export interface LatchkeyServer {
  /** Starts to listen; resolves to the port. Rejects when the port is taken. */
  readonly listen: (port: number, host?: string) => Promise<number>;
  /** Answers one request without a socket, for tests. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Stops: for `delayMs` (0 by default) requests are still answered while `/readyz` says 503, so that load balancers look
   * elsewhere; then no new connections, then open requests finish, at most `graceMs` long.
   */
  readonly stop: (graceMs?: number, delayMs?: number) => Promise<void>;
  /** Opens the configuration of an instance in an operator's name. Throws when there is no such instance. */
  readonly configuration: (instanceId: string) => ConfigurationDesk;
  /** The metrics of this process, for those of its node. */
  readonly metrics: () => Promise<ProcessMetrics>;
  /** Whether this process can answer: its database does, and the event log has been read in time. */
  readonly isReady: () => Promise<boolean>;
  /** Tries to deliver every message that is due and resolves once each has been tried, for tests. */
  readonly deliverDue: () => Promise<void>;
}

/** Who delivers the messages of the outbox. */
const deliveries: Deliveries = {
  'backchannel-logout': deliverLogoutToken,
  'ciba-ping': deliverCibaPing,
};

// Longer than a busy machine with one core holds up the loop.
const usualLoopLagMs = 5000;

const usualRegistrationLimits: readonly Limit[] = [
  { perMinute: 10, burst: 10 },
  { perMinute: 100 / 60, burst: 100 },
];

function limitsOf(options: ServerOptions, limiter: LimiterFactory): Deps['limits'] {
  const registration = options.registrationLimits ?? usualRegistrationLimits;
  return {
    loginByIp: limiter('sign-ins', options.loginLimit ?? { perMinute: 20, burst: 20 }),
    registrationByIp: allOf(registration.map((limit, index) => limiter(`registrations:${index}`, limit))),
    clientRegistrationByIp: limiter(
      'client-registrations',
      options.clientRegistrationLimit ?? { perMinute: 10, burst: 10 },
    ),
    deviceByIp: limiter('devices', options.deviceLimit ?? { perMinute: 30, burst: 30 }),
    userCodeByBrowser: limiter('user-codes', options.userCodeLimit ?? { perMinute: 5, burst: 5 }),
    clientAuth: limiter('client-authentication', options.clientAuthLimit ?? { perMinute: 10, burst: 60 }),
  };
}

async function createDeps(options: ServerOptions, loopLag: LoopLag): Promise<Deps> {
  const { store, clock, log, passwords } = options;
  const instances = await loadInstances(store, options.masterKeys);
  const lockout = options.lockout ?? defaultLockoutPolicy;
  const openedTokens = new LRUCache<string, OpenedToken>({
    max: 20_000,
    // Of long tokens fewer are kept, so that all together stay below some 24 MiB with what they said.
    maxSize: 16 * 1024 * 1024,
    sizeCalculation: (_opened, text) => text.length + 800,
  });
  const live = await followLog({ store, clock, log, boundMs: options.freshnessBoundMs ?? 1000, pollMs: 250 });
  const readAgain = (): void =>
    void instances.reload().then(
      // What other keys opened is opened again with those of now.
      () => openedTokens.clear(),
      (err: unknown) => log.error({ err }, 'the instances could not be read again; it is tried each second'),
    );
  live.onEvent(({ objectKind }) => {
    if (objectKind === 'instance' || objectKind === 'key') readAgain();
  });
  const settings = createSettingsReader(store, live, lockout);
  // Pages that cannot wait for settings find them from the first on.
  await Promise.all(instances.all().map(({ scope }) => settings.of(scope, undefined))).catch(
    async (error: unknown) => {
      await live.stop();
      throw error;
    },
  );
  const metrics = createMetrics({
    liveStateAgeMs: live.ageMs,
    revocations: live.revocationCount,
    passwordQueue: passwords.queueLength,
    clockAheadMs: options.clockAheadMs ?? (() => 0),
    loopLagMs: loopLag.worstMs,
    openedTokens: () => openedTokens.size,
  });
  const outboundRules = createOutboundRules(options.outboundAllow ?? []);
  const safeFetch = createSafeFetch(outboundRules, undefined, options.node?.size);
  const siblings = options.node?.siblings ?? noSiblings;
  const limiter = sharedLimiters(siblings);
  return {
    store,
    clock,
    log,
    instances,
    live,
    passwords,
    facts: createCachedFacts(store, live, createClientDocuments({ store, instances, safeFetch, log })),
    metrics,
    refusals: createRefusalLog({ store, clock, log, metrics, limiter }),
    usage: createUsage({ store, clock, log }),
    lockout,
    owedAttempts: createOwedAttempts(log),
    settings,
    limits: limitsOf(options, limiter),
    brakes: createBrakes(
      { store, clock, log },
      { ...defaultBrakeLimits, ...options.brakeLimits },
      options.userCodeLimit ?? { perMinute: 5, burst: 5 },
      limiter,
    ),
    openedTokens,
    verifiedAssertions: new LRUCache<string, string>({ max: 2000 }),
    usedProofs: createUsedProofs(siblings),
    trustedProxies: trustedProxyTest(options.trustedProxies ?? []),
    clientCertificates: {
      header: options.clientCertificateHeader?.toLowerCase(),
      authorities: (options.clientAuthorities ?? []).map((pem) => new X509Certificate(pem)),
      arrive: options.tls === undefined && options.clientCertificateHeader === undefined ? 'off' : 'on',
    },
    safeFetch,
    outboundRules,
    resolveTxt: options.resolveTxt ?? resolveTxt,
    clientKeySets: createClientKeySets({ safeFetch, clock, log }),
  };
}

/** Upkeep of one node: due key rotations and forgetting what has expired. Every node does it; each step has one winner. */
function startUpkeep(deps: Deps): () => void {
  const rotate = async (): Promise<void> => {
    for (const instance of deps.instances.all())
      await rotateSigningKeys(deps.store, deps.clock, instance, defaultRotationPolicy);
  };
  const sweep = async (): Promise<void> => {
    const { removed, isFinished } = await sweepExpired(deps.store.db, deps.clock.now());
    if (!isFinished)
      deps.log.info({ removed }, 'expired rows were removed; more of them are left for the next minute');
  };
  let isBusy = false;
  const run = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    // Keys rotate also where the sweep fails, and the other way round.
    const outcomes = await Promise.allSettled([rotate(), sweep()]);
    isBusy = false;
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        deps.log.warn({ err: outcome.reason }, 'upkeep failed; it is tried again in a minute');
  };
  const timer = setInterval(() => void run(), 60_000);
  timer.unref();
  const reporting = setInterval(() => {
    void deps.refusals.flush();
    void deps.usage.flush();
    void deps.owedAttempts.flush();
    if (deps.instances.isBehind())
      deps.instances.reload().then(
        () => deps.openedTokens.clear(),
        (err: unknown) => deps.log.debug({ err }, 'the instances still cannot be read'),
      );
  }, 1000);
  reporting.unref();
  return () => {
    clearInterval(timer);
    clearInterval(reporting);
  };
}

function listenOn(http: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      const address: AddressInfo | string | null = http.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function closeHttp(http: Server, graceMs: number): Promise<void> {
  if (!http.listening) return;
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  // Connections that fall idle while others finish must not hold the stop up.
  const idle = setInterval(() => http.closeIdleConnections(), 50);
  const force = setTimeout(() => http.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(force);
}

/** Whether the database answers. Any number of questions at once cost one round trip. */
function readinessOf({ live, store }: Deps): () => Promise<boolean> {
  let asking: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    try {
      await live.ensureFresh();
      await store.engine.ping(2000);
      return true;
    } catch {
      return false;
    } finally {
      asking = undefined;
    }
  };
  return () => {
    asking ??= ask();
    return asking;
  };
}

/** Builds a server over an open store. Throws `MasterKeyProblem` when the data cannot be decrypted with these keys. */
export async function createServer(options: ServerOptions): Promise<LatchkeyServer> {
  const loopLag = watchLoopLag();
  const deps = await createDeps(options, loopLag);
  const state = { draining: false };
  const isLate = (): boolean => loopLag.worstMs() > (options.maximumLoopLagMs ?? usualLoopLagMs);
  const isDatabaseThere = readinessOf(deps);
  const isReady = async (): Promise<boolean> => !isLate() && (await isDatabaseThere());
  const { node } = options;
  const app = createApp(
    deps,
    {
      isDraining: () => state.draining,
      isLate,
      isReady: node?.isReady ?? isReady,
      metricsText: node?.metricsText ?? deps.metrics.text,
    },
    loadConsoleFiles(options.consoleFolder),
  );
  const stopUpkeep = startUpkeep(deps);
  const outbox = startOutbox(deps, deliveries);
  const listener = createListener(app, deps);
  const onRequest: RequestListener = (request, response) => {
    // Whoever keeps a connection open is asked to come back on another, which leads to another node.
    if (state.draining) response.setHeader('connection', 'close');
    listener(request, response);
  };
  const http = createNodeServer(onRequest, options.tls, options.clientAuthorities ?? [], options.httpLimits);
  return {
    listen: (port, host) => listenOn(http, port, host),
    metrics: deps.metrics.report,
    isReady,
    deliverDue: outbox.deliverDue,
    configuration: (instanceId) => configurationDesk(deps, instanceId),
    fetch: async (request) => await app.fetch(request),
    stop: async (graceMs = 20_000, delayMs = 0) => {
      state.draining = true;
      stopUpkeep();
      if (delayMs > 0 && http.listening) await new Promise((resolve) => setTimeout(resolve, delayMs));
      await Promise.all([closeHttp(http, graceMs), outbox.stop(graceMs)]);
      await Promise.all([deps.refusals.flush(), deps.usage.flush(), deps.owedAttempts.flush()]);
      await deps.live.stop();
      loopLag.stop();
    },
  };
}
