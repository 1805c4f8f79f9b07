import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startTemporaryPostgres,
  type TemporaryPostgres,
} from '../../packages/testkit/src/temporary-postgres.ts';
import { isActive, obtainTokens } from './relying-party.ts';
import { placeSettings, type Seed, seedPlace } from './seed.ts';
import { launch, newMasterKeys, settingsFor, startServer } from './server-process.ts';

const masterKeys = newMasterKeys();
const allowing = (files: number) => ({ shellLine: `ulimit -n ${files}; exec "$@"` });

test('a command loads its modules where a process may open 64 files', async () => {
  const launched = launch({}, ['--version'], allowing(64));
  expect([(await launched.ended).code, launched.output()]).toEqual([0, expect.stringMatching(/^\d+\.\d+/)]);
});

describe.each([
  { database: 'the embedded database', least: 1024 },
  { database: 'PostgreSQL', least: 256 },
])('serve over $database', ({ database, least }) => {
  let folder: string;
  let postgres: TemporaryPostgres | undefined;
  let settings: Record<string, string>;
  let seed: Seed;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lk-files-'));
    postgres = database === 'PostgreSQL' ? await startTemporaryPostgres() : undefined;
    const place =
      postgres === undefined
        ? ({ kind: 'folder', path: join(folder, 'data') } as const)
        : ({ kind: 'postgres', url: await postgres.createDatabase() } as const);
    seed = await seedPlace(place, masterKeys, 1);
    settings = { ...placeSettings(place), LATCHKEY_MASTER_KEYS: masterKeys };
  });
  afterAll(async () => {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test(`with ${least} open files people sign in`, async () => {
    const server = await startServer(settings, allowing(least));
    try {
      const { accessToken } = await obtainTokens(server.http, seed, 'user-0@example.com');
      expect(await isActive(server.http, seed, accessToken)).toBe(true);
    } finally {
      await server.end('SIGINT');
    }
  });

  test('with fewer it says how many it needs and how to raise the limit, without a stack', async (context) => {
    if (process.platform !== 'linux') return context.skip('only Linux tells a process its limit');
    const launched = launch(settingsFor(settings), ['serve'], allowing(least - 1));
    expect((await launched.ended).code).toBe(1);
    expect(launched.output().trim()).toBe(
      `This process may open ${least - 1} files; with ${database} it needs at least ${least}. Raise the limit: \`ulimit -n 4096\`, or LimitNOFILE=4096 in a systemd unit.`,
    );
  });
});
