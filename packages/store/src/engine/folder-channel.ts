import { createConnection, createServer, type Socket } from 'node:net';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 32;

/** One line of the channel: the holder's greeting, a request, an answer. Newline-delimited JSON. */
type Line = Readonly<Record<string, unknown>>;

/** Calls back for each line. A line beyond 1 MiB or that is no JSON object ends the connection. */
function onLines(socket: Socket, onLine: (line: Line) => void): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    pending += chunk;
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const text = pending.slice(0, end);
      pending = pending.slice(end + 1);
      const line = parseLine(text);
      if (line === undefined)
        return void socket.destroy(new Error('A line of the admin channel cannot be read.'));
      onLine(line);
    }
    if (Buffer.byteLength(pending) > MAX_MESSAGE_BYTES) {
      socket.destroy(new Error(`A message of the admin channel is longer than ${MAX_MESSAGE_BYTES} bytes.`));
    }
  });
}

function parseLine(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function writeLine(socket: Socket, line: Line): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(line)}\n`);
}

async function answer(
  socket: Socket,
  line: Line,
  onRequest: (request: unknown) => Promise<unknown>,
): Promise<void> {
  try {
    const text = JSON.stringify({ response: (await onRequest(line.request)) ?? null });
    if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES)
      throw new Error('The answer is longer than the channel allows.');
    if (!socket.destroyed) socket.write(`${text}\n`);
  } catch (error) {
    writeLine(socket, { error: error instanceof Error ? error.message : String(error) });
  }
}

/** A channel that is being served. */
export interface FolderChannel {
  /** Stops listening and hangs up on every caller. */
  close(): Promise<void>;
}

/**
 * Listens on a local socket and greets each caller with this process's pid; with `onRequest` it answers requests too.
 * Rejects with the system's error when the address is taken.
 */
export function serveFolderChannel(
  path: string,
  onRequest: ((request: unknown) => Promise<unknown>) | undefined,
): Promise<FolderChannel> {
  const callers = new Set<Socket>();
  const server = createServer((socket) => {
    callers.add(socket);
    socket.on('close', () => callers.delete(socket));
    socket.on('error', () => undefined);
    // Neither the listening socket nor a caller shall keep this process alive.
    socket.unref();
    writeLine(socket, { pid: process.pid });
    onLines(socket, (line) => {
      if (onRequest === undefined) socket.end();
      else void answer(socket, line, onRequest);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const caller of callers) caller.destroy();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      // A failure to accept one caller must not end the holder.
      server.on('error', () => undefined);
      server.unref();
      resolve({ close });
    });
  });
}

/** What stands behind a local socket: nobody, or a live process (with its pid when it said so in time). */
export type ChannelHolder =
  | { readonly kind: 'none' | 'stale' }
  | { readonly kind: 'alive'; readonly pid: number | undefined };

/** Finds out who listens on a local socket, within `timeoutMs`. A process that is stopped counts as alive. */
export function findChannelHolder(path: string, timeoutMs: number): Promise<ChannelHolder> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const settle = (holder: ChannelHolder): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(holder);
    };
    const timer = setTimeout(() => settle({ kind: 'alive', pid: undefined }), timeoutMs);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') settle({ kind: 'none' });
      else if (error.code === 'ECONNREFUSED') settle({ kind: 'stale' });
      else settle({ kind: 'alive', pid: undefined });
    });
    onLines(socket, (line) =>
      settle({ kind: 'alive', pid: typeof line.pid === 'number' ? line.pid : undefined }),
    );
  });
}

/** Sends one request to the process behind a local socket and resolves to its answer; rejects after `timeoutMs`. */
export function askChannel(path: string, request: unknown, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify({ request });
    if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES)
      throw new RangeError('The request is longer than 1 MiB.');
    const socket = createConnection(path);
    const timer = setTimeout(
      () => socket.destroy(new Error('The running server did not answer in time.')),
      timeoutMs,
    );
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('The running server closed the admin channel without an answer.'));
    });
    socket.on('connect', () => socket.write(`${text}\n`));
    onLines(socket, (line) => {
      if ('response' in line) resolve(line.response);
      else if ('error' in line) reject(new Error(String(line.error)));
      else return;
      socket.destroy();
    });
  });
}
