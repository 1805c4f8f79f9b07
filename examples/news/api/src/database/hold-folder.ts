import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another process has the data folder open. */
export class FolderInUse extends Error {
  override name = 'FolderInUse';
}

// The address of a socket holds about 100 bytes; a long folder name gets a socket in the folder for temporary files.
const MAX_PATH_BYTES = 100;
const MAX_MESSAGE_BYTES = 1_000_000;

function socketPath(folder: string): string {
  const direct = join(folder, 'news.sock');
  if (Buffer.byteLength(direct) <= MAX_PATH_BYTES) return direct;
  return join(tmpdir(), `news-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}.sock`);
}

/**
 * Takes the folder for this process until `release`. PGlite itself takes no lock, and two processes on one folder would
 * destroy it. The lock is a listening socket: it ends with the process, however the process ends.
 */
export async function holdFolder(
  folder: string,
  onRequest: (request: unknown) => Promise<unknown> = async () => {
    throw new Error('This process takes no requests.');
  },
): Promise<{ release(): Promise<void> }> {
  const path = socketPath(folder);
  const server = createServer({ allowHalfOpen: true }, (socket) => void answer(socket, onRequest));
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await listen();
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    if (await isHeld(folder))
      throw new FolderInUse(`Another process has the data folder ${folder} open. Stop it first.`);
    // The socket of a process that was killed.
    unlinkSync(path);
    await listen();
  }
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Whether a process has the folder open. */
export function isHeld(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath(folder));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Asks the process that has the folder open; both sides are JSON. Rejects with its error message. */
export async function askHolder(folder: string, request: unknown): Promise<unknown> {
  const socket = createConnection({ path: socketPath(folder), allowHalfOpen: true });
  socket.end(JSON.stringify(request));
  const answer = parseAnswer(await readAll(socket));
  if (answer.error !== undefined) throw new Error(String(answer.error));
  return answer.result;
}

function parseAnswer(text: string): { result?: unknown; error?: unknown } {
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null ? parsed : {};
}

async function answer(socket: Socket, onRequest: (request: unknown) => Promise<unknown>): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    const text = await readAll(socket);
    // `isHeld` only knocks.
    if (text === '') return void socket.end();
    socket.end(JSON.stringify({ result: await onRequest(JSON.parse(text)) }));
  } catch (error) {
    socket.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  }
}

// Not `for await`, which would destroy the socket before the answer is written.
function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_MESSAGE_BYTES) socket.destroy(new Error('The message is too long.'));
    });
    socket.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.once('error', reject);
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
