import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import { isActive, obtainTokens, redeem, refresh, signIn, signOut, tokensOf } from './relying-party.ts';
import { type Place, placeSettings, type Seed, seedPlace, withStore } from './seed.ts';
import { launch, newMasterKeys, type ServerProcess, settingsFor, startServer } from './server-process.ts';

// Several processes are started and ended one after the other.
vi.setConfig({ testTimeout: 240_000 });

let postgres: TemporaryPostgres;
let folder: string;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
  folder = await mkdtemp(join(tmpdir(), 'lk-restore-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
});
afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Drill {
  readonly place: Place;
  readonly seed: Seed;
  readonly settings: Readonly<Record<string, string>>;
  readonly file: string;
}

async function prepare(kind: Place['kind']): Promise<Drill> {
  const at = await mkdtemp(join(folder, 'drill-'));
  const place: Place =
    kind === 'postgres' ? { kind, url: await postgres.createDatabase() } : { kind, path: join(at, 'data') };
  const masterKeys = newMasterKeys();
  const seed = await seedPlace(place, masterKeys);
  const settings = { ...placeSettings(place), LATCHKEY_MASTER_KEYS: masterKeys };
  return { place, seed, settings, file: join(at, 'backup') };
}

async function start({ settings }: Drill): Promise<ServerProcess> {
  const server = await startServer(settings);
  servers.push(server);
  return server;
}

async function run(
  { settings }: Drill,
  ...command: string[]
): Promise<{ code: number | null; output: string }> {
  const launched = launch(settingsFor(settings), command);
  const { code } = await launched.ended;
  return { code, output: launched.output() };
}

async function succeed(drill: Drill, ...command: string[]): Promise<string> {
  const { code, output } = await run(drill, ...command);
  expect(code, output).toBe(0);
  return output;
}

/** Issues tokens and a code, backs up while the server runs, and ends all of it afterwards. */
async function backUpAndEnd(drill: Drill) {
  const { seed, file } = drill;
  const server = await start(drill);
  const { http } = server;
  const [left, ended, deactivated, spent] = seed.users.map(({ loginName }) => loginName);
  const tokens = {
    kept: await obtainTokens(http, seed, left ?? ''),
    signedOut: await obtainTokens(http, seed, ended ?? ''),
    deactivated: await obtainTokens(http, seed, deactivated ?? ''),
  };
  const code = await signIn(http, seed, spent ?? '');
  await succeed(drill, 'backup', file);
  await signOut(http, tokens.signedOut.idToken);
  await succeed(drill, 'users', 'deactivate', deactivated ?? '');
  tokensOf(await redeem(http, seed, code));
  await server.end('SIGTERM');
  servers.splice(0);
  return { tokens, code };
}

async function expectDead(drill: Drill, { tokens, code }: Awaited<ReturnType<typeof backUpAndEnd>>) {
  const { seed } = drill;
  const nodes = [await start(drill), ...(drill.place.kind === 'postgres' ? [await start(drill)] : [])];
  for (const { http } of nodes) {
    for (const { accessToken, refreshToken } of Object.values(tokens)) {
      expect(await isActive(http, seed, accessToken)).toBe(false);
      expect((await refresh(http, seed, refreshToken)).status).toBe(400);
    }
    expect((await redeem(http, seed, code)).status).toBe(400);
    const fresh = await obtainTokens(http, seed, seed.users[0]?.loginName ?? '');
    for (const other of nodes) expect(await isActive(other.http, seed, fresh.accessToken)).toBe(true);
  }
}

describe.each(['folder', 'postgres'] as const)('backup and restore on %s', (kind) => {
  test('what was issued before a backup was restored is dead, and new sign-ins work', async () => {
    const drill = await prepare(kind);
    const issued = await backUpAndEnd(drill);
    expect((await stat(drill.file)).mode & 0o777).toBe(0o600);
    expect(await succeed(drill, 'restore', drill.file, '--yes')).toMatch(/every token issued before/);
    await expectDead(drill, issued);
  });

  test('a damaged backup changes nothing and says so', async () => {
    const drill = await prepare(kind);
    const before = await start(drill);
    const { accessToken } = await obtainTokens(before.http, drill.seed, 'user-0@example.com');
    await succeed(drill, 'backup', drill.file);
    await before.end('SIGTERM');
    const { size } = await stat(drill.file);
    const handle = await open(drill.file, 'r+');
    await handle.truncate(Math.floor(size * 0.6));
    await handle.close();
    const { code, output } = await run(drill, 'restore', drill.file, '--yes');
    expect([code, output]).toEqual([1, expect.stringMatching(/is damaged|pg_restore failed/)]);
    const after = await start(drill);
    expect(await isActive(after.http, drill.seed, accessToken)).toBe(true);
  });

  test('a restore is refused while a server runs', async () => {
    const drill = await prepare(kind);
    await start(drill);
    await succeed(drill, 'backup', drill.file);
    const { code, output } = await run(drill, 'restore', drill.file, '--yes');
    expect([code, output]).toEqual([1, expect.stringMatching(/in use by process|Stop all of them/)]);
  });
});

