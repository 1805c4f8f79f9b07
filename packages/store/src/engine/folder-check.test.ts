import { closeSync, cpSync, openSync, readdirSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findRelationOfFile, findUnreadableTables } from '../read-through.ts';
import { createStore, type Store } from '../store.ts';
import { findDamagedPages, findMissingFiles } from './folder-check.ts';
import { openPglite } from './pglite-engine.ts';

let base: string;
/** The file of the table `consumed`, below `postgres`. */
let file: string;

const open = async (dataDir: string): Promise<Store> =>
  createStore(await openPglite({ dataDir, durable: 'unsafe-no-fsync' }));

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'lk-damage-'));
  const store = await open(join(base, 'sound'));
  await store.migrate();
  await store.engine.runScript(
    "insert into consumed select '1', 'code', 'c' || n, n from generate_series(1, 3000) n; checkpoint",
  );
  const { rows } = await sql<{ path: string }>`select pg_relation_filepath('consumed') as path`.execute(
    store.db,
  );
  file = rows[0]?.path ?? '';
  await store.close();
});
afterAll(() => rm(base, { recursive: true, force: true }));

interface Copy {
  readonly dataDir: string;
  readonly postgresDir: string;
}

let copies = 0;
/** A copy of the sound folder; `crashed` as if it had not been stopped in order, so that no sizes were noted. */
function copyOf(end: 'stopped' | 'crashed'): Copy {
  copies += 1;
  const dataDir = join(base, `copy-${copies}`);
  cpSync(join(base, 'sound'), dataDir, { recursive: true });
  if (end === 'crashed') rmSync(join(dataDir, 'latchkey.files'));
  return { dataDir, postgresDir: join(dataDir, 'postgres') };
}

function flip(path: string, at: number): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, Buffer.from('damage'), 0, 6, at);
  closeSync(descriptor);
}

async function refusalOf({ dataDir }: Copy): Promise<string> {
  const opened = await open(dataDir).catch((error: unknown) => error);
  if (opened instanceof Error) return `${opened.name}: ${opened.message}`;
  throw new Error('it started');
}

describe('a damaged embedded folder', () => {
  test('a sound folder has no damage, and its pages bear the checksums that PostgreSQL computes', async () => {
    const { postgresDir, dataDir } = copyOf('stopped');
    expect(await findMissingFiles(postgresDir)).toEqual([]);
    const { damage, pages } = await findDamagedPages(postgresDir);
    expect(damage).toEqual([]);
    expect(pages).toBeGreaterThan(1000);
    const store = await open(dataDir);
    expect(await findUnreadableTables(store.db)).toEqual([]);
    await store.close();
  });

  const refused: readonly (readonly [string, 'stopped' | 'crashed', (dir: string) => void, RegExp])[] = [
    [
      'a table cut in half',
      'stopped',
      (dir) => truncateSync(join(dir, file), 8192 * 10),
      /base\/\d+\/\d+ has 81920 bytes; when the server stopped it had \d+/,
    ],
    ['a table that is gone', 'stopped', (dir) => rmSync(join(dir, file)), /base\/\d+\/\d+ is missing/],
    [
      'no control file',
      'crashed',
      (dir) => rmSync(join(dir, 'global/pg_control')),
      /global\/pg_control is missing/,
    ],
    [
      'a changed control file',
      'crashed',
      (dir) => flip(join(dir, 'global/pg_control'), 40),
      /does not start \(.*incorrect checksum in control file/,
    ],
    [
      'no write-ahead log',
      'crashed',
      (dir) => {
        for (const name of readdirSync(join(dir, 'pg_wal')))
          rmSync(join(dir, 'pg_wal', name), { recursive: true });
      },
      /pg_wal holds no write-ahead log/,
    ],
    [
      'a changed catalog',
      'crashed',
      (dir) => {
        for (let page = 0; page < 5; page += 1) flip(join(dir, 'base/5/1259'), page * 8192 + 5000);
      },
      /base\/5\/1259 has 5 pages with a wrong checksum/,
    ],
  ];
  test.each(refused)(
    'with %s (%s) is refused at the start, and the sentence says which file and what to restore',
    async (_, end, damage, sentence) => {
      const copy = copyOf(end);
      damage(copy.postgresDir);
      const refusal = await refusalOf(copy);
      expect(refusal).toMatch(sentence);
      expect(refusal).toContain(`FolderDamaged: The database in ${copy.dataDir} is damaged`);
      expect(refusal).toContain('latchkey restore FILE');
      // The same again: a refused start changes nothing.
      expect(await refusalOf(copy)).toMatch(sentence);
    },
  );

  test('changed bytes of a table are found by the checksum of their page, which names the table', async () => {
    const { dataDir, postgresDir } = copyOf('stopped');
    flip(join(postgresDir, file), 8192 * 3 + 4000);
    const { damage } = await findDamagedPages(postgresDir);
    expect(damage).toEqual([{ file, detail: 'has 1 pages with a wrong checksum (3)' }]);
    const store = await open(dataDir);
    expect(await findRelationOfFile(store.db, file)).toBe('consumed');
    await store.close();
  });

  test('a table cut at the end of a page after a crash is found by reading along its primary key', async () => {
    const { dataDir, postgresDir } = copyOf('crashed');
    truncateSync(join(postgresDir, file), 8192 * 10);
    expect((await findDamagedPages(postgresDir)).damage).toEqual([]);
    const store = await open(dataDir);
    expect(await findUnreadableTables(store.db)).toMatchObject([{ table: 'consumed' }]);
    await store.close();
  });
});
