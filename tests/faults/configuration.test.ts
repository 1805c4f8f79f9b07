import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedPlace } from './seed.ts';
import { launch, newMasterKeys, settingsFor } from './server-process.ts';

let folder: string;
let seeded: string;
const seededKeys = newMasterKeys('k1');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-configuration-'));
  seeded = join(folder, 'seeded');
  await seedPlace({ kind: 'folder', path: seeded }, seededKeys, 1);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts `serve`, which must refuse: resolves to what it said. */
async function refusal(settings: Readonly<Record<string, string>>): Promise<string> {
  const launched = launch(
    settingsFor({
      LATCHKEY_DATA_DIR: join(folder, 'never-made'),
      LATCHKEY_MASTER_KEYS: seededKeys,
      ...settings,
    }),
  );
  const first = await Promise.race([launched.ended, launched.port.catch(() => launched.ended)]);
  if (typeof first === 'number') {
    launched.kill('SIGKILL');
    throw new Error('It started.');
  }
  expect(first).toEqual({ code: 1, signal: null });
  return launched.output();
}

describe('a wrong setting is named, and the exit code is 1', () => {
  test.each<[string, Record<string, string>, string]>([
    ['PORT is no number', { PORT: 'eighty' }, 'PORT: '],
    ['PORT is too large', { PORT: '65536' }, 'PORT: '],
    ['LATCHKEY_ISSUER is no URL', { LATCHKEY_ISSUER: 'login.example.com' }, 'LATCHKEY_ISSUER: '],
    [
      'LATCHKEY_ISSUER has another scheme',
      { LATCHKEY_ISSUER: 'ftp://login.example.com' },
      'LATCHKEY_ISSUER: ',
    ],
    [
      'LATCHKEY_ISSUER has a path',
      { LATCHKEY_ISSUER: 'https://example.com/login' },
      'LATCHKEY_ISSUER must be scheme, host and port only',
    ],
    [
      'LATCHKEY_ISSUER is plain http on a public name',
      { LATCHKEY_ISSUER: 'http://login.example.com' },
      'The issuer http://login.example.com is plain http. Put TLS in front',
    ],
    [
      'LATCHKEY_ISSUER is plain http on a name that only begins like a loopback one',
      { LATCHKEY_ISSUER: 'http://localhost.example.com' },
      'is plain http',
    ],
    [
      'DATABASE_URL is of another database',
      { DATABASE_URL: 'mysql://localhost/x' },
      'DATABASE_URL: must begin with postgres://',
    ],
    [
      'DATABASE_URL has no such port',
      { DATABASE_URL: 'postgres://user:secret@127.0.0.1:99999/x' },
      'DATABASE_URL: The database URL names a host that cannot be read.',
    ],
    [
      'LATCHKEY_DATABASE_POOL_SIZE is 0',
      { LATCHKEY_DATABASE_POOL_SIZE: '0' },
      'LATCHKEY_DATABASE_POOL_SIZE: ',
    ],
    [
      'LATCHKEY_MASTER_KEYS is empty',
      { LATCHKEY_MASTER_KEYS: '' },
      'No master key is configured. Set LATCHKEY_MASTER_KEYS',
    ],
    [
      'LATCHKEY_MASTER_KEYS has no id',
      { LATCHKEY_MASTER_KEYS: 'c2hvcnQ=' },
      'A master key must be written as id:base64',
    ],
    ['LATCHKEY_MASTER_KEYS is too short', { LATCHKEY_MASTER_KEYS: 'k1:c2hvcnQ=' }, 'of 32 random bytes'],
    [
      'LATCHKEY_MASTER_KEYS has an id twice',
      { LATCHKEY_MASTER_KEYS: `${newMasterKeys('a')},${newMasterKeys('a')}` },
      'Two master keys have the same id.',
    ],
    [
      'LATCHKEY_MASTER_KEYS_FILE does not exist',
      { LATCHKEY_MASTER_KEYS: '', LATCHKEY_MASTER_KEYS_FILE: 'no-such-file' },
      'LATCHKEY_MASTER_KEYS_FILE cannot be read',
    ],
    ['LATCHKEY_ADMIN_PASSWORD is short', { LATCHKEY_ADMIN_PASSWORD: 'short' }, 'LATCHKEY_ADMIN_PASSWORD: '],
    ['LATCHKEY_LOG_LEVEL is unknown', { LATCHKEY_LOG_LEVEL: 'loud' }, 'LATCHKEY_LOG_LEVEL: '],
    ['LATCHKEY_DRAIN_SECONDS is negative', { LATCHKEY_DRAIN_SECONDS: '-1' }, 'LATCHKEY_DRAIN_SECONDS: '],
    [
      'LATCHKEY_ARGON2_MEMORY_KIB is unsafe',
      { LATCHKEY_ARGON2_MEMORY_KIB: '1024' },
      'LATCHKEY_ARGON2_MEMORY_KIB: ',
    ],
    [
      'LATCHKEY_TRUSTED_PROXIES is no address',
      { LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8, everybody' },
      'LATCHKEY_TRUSTED_PROXIES',
    ],
    ['a setting is misspelt', { LATCHKEY_MASTER_KEY: 'x' }, 'LATCHKEY_MASTER_KEY: no such setting'],
    [
      'LATCHKEY_CONFIG does not exist',
      { LATCHKEY_CONFIG: 'no-such-file.json' },
      'The configuration file no-such-file.json cannot be used',
    ],
  ])('%s', async (_name, settings, sentence) => {
    const output = await refusal(settings);
    expect(output).toContain(sentence);
    expect(output).not.toContain('secret@');
    // A sentence for a person, not a stack for a developer.
    expect(output).not.toMatch(/^\s+at .*\.js/m);
  });

  test('several wrong settings are named at once', async () => {
    const output = await refusal({ PORT: 'x', LATCHKEY_LOG_LEVEL: 'loud', LATCHKEY_UNKNOWN: '1' });
    for (const name of ['PORT', 'LATCHKEY_LOG_LEVEL', 'LATCHKEY_UNKNOWN']) expect(output).toContain(name);
  });

  test('a configuration file that is no JSON object', async () => {
    const path = join(folder, 'list.json');
    await writeFile(path, '[]');
    expect(await refusal({ LATCHKEY_CONFIG: path })).toContain('it must hold a JSON object');
  });

  test('a taken port', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const address = holder.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const output = await refusal({ PORT: String(port), LATCHKEY_DATA_DIR: seeded });
      expect(output).toContain(`Port ${port} is taken. Stop what uses it, or set PORT to another.`);
    } finally {
      await new Promise<void>((resolve) => holder.close(() => resolve()));
    }
  });
});

describe('data that was encrypted with other master keys is left alone', () => {
  test('the key of that id is another one', async () => {
    const output = await refusal({ LATCHKEY_DATA_DIR: seeded, LATCHKEY_MASTER_KEYS: newMasterKeys('k1') });
    expect(output).toContain(
      'The master key k1 is not the one this data was encrypted with. Restore the original key.',
    );
  });

  test('the key is not among those configured', async () => {
    const output = await refusal({ LATCHKEY_DATA_DIR: seeded, LATCHKEY_MASTER_KEYS: newMasterKeys('k2') });
    expect(output).toContain(
      'The master key k1 is not configured, but still wraps 1 data key of 1 instance.',
    );
  });

  test('with the right key in second place it starts', async () => {
    const launched = launch(
      settingsFor({
        LATCHKEY_DATA_DIR: seeded,
        LATCHKEY_MASTER_KEYS: `${newMasterKeys('k2')},${seededKeys}`,
      }),
    );
    expect(await launched.port).toBeGreaterThan(0);
    launched.kill('SIGTERM');
    expect(await launched.ended).toEqual({ code: 0, signal: null });
  });
});
