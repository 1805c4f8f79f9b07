import { randomBytes } from 'node:crypto';
import {
  chmod,
  link,
  mkdtemp,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ballastAdvice } from './data-folder.ts';
import { unavailable } from './database-faults.ts';
import { FolderInUse, FolderNotWritable } from './engine.ts';
import { askChannel, type FolderChannel, findChannelHolder, serveFolderChannel } from './folder-channel.ts';

const SOCKET_NAME = 'latchkey.sock';
const PID_NAME = 'latchkey.pid';
// The refusal must come within a second, also when the holder is stopped and says nothing.
const HOLDER_TIMEOUT_MS = 700;
const MAX_TAKEOVERS = 10;
// sockaddr_un holds 108 bytes on Linux and 104 on macOS, the final zero among them.
const MAX_SOCKET_PATH_BYTES = 100;

/** The right to use a data folder; the kernel takes it back when the process dies. */
export interface FolderLock {
  release(): Promise<void>;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Runs `use` with a path of the file that is short enough for a socket address. */
async function withShortPath<T>(folder: string, name: string, use: (path: string) => Promise<T>): Promise<T> {
  const direct = join(folder, name);
  if (Buffer.byteLength(direct) <= MAX_SOCKET_PATH_BYTES) return use(direct);
  const detour = await mkdtemp(join(tmpdir(), 'lk-'));
  const shortcut = join(detour, 'd');
  try {
    await symlink(folder, shortcut);
    return await use(join(shortcut, name));
  } finally {
    await rm(shortcut, { force: true });
    await rmdir(detour);
  }
}

async function refuse(dataDir: string, pid: number | undefined): Promise<never> {
  if (pid !== undefined) throw new FolderInUse(dataDir, pid);
  const text = await readFile(join(dataDir, PID_NAME), 'utf8').catch(() => '');
  throw new FolderInUse(dataDir, /^\d+\s*$/.test(text) ? Number(text) : undefined);
}

// The first lock: a name in the kernel only, so there is never a stale one. It is seen by the processes of the same
// network namespace. Any user may call it, so it tells the pid and takes no requests.
async function lockAbstractName(dataDir: string): Promise<FolderChannel | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { dev, ino } = await stat(dataDir, { bigint: true });
  const name = `\0latchkey-${dev}-${ino}`;
  try {
    return await serveFolderChannel(name, undefined);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    const holder = await findChannelHolder(name, HOLDER_TIMEOUT_MS);
    return refuse(dataDir, holder.kind === 'alive' ? holder.pid : undefined);
  }
}

// Takes a socket file of a dead process away, and puts it back when somebody replaced it by a live one meanwhile.
async function removeStale(path: string, inode: bigint): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  await rename(path, aside);
  const moved = await stat(aside, { bigint: true });
  if (moved.ino !== inode) await link(aside, path).catch(() => undefined);
  await unlink(aside);
}

// The second lock: a socket file, seen by every process that sees the folder. It gets its name only when it already
// listens and has its mode, and by link(), which never replaces a file.
async function publishSocket(dataDir: string, draft: string): Promise<void> {
  const path = join(dataDir, SOCKET_NAME);
  for (let attempt = 0; attempt < MAX_TAKEOVERS; attempt += 1) {
    try {
      return await link(draft, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const present = await stat(path, { bigint: true }).catch(() => undefined);
    const holder = await withShortPath(dataDir, SOCKET_NAME, (short) =>
      findChannelHolder(short, HOLDER_TIMEOUT_MS),
    );
    if (holder.kind === 'alive') await refuse(dataDir, holder.pid);
    if (holder.kind === 'stale' && present !== undefined) {
      await removeStale(path, present.ino).catch((error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error;
      });
    }
  }
  await refuse(dataDir, undefined);
}

async function lockSocketFile(
  dataDir: string,
  onRequest: (request: unknown) => Promise<unknown>,
): Promise<FolderChannel> {
  const draftName = `.${SOCKET_NAME}.${randomBytes(6).toString('hex')}`;
  const draft = join(dataDir, draftName);
  let server: FolderChannel | undefined;
  try {
    server = await withShortPath(dataDir, draftName, (short) => serveFolderChannel(short, onRequest));
    await chmod(draft, 0o600);
    await publishSocket(dataDir, draft);
    return server;
  } catch (error) {
    await server?.close();
    if (error instanceof FolderInUse) throw error;
    if (codeOf(error) === 'ENOSPC') throw unavailable('disk-full', error, ballastAdvice(dataDir));
    const message = `The data folder ${dataDir} cannot hold a local socket (${codeOf(error) ?? 'unknown error'}). Use a local file system or a container volume instead of a shared mount.`;
    throw new FolderNotWritable(message, { cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

async function noRequests(): Promise<unknown> {
  throw new Error('This process takes no requests on its data folder.');
}

/**
 * Takes the folder for this process alone, or rejects with FolderInUse within a second. The lock is the kernel's: it
 * ends with the process, `kill -9` included, and never by age. `onRequest` answers {@link askFolderHolder}.
 */
export async function lockFolder(
  dataDir: string,
  onRequest: (request: unknown) => Promise<unknown> = noRequests,
): Promise<FolderLock> {
  const abstract = await lockAbstractName(dataDir);
  try {
    const server = await lockSocketFile(dataDir, onRequest);
    // For a refusal while this process is stopped and cannot answer. It decides nothing, so on a full volume it may fail.
    await writeFile(join(dataDir, PID_NAME), `${process.pid}\n`, { mode: 0o600 }).catch(() => undefined);
    return {
      release: async () => {
        await rm(join(dataDir, PID_NAME), { force: true });
        await rm(join(dataDir, SOCKET_NAME), { force: true });
        await Promise.all([server.close(), abstract?.close()]);
      },
    };
  } catch (error) {
    await abstract?.close();
    throw error;
  }
}

/**
 * Asks the process that holds the data folder (same system user or root; both sides JSON, 1 MiB at most). Rejects
 * with the holder's error message, when nobody holds the folder, or after `timeoutMs` (30,000 by default).
 */
export async function askFolderHolder(
  dataDir: string,
  request: unknown,
  options: { readonly timeoutMs?: number } = {},
): Promise<unknown> {
  return withShortPath(dataDir, SOCKET_NAME, async (path) => {
    const holder = await findChannelHolder(path, HOLDER_TIMEOUT_MS);
    if (holder.kind !== 'alive') throw new Error(`No server runs on the data folder ${dataDir}.`);
    return askChannel(path, request, options.timeoutMs ?? 30_000);
  });
}

/** Whether a process holds the data folder; nothing is opened or locked. */
export async function isFolderHeld(dataDir: string): Promise<boolean> {
  return await withShortPath(
    dataDir,
    SOCKET_NAME,
    async (path) => (await findChannelHolder(path, HOLDER_TIMEOUT_MS)).kind === 'alive',
  );
}
