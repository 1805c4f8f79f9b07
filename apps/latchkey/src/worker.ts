import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { createPasswordPool, createServer, type Logger } from '@latchkey/server';
import type { Configuration } from './configuration.ts';
import { openClock, openStore, type StopPace, serverSettings } from './open-runtime.ts';
import { describeListenError, stopOnCrash } from './serve-command.ts';
import { shareOf } from './worker-count.ts';
import { createNodeLink, createSiblingLink } from './worker-links.ts';
import { type FromWorker, parseFromPrimary } from './worker-messages.ts';

// With fewer, pages and everything else have hardly a connection each.
const leastConnections = 4;

function send(message: FromWorker): void {
  // The primary is gone, and this process with it, when the channel is closed.
  if (process.connected) process.send?.(message, () => undefined);
}

/** The configuration of one worker: its part of what the node may use. */
function partOf(configuration: Configuration): Configuration {
  const { database, workers } = configuration;
  if (database.kind !== 'postgres') return configuration;
  return {
    ...configuration,
    database: { ...database, poolSize: shareOf(database.poolSize, workers, leastConnections) },
  };
}

/** Opens everything but the port. Migrations and the first instance are the primary's work. */
async function openWorker(configuration: Configuration, log: Logger) {
  const { siblings, hear } = createSiblingLink(send);
  const { node, answer } = createNodeLink(configuration.workers, siblings, send);
  const { store, masterKeys } = await openStore(partOf(configuration), log, 'as-it-is');
  const threads = shareOf(availableParallelism(), configuration.workers, 1);
  const passwords = createPasswordPool({ ...configuration.argon2, threads });
  const { clock, clockAheadMs, stop } = await openClock(configuration, store, log);
  const shared = { store, masterKeys, passwords, clock, clockAheadMs, node };
  const server = await createServer({ ...shared, ...serverSettings(configuration, log) });
  const close = async (pace: StopPace): Promise<void> => {
    await server.stop(configuration.drainMs, pace === 'gently' ? configuration.drainDelayMs : 0);
    stop();
    await passwords.close();
    await store.close();
  };
  return { server, close, hear, answer };
}

/**
 * Runs one worker of `serve-workers.ts`: opens its own connections and listens when the primary says so. It stops by the
 * primary's word alone: signals reach every process of a terminal or a service, and must not count twice.
 */
export async function serveAsWorker(configuration: Configuration, log: Logger): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
  const { server, close, hear, answer } = await openWorker(configuration, log);
  let ending: Promise<void> | undefined;
  const end = (code: number, pace: StopPace): void => {
    ending ??= close(pace).catch((err: unknown) => log.error({ err }, 'stopping failed'));
    void ending.then(() => process.exit(code));
  };
  stopOnCrash(() => end(1, 'at-once'), log);
  const report = async (id: number, about: 'metrics' | 'readiness'): Promise<void> => {
    const value = about === 'metrics' ? await server.metrics() : await server.isReady();
    send({ kind: 'report', id, value });
  };
  const listen = async (): Promise<void> => {
    try {
      const port = await server.listen(configuration.port, configuration.host);
      send({ kind: 'listening', port });
    } catch (error) {
      const err = describeListenError(error, configuration.port);
      log.error({ err }, 'this worker cannot listen');
      end(1, 'at-once');
    }
  };
  process.on('message', (message) => {
    const heard = parseFromPrimary(message);
    switch (heard?.kind) {
      case 'listen':
        void listen();
        break;
      case 'stop':
        end(0, heard.pace);
        break;
      case 'tell':
        hear(heard.tidings);
        break;
      case 'report':
        void report(heard.id, heard.about);
        break;
      case 'answer':
        answer(heard.id, heard.value);
        break;
      default:
    }
  });
  send({ kind: 'prepared' });
}

/** The number of this process among the workers of a node, from 1; `undefined` in any other process. */
export function workerNumber(): number | undefined {
  const { WORKER_NUMBER: number } = process.env;
  // A process manager may start us as a worker of its own; that one is a server like any other.
  return cluster.isWorker && number !== undefined ? Number(number) : undefined;
}
