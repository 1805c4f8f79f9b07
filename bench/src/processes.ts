import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

/** Which core a process is held to: the measured server on one, the load on another. */
export type Seat = 'server' | 'load' | 'anywhere';

const hasTaskset = (process.env.PATH ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, 'taskset')));

// Asked before a seat is taken: it counts the cores this process may use.
const availableCores = availableParallelism();

/** Whether server and load have a core each. */
export const isPinned = hasTaskset && availableCores > 1;

function seated(seat: Seat, args: readonly string[]): readonly [string, readonly string[]] {
  if (!isPinned || seat === 'anywhere') return [process.execPath, args];
  return ['taskset', ['-c', seat === 'server' ? '0' : '1', process.execPath, ...args]];
}

/** Holds this very process, all its threads, to the core of the load. What it started before keeps its own. */
export function takeLoadSeat(): void {
  if (isPinned) execFileSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)], { stdio: 'ignore' });
}

/** Lets this process run on any core again, and what it starts without a seat from now on. */
export function leaveLoadSeat(): void {
  const every = `0-${availableCores - 1}`;
  if (isPinned) execFileSync('taskset', ['-a', '-p', '-c', every, String(process.pid)], { stdio: 'ignore' });
}

const children = new Set<ChildProcess>();

/** Starts a Node process on its core; its error output is ours. It is ended by `endAll` at the latest. */
export function startNode(
  seat: Seat,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): ChildProcess {
  const [command, full] = seated(seat, args);
  const child = spawn(command, full, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Asks a process to end and waits until it has. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(force);
}

/** Ends every process that was started here. */
export async function endAll(): Promise<void> {
  await Promise.all([...children].map(end));
}

/** The next message of a process. Rejects when it ends before it has said anything. */
export function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`a process ended with ${code} without a word`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}

/** CPU time that the threads of a process have used so far, in microseconds; 0 where the system does not tell. */
export function cpuMicros(pid: number | undefined): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    // The first field is time on the CPU in nanoseconds; `stat` counts ticks of 10 ms, too coarse for short rounds.
    const nanos = threads.map(
      (id) => readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0],
    );
    return nanos.reduce((sum, each) => sum + Number(each), 0) / 1000;
  } catch {
    return 0;
  }
}

/** Resident memory of a process in MB; 0 where the system does not tell. */
export function residentMb(pid: number | undefined): number {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kilobytes ?? 0) / 1024);
  } catch {
    return 0;
  }
}
