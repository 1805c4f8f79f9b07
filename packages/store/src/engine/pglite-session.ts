import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { unavailable } from './database-faults.ts';
import type { FromPgliteWorker, PgliteWorkerData, ToPgliteWorker } from './pglite-messages.ts';
import { createPgliteWire } from './pglite-wire.ts';

/** One running PGlite worker. */
export interface PgliteSession {
  /** A new stream for pg's client. All streams share PGlite's only session. */
  connect(): Duplex;
  /** Ends the thread at once, as a crash would. */
  terminate(): void;
  /** Shuts PostgreSQL down, or terminates it after `graceMs`. Resolves to whether it shut down in order. */
  close(graceMs: number): Promise<'in-order' | 'cut'>;
  /** Resolves when the thread has ended, however it did. */
  readonly ended: Promise<void>;
}

// A built package has a plain .js worker. Sources need tsx, whose `--import` does nothing in the threads of Node 20;
// registering it by its API does.
function startWorker(data: PgliteWorkerData): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./pglite-worker.js', import.meta.url), { workerData: data, execArgv: [] });
  }
  // The CommonJS build of that API looks for its hooks in the wrong folder, so the other one is named by its path.
  const manifest = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = JSON.stringify(new URL('./dist/esm/api/index.mjs', manifest).href);
  const source = JSON.stringify(new URL('./pglite-worker.ts', import.meta.url).href);
  const start = `import(${loader}).then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(start, { eval: true, workerData: data, execArgv: [] });
}

function untilReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (message: FromPgliteWorker): void => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'failed') reject(startFailure(message.message));
    };
    worker.once('message', settle);
    worker.once('exit', (code) => reject(startFailure(`The worker ended with code ${code}.`)));
    worker.once('error', (error) => reject(startFailure(error.message, error)));
  });
}

function startFailure(message: string, cause?: unknown): Error {
  if (/ENOSPC|no space left/i.test(message)) return unavailable('disk-full', cause, message);
  return unavailable('start-failed', cause, message);
}

/** Starts PGlite in a worker thread; resolves when it takes queries, rejects with DatabaseUnavailable. */
export async function startPgliteSession(data: PgliteWorkerData): Promise<PgliteSession> {
  const worker = startWorker(data);
  const wires = new Map<number, Duplex>();
  let nextConnection = 1;
  let phase: 'open' | 'ended' = 'open';
  let crash: unknown;
  let exitCode: number | undefined;
  worker.on('error', (error) => {
    crash = error;
  });
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      exitCode = code;
      phase = 'ended';
      for (const wire of [...wires.values()]) wire.destroy(unavailable('worker-crashed', crash));
      resolve();
    });
  });
  try {
    await untilReady(worker);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  worker.on('message', (message: FromPgliteWorker) => {
    // An answer to a connection that was given up meanwhile is of no use to anyone.
    if (message.kind === 'bytes') wires.get(message.connection)?.push(message.bytes);
    else if (message.kind === 'failed') crash = new Error(message.message);
  });
  const post = (message: ToPgliteWorker): void => worker.postMessage(message);
  return {
    ended,
    connect: () => {
      if (phase === 'ended') throw unavailable('worker-crashed', crash);
      const connection = nextConnection;
      nextConnection += 1;
      const wire = createPgliteWire(
        (bytes) => post({ kind: 'bytes', connection, bytes }),
        () => wires.delete(connection),
      );
      wires.set(connection, wire);
      return wire;
    },
    terminate: () => void worker.terminate(),
    close: async (graceMs) => {
      post({ kind: 'close' });
      const timer = setTimeout(() => void worker.terminate(), graceMs);
      await ended;
      clearTimeout(timer);
      return exitCode === 0 ? 'in-order' : 'cut';
    },
  };
}
