import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { obtainTokens, refresh } from './relying-party.ts';
import { placeSettings, type Seed, seedPlace } from './seed.ts';
import { launch, newMasterKeys, type ServerProcess, settingsFor, startServer } from './server-process.ts';

const masterKeys = newMasterKeys();
let folder: string;
let dataDir: string;
let seed: Seed;
let holder: ServerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-folder-'));
  dataDir = join(folder, 'data');
  const place = { kind: 'folder', path: dataDir } as const;
  seed = await seedPlace(place, masterKeys, 1);
  holder = await startServer({ ...placeSettings(place), LATCHKEY_MASTER_KEYS: masterKeys });
});

afterAll(async () => {
  holder?.kill('SIGCONT');
  await holder?.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** How long a process of ours takes that does nothing: twice that is allowed for a start on a busy machine. */
async function startUpMs(): Promise<number> {
  const startedAt = performance.now();
  expect((await launch({}, ['--version']).ended).code).toBe(0);
  return performance.now() - startedAt;
}

async function refusal(account: { uid?: number; gid?: number }, path: string) {
  const startedAt = performance.now();
  const launched = launch(
    settingsFor({ LATCHKEY_DATA_DIR: path, LATCHKEY_MASTER_KEYS: masterKeys }),
    ['serve'],
    account,
  );
  const { code } = await launched.ended;
  return { code, output: launched.output(), elapsedMs: performance.now() - startedAt };
}

test('a second process on the folder is refused within a second, names the first, and harms nothing', async () => {
  const tokens = await obtainTokens(holder.http, seed, 'user-0@example.com');
  const baseMs = await startUpMs();
  const { code, output, elapsedMs } = await refusal({}, dataDir);
  expect(code).toBe(1);
  expect(output.trim()).toBe(
    `The data folder ${dataDir} is in use by process ${holder.pid}. Stop it first, or choose another folder.`,
  );
  expect(elapsedMs).toBeLessThan(1000 + 2 * baseMs);
  expect((await refresh(holder.http, seed, tokens.refreshToken)).status).toBe(200);
});

test('a second process is refused also while the first is stopped and says nothing', async () => {
  holder.kill('SIGSTOP');
  try {
    const baseMs = await startUpMs();
    const { code, output, elapsedMs } = await refusal({}, dataDir);
    expect(code).toBe(1);
    expect(output).toContain(`is in use by process ${holder.pid}`);
    expect(elapsedMs).toBeLessThan(1000 + 2 * baseMs);
  } finally {
    holder.kill('SIGCONT');
  }
  expect((await holder.http.get('/readyz')).status).toBe(200);
});

/** An account that file permissions hold for: our own, or that of PostgreSQL when we are root. */
async function ordinaryAccount(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const fields = /^postgres:[^:]*:(\d+):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8'));
  if (fields === null) throw new Error('Running as root needs a system user named postgres.');
  return { uid: Number(fields[1]), gid: Number(fields[2]) };
}

test('a folder that cannot be written is named with what to do', async () => {
  const account = await ordinaryAccount();
  await chmod(folder, 0o755);
  const closed = join(folder, 'closed');
  await mkdir(closed);
  if (account.uid !== undefined && account.gid !== undefined) await chown(closed, account.uid, account.gid);
  await chmod(closed, 0o555);
  for (const path of [closed, join(closed, 'data')]) {
    const { code, output } = await refusal(account, path);
    expect(code).toBe(1);
    expect(output).toContain(`The data folder ${path} cannot be written (EACCES).`);
    expect(output).toContain('Give this user read, write and search permission on it');
  }
});

test('a file in place of the folder is named', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const { code, output } = await refusal({}, file);
  expect(code).toBe(1);
  expect(output.trim()).toBe(`${file} is not a folder. Name a folder, or a path where one can be created.`);
});

test('a read-only file system is named', async (context) => {
  const mountPoint = join(folder, 'read-only');
  await mkdir(mountPoint);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', mountPoint]);
  if (mounted.status !== 0) context.skip('this account may not mount a file system');
  try {
    const { code, output } = await refusal({}, join(mountPoint, 'data'));
    expect(code).toBe(1);
    expect(output).toContain('is on a read-only file system. Mount it writable or choose another.');
  } finally {
    spawnSync('umount', [mountPoint]);
  }
});
