import { write, writeSync } from 'node:fs';

const waitingBytes = 1_000_000;
const pauseMs = 50;

/** Where lines of the log go. */
export interface LogDevice {
  readonly write: (line: string) => void;
  /** Writes what still waits, without waiting for a device that does not take it. */
  readonly flush: () => void;
}

/**
 * A file descriptor that lines are written to in the background. A device that is full, slow or gone costs lines, never the
 * process: what it does not take waits up to a bound, and lines beyond the bound are dropped.
 */
export function createLogDevice(fd: number): LogDevice {
  let waiting: Buffer[] = [];
  let size = 0;
  let isWriting = false;
  const settle = (batch: Buffer, error: NodeJS.ErrnoException | null, written: number): void => {
    const rest = batch.subarray(written);
    // A pipe whose reader is slow takes the rest later; for every other fault the lines are lost.
    if (error === null || error.code === 'EAGAIN') {
      if (rest.length > 0) waiting.unshift(rest);
    }
    if (error === null && rest.length === 0) size -= batch.length;
    else size = waiting.reduce((sum, { length }) => sum + length, 0);
    isWriting = false;
    if (waiting.length === 0) return;
    if (error === null) start();
    else setTimeout(start, pauseMs).unref();
  };
  const start = (): void => {
    if (isWriting || waiting.length === 0) return;
    isWriting = true;
    const batch = Buffer.concat(waiting);
    waiting = [];
    write(fd, batch, (error, written) => settle(batch, error, error === null ? written : 0));
  };
  const flush = (): void => {
    const batch = Buffer.concat(waiting);
    waiting = [];
    size = 0;
    try {
      writeSync(fd, batch);
    } catch {
      // There is no other place to tell of it.
    }
  };
  process.on('exit', flush);
  return {
    write: (line) => {
      const bytes = Buffer.from(line);
      if (size + bytes.length > waitingBytes) return;
      size += bytes.length;
      waiting.push(bytes);
      if (!isWriting) setImmediate(start);
    },
    flush,
  };
}
