import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askHolder, FolderInUse, holdFolder } from './hold-folder.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'news-hold-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['short', 'long-'.repeat(30)])(
  'one holder at a time, who answers the others (%s)',
  async (name) => {
    const path = join(folder, name);
    await mkdir(path);
    const hold = await holdFolder(path, async (request) => ({ heard: request }));
    await expect(holdFolder(path)).rejects.toThrow(FolderInUse);
    expect(await askHolder(path, { text: 'ä'.repeat(100_000) })).toEqual({
      heard: { text: 'ä'.repeat(100_000) },
    });
    await hold.release();
    const next = await holdFolder(path, async () => {
      throw new Error('No such file');
    });
    await expect(askHolder(path, 1)).rejects.toThrow('No such file');
    await next.release();
    await expect(askHolder(path, 1)).rejects.toThrow();
  },
);