test('a dump restored by pg_restore is noticed at the start, and `latchkey restored` ends what was issued before', async () => {
  const drill = await prepare('postgres');
  if (drill.place.kind !== 'postgres') throw new Error('not on PostgreSQL');
  // Settled once: this is the database that the dump is of.
  const issued = await backUpAndEnd(drill);
  const url = await postgres.createDatabase();
  execFileSync('pg_restore', ['--no-owner', `--dbname=${url}`, drill.file]);
  const copy: Drill = {
    ...drill,
    place: { kind: 'postgres', url },
    settings: { ...drill.settings, DATABASE_URL: url },
  };
  const noticing = await start(copy);
  expect(noticing.output()).toMatch(/this database is a copy .*latchkey restored/);
  // Running servers hear of it.
  expect(await isActive(noticing.http, drill.seed, issued.tokens.kept.accessToken)).toBe(true);
  await succeed(copy, 'restored', '--yes');
  await expect
    .poll(() => isActive(noticing.http, drill.seed, issued.tokens.kept.accessToken), { timeout: 5000 })
    .toBe(false);
  await noticing.end('SIGTERM');
  await expectDead(copy, issued);
  expect(servers.at(-1)?.output()).not.toMatch(/this database is a copy/);
});

test('a restore that dies before its end leaves a database that no server serves until `latchkey restored`', async () => {
  const drill = await prepare('postgres');
  if (drill.place.kind !== 'postgres') throw new Error('not on PostgreSQL');
  await withStore(drill.place, (store) =>
    store.engine.runScript('create table latchkey_restore_pending (restored_at timestamptz)'),
  );
  const { code, output } = await run(drill, 'serve');
  expect([code, output]).toEqual([1, expect.stringMatching(/not ended yet\. Run: latchkey restored/)]);
  await succeed(drill, 'restored', '--yes');
  await start(drill);
});

test('a folder whose replacement died between its two steps is whole at the next start', async () => {
  const drill = await prepare('folder');
  if (drill.place.kind !== 'folder') throw new Error('not in a folder');
  const { path } = drill.place;
  execFileSync('mv', [join(path, 'postgres'), join(path, 'postgres.restored')]);
  const server = await start(drill);
  await obtainTokens(server.http, drill.seed, 'user-0@example.com');
  expect(existsSync(join(path, 'postgres.restored'))).toBe(false);
});

test('a running server notices that its database went back in time, and says what to run', async () => {
  const own = await startTemporaryPostgres();
  try {
    const place = { kind: 'postgres', url: await own.createDatabase() } as const;
    const masterKeys = newMasterKeys();
    const seed = await seedPlace(place, masterKeys);
    const settings = { ...placeSettings(place), LATCHKEY_MASTER_KEYS: masterKeys };
    const drill: Drill = { place, seed, settings, file: '' };
    await own.halt('fast');
    const snapshot = `${own.dataDir}.snapshot`;
    execFileSync('cp', ['-a', own.dataDir, snapshot]);
    await own.start();
    const server = await start(drill);
    const { accessToken } = await obtainTokens(server.http, seed, 'user-0@example.com');
    await succeed(drill, 'users', 'deactivate', 'user-0@example.com');
    await expect.poll(() => isActive(server.http, seed, accessToken), { timeout: 10_000 }).toBe(false);
    // A crash of the database server alone is no going back.
    await own.kill();
    await own.start();
    await expect
      .poll(
        () =>
          server.http.get('/readyz').then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBe(200);
    expect(server.output()).not.toMatch(/went back to an earlier state/);
    await own.halt('fast');
    execFileSync('rm', ['-rf', own.dataDir]);
    execFileSync('mv', [snapshot, own.dataDir]);
    await own.start();
    await expect
      .poll(() => server.output(), { timeout: 30_000 })
      .toMatch(/went back to an earlier state.*latchkey restored/);
  } finally {
    await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
    await own.stop();
  }
});
