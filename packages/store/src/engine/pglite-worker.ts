// The worker thread that runs PGlite: PostgreSQL's wire protocol in, the answer's bytes out.
import { existsSync, fsyncSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import type { FromPgliteWorker, PgliteWorkerData, ToPgliteWorker } from './pglite-messages.ts';
import { syncTree } from './sync-tree.ts';

// cast: a worker's data arrives untyped; the only starter of this file is pglite-session.ts.
const settings = workerData as PgliteWorkerData;
const fsyncs = new Int32Array(settings.fsyncCounter);

function send(message: FromPgliteWorker): void {
  // cast: Node's typings allow shared memory here, which these bytes never are
  const transfer = message.kind === 'bytes' ? [message.bytes.buffer as ArrayBuffer] : [];
  parentPort?.postMessage(message, transfer);
}

/** The part of emscripten's module that we reach into: the file operations of NODEFS. */
interface NodefsModule {
  NODEFS?: { stream_ops?: { fsync?: (stream: { nfd?: number }) => number } };
}

// PGlite starts PostgreSQL with -F and NODEFS has no fsync, so that no commit would ever reach the disk.
function durableFileSystem(postgresDir: string): NodeFS {
  const files = new NodeFS(postgresDir);
  const init = files.init.bind(files);
  files.init = async (pg, options) => {
    const prepared = await init(pg, options);
    const fsync = (module: unknown): void => {
      // cast: emscripten's types leave NODEFS out; the shape was read in its source.
      const operations = (module as NodefsModule).NODEFS?.stream_ops;
      if (operations === undefined) throw new Error('This PGlite has no NODEFS to make durable.');
      operations.fsync = (stream) => {
        if (stream.nfd !== undefined) fsyncSync(stream.nfd);
        Atomics.add(fsyncs, 0, 1);
        return 0;
      };
    };
    return {
      emscriptenOpts: {
        ...prepared.emscriptenOpts,
        preRun: [...(prepared.emscriptenOpts.preRun ?? []), fsync],
      },
    };
  };
  return files;
}

// The last of what PostgreSQL said of a failure; PGlite itself does not repeat it.
let lastWords = '';

// After a PANIC PGlite would answer nothing, for ever; a dead thread is noticed and replaced.
function stopOnPanic(text: string): boolean {
  const [, words] = /\b(?:PANIC|FATAL|ERROR): +(.*)/s.exec(text) ?? [];
  if (words !== undefined) lastWords = words.trim();
  if (!/\bPANIC:/.test(text)) return true;
  send({ kind: 'failed', message: lastWords });
  process.exit(70);
}

// The log is kept short by upkeep; these keep its used pieces for the next ones, so that a full volume stops the growth
// of a table (an error) rather than of the log (the end of PostgreSQL).
const folderParams = [...PGlite.defaultStartParams, '-c', 'min_wal_size=64MB', '-c', 'max_wal_size=128MB'];

function open(postgresDir: string | undefined): Promise<PGlite> {
  if (postgresDir === undefined) return PGlite.create({ dataDir: 'memory://', onStderr: stopOnPanic });
  if (settings.durable === 'unsafe-no-fsync')
    return PGlite.create({ fs: new NodeFS(postgresDir), startParams: folderParams, onStderr: stopOnPanic });
  // fdatasync is an empty function in the WASM build, hence the method.
  const startParams = [...folderParams.filter((param) => param !== '-F'), '-c', 'wal_sync_method=fsync'];
  return PGlite.create({ fs: durableFileSystem(postgresDir), startParams, onStderr: stopOnPanic });
}

// A first start that dies half-way must not leave a folder that no later start can read, so it is made beside its
// place, flushed and then renamed.
async function createFolder(postgresDir: string): Promise<void> {
  const draft = `${postgresDir}.new`;
  rmSync(draft, { recursive: true, force: true });
  const database = await PGlite.create({
    fs: new NodeFS(draft),
    startParams: folderParams,
    onStderr: stopOnPanic,
  });
  // Used pieces of the log are kept for later, so these set aside the space that it will need.
  for (let piece = 0; piece < 3; piece += 1) {
    await database.exec(
      "select pg_logical_emit_message(false, 'latchkey', 'reserve'); select pg_switch_wal();",
    );
  }
  await database.exec('checkpoint');
  await database.close();
  if (settings.durable === 'fsync') syncTree(draft);
  renameSync(draft, postgresDir);
  if (settings.durable === 'fsync') syncTree(dirname(postgresDir), 'this-folder-only');
}

async function answer(database: PGlite, connection: number, request: Uint8Array): Promise<void> {
  const chunks: Uint8Array[] = [];
  await database.execProtocolRawStream(request, {
    syncToFs: false,
    // The chunk is a window on PostgreSQL's memory and is overwritten by the next one.
    onRawData: (chunk) => chunks.push(chunk.slice()),
  });
  const [only] = chunks;
  const joined = chunks.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(chunks));
  send({ kind: 'bytes', connection, bytes: joined });
}

async function serve(): Promise<void> {
  const { postgresDir } = settings;
  if (postgresDir !== undefined && !existsSync(postgresDir)) await createFolder(postgresDir);
  const database = await open(postgresDir);
  parentPort?.on('message', (message: ToPgliteWorker) => {
    if (message.kind === 'bytes') void answer(database, message.connection, message.bytes);
    else void database.close().finally(() => process.exit(0));
  });
  send({ kind: 'ready' });
}

serve().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  send({ kind: 'failed', message: lastWords === '' ? message : lastWords });
});
