import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { hashSync } from '@node-rs/argon2';
import { verifyPasswordSync } from './password-formats.ts';

/** A task for the worker: make a hash, or check a password against one. */
export type PasswordTask =
  | {
      readonly id: number;
      readonly kind: 'hash';
      readonly password: string;
      readonly parameters: { readonly memoryKib: number; readonly passes: number };
    }
  | { readonly id: number; readonly kind: 'verify'; readonly password: string; readonly hash: string };

/** The worker's answer to a task. */
export type PasswordResult = {
  readonly id: number;
  readonly hash?: string;
  readonly isMatch?: boolean;
  readonly error?: string;
};

function perform(task: PasswordTask): PasswordResult {
  try {
    if (task.kind === 'verify') return { id: task.id, isMatch: verifyPasswordSync(task.hash, task.password) };
    const { memoryKib, passes } = task.parameters;
    const options = {
      memoryCost: memoryKib,
      timeCost: passes,
      parallelism: 1,
      outputLen: 32,
    };
    return { id: task.id, hash: hashSync(task.password, options) };
  } catch (error) {
    return { id: task.id, error: String(error) };
  }
}

// On Linux each thread has a priority of its own. Where cores are short, those that answer requests come before hashes.
const niceness = 5;

function standBack(): void {
  try {
    const threadId = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (threadId > 0 && threadId !== process.pid) setPriority(threadId, niceness);
  } catch {
    // Elsewhere the priority stays as it is; sign-ins then only slow others more while cores are short.
  }
}

standBack();

// The blocking calls are right here: this thread does nothing else.
parentPort?.on('message', (task: PasswordTask) => parentPort?.postMessage(perform(task)));
