import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PasswordResult, PasswordTask } from './password-worker.ts';
import { createWorkGate } from './work-gate.ts';

/** Two seconds of password work wait already; answered with 503 and Retry-After: 1. */
export class PasswordPoolBusy extends Error {
  override readonly name = 'PasswordPoolBusy';
}

/** Makes and checks argon2id hashes on threads of their own, so that no other request waits for them. */
export interface PasswordPool {
  /**
   * Runs a sign-in, or other work of people who have not proved anything yet, that will hash. Call it before the database
   * is asked: few pieces of work run at once, so that hash threads are never idle and connections stay free for others.
   * Rejects at once with `PasswordPoolBusy`, without running the work, when it would wait more than two seconds.
   */
  readonly admit: <T>(work: () => Promise<T>) => Promise<T>;
  /**
   * The same for whoever has presented a token: in places of their own, so that a flood of sign-ins leaves them some and
   * they leave some to sign-ins. The work must be hashes alone: it may be awaited while a connection is held.
   */
  readonly admitTokenHolder: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether `admit` would refuse work that came now, so that a request for it need not be read. */
  readonly isFull: () => boolean;
  /** The PHC string of a password, normalized by NFKC. Rejects with `PasswordPoolBusy`. */
  readonly hash: (password: string) => Promise<string>;
  /** Whether a password matches a PHC string, normalized or as it was typed; `null` hashes a dummy, so that unknown users take as long. Rejects with `PasswordPoolBusy`. */
  readonly verify: (password: string, hash: string | null) => Promise<boolean>;
  /** Whether a hash is weaker than what `hash` makes now. */
  readonly isOutdated: (hash: string) => boolean;
  /** Work that waits: for admission, and for a thread. */
  readonly queueLength: () => number;
  readonly close: () => Promise<void>;
}

/** Cost of a hash; the defaults are OWASP's floor for argon2id. */
export interface PasswordPoolOptions {
  readonly memoryKib?: number;
  readonly passes?: number;
  readonly threads?: number;
}

type NewTask = PasswordTask extends infer Task
  ? Task extends { readonly id: number }
    ? Omit<Task, 'id'>
    : never
  : never;

interface Waiting {
  readonly task: PasswordTask;
  readonly resolve: (result: PasswordResult) => void;
  readonly reject: (error: Error) => void;
}

interface Seat {
  readonly worker: Worker;
  busy: Waiting | undefined;
  startedAtMs: number;
}

const maximumWaitMs = 2000;
// What a hash of the default cost takes on slow hardware; measured times take its place.
const expectedHashMs = 40;
// A sign-in asks the database about as long as it hashes, so two for each thread keep all threads busy.
const admittedPerThread = 2;
const mostAdmitted = 16;
const weightOfLatest = 0.1;

// A built package has a plain .js worker. Sources need tsx, whose `--import` does nothing in the threads of Node 20;
// registering it by its API does.
function spawn(): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./password-worker.js', import.meta.url), { execArgv: [] });
  const manifest = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = JSON.stringify(new URL('./dist/esm/api/index.mjs', manifest).href);
  const source = JSON.stringify(new URL('./password-worker.ts', import.meta.url).href);
  const start = `import(${loader}).then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(start, { eval: true, execArgv: [] });
}

const respawnMs = 1000;

/** One form of a password, whichever form a keyboard sends it in (NIST SP 800-63B-4 §3.1.1.2). */
function normalized(password: string): string {
  return password.normalize('NFKC');
}

const busy = (): PasswordPoolBusy => new PasswordPoolBusy('too many passwords are being checked');

function createScheduler(threads: number) {
  const queue: Waiting[] = [];
  const seats: Seat[] = [];
  const state = { closed: false, averageMs: expectedHashMs };

  const advance = (): void => {
    for (const seat of seats) {
      if (seat.busy !== undefined) continue;
      const next = queue.shift();
      if (next === undefined) return;
      seat.busy = next;
      seat.startedAtMs = performance.now();
      seat.worker.postMessage(next.task);
    }
  };
  const seatWorker = (): void => {
    const seat: Seat = { worker: spawn(), busy: undefined, startedAtMs: 0 };
    seat.worker.on('message', (result: PasswordResult) => {
      const done = seat.busy;
      seat.busy = undefined;
      const tookMs = Math.max(0.1, performance.now() - seat.startedAtMs);
      state.averageMs += (tookMs - state.averageMs) * weightOfLatest;
      done?.resolve(result);
      advance();
    });
    seat.worker.on('exit', () => {
      seat.busy?.reject(new Error('the password worker stopped'));
      seats.splice(seats.indexOf(seat), 1);
      // A worker that cannot start must not be started again and again at full speed.
      setTimeout(() => {
        if (!state.closed) seatWorker();
      }, respawnMs).unref();
    });
    seat.worker.on('error', () => undefined); // 'exit' follows and replaces the worker
    seat.worker.unref();
    seats.push(seat);
    advance();
  };
  for (let index = 0; index < threads; index += 1) seatWorker();

  let lastId = 0;
  const run = (task: NewTask): Promise<PasswordResult> => {
    if ((queue.length / threads) * state.averageMs > maximumWaitMs) return Promise.reject(busy());
    lastId += 1;
    const numbered: PasswordTask = { ...task, id: lastId };
    return new Promise((resolve, reject) => {
      queue.push({ task: numbered, resolve, reject });
      advance();
    });
  };
  const close = async (): Promise<void> => {
    state.closed = true;
    await Promise.all(seats.map((seat) => seat.worker.terminate()));
  };
  return { run, close, length: () => queue.length };
}

/** Starts the pool: as many threads as cores, one hash at a time each. */
export function createPasswordPool(options: PasswordPoolOptions = {}): PasswordPool {
  const parameters = { memoryKib: options.memoryKib ?? 19_456, passes: options.passes ?? 2 };
  const threads = options.threads ?? availableParallelism();
  const scheduler = createScheduler(threads);
  const atOnce = Math.min(mostAdmitted, admittedPerThread * threads);
  const gate = createWorkGate({
    atOnce,
    maximumWaitMs,
    expectedMs: admittedPerThread * expectedHashMs,
    busy,
  });
  const tokenHolders = createWorkGate({ atOnce: threads, maximumWaitMs, expectedMs: expectedHashMs, busy });
  const marker = `m=${parameters.memoryKib},t=${parameters.passes},p=1`;
  const hash = async (password: string): Promise<string> => {
    const result = await scheduler.run({ kind: 'hash', password, parameters });
    if (result.hash === undefined) throw new Error(result.error ?? 'the password could not be hashed');
    return result.hash;
  };
  const matches = async (password: string, phc: string | null): Promise<boolean> => {
    if (phc === null) {
      await hash(password);
      return false;
    }
    const result = await scheduler.run({ kind: 'verify', password, hash: phc });
    if (result.error !== undefined) throw new Error(result.error);
    return result.isMatch === true;
  };
  return {
    admit: gate.run,
    admitTokenHolder: tokenHolders.run,
    isFull: gate.isFull,
    hash: (password) => hash(normalized(password)),
    verify: async (password, phc) => {
      const usual = normalized(password);
      if (await matches(usual, phc)) return true;
      // Hashes from elsewhere are of what was typed there. Done for unknown users as well, so that they take as long.
      return usual !== password && (await matches(password, phc));
    },
    isOutdated: (phc) => !phc.includes('$argon2id$') || !phc.includes(marker),
    queueLength: () => gate.waiting() + tokenHolders.waiting() + scheduler.length(),
    close: scheduler.close,
  };
}
