import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFreePort } from '../../packages/testkit/src/free-port.ts';
import { createHttpClient } from './http-client.ts';
import { issuer, type Launched, launch, newMasterKeys, settingsFor, untilTrue } from './server-process.ts';

describe('a full device', () => {
  let folder = '';
  let server: Launched | undefined;
  beforeEach(async (context) => {
    if (!existsSync('/dev/full')) context.skip('only Linux has /dev/full');
    folder = await mkdtemp(join(tmpdir(), 'lk-device-'));
  });
  afterEach(async () => {
    server?.kill('SIGKILL');
    await server?.ended;
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  });

  test('a command whose output is lost fails and says so', async () => {
    server = launch({}, ['exit-codes'], { shellLine: 'exec "$@" >/dev/full' });
    expect((await server.ended).code).toBe(1);
    expect(server.output()).toMatch(/^The output cannot be written: ENOSPC.*\n$/);
  });

  test.each([
    ['standard output', '>/dev/full'],
    ['standard output and standard error', '>/dev/full 2>&1'],
  ])(
    'as %s: the first start answers, goes on answering with much to log, and ends when told to',
    { timeout: 120_000 },
    async (_, redirection) => {
      const port = await findFreePort();
      // Without a given password the first start prints one.
      const { LATCHKEY_ADMIN_PASSWORD: _given, ...settings } = settingsFor({
        PORT: String(port),
        LATCHKEY_DATA_DIR: join(folder, 'data'),
        LATCHKEY_MASTER_KEYS: newMasterKeys(),
        LATCHKEY_LOG_LEVEL: 'debug',
      });
      server = launch(settings, ['serve'], { shellLine: `exec "$@" ${redirection}` });
      const { isRunning, kill, ended, output } = server;
      const http = createHttpClient(port, issuer);
      const status = async (path: string) => (await http.get(path).catch(() => undefined))?.status;
      await untilTrue('the server answers', 100_000, async () => {
        expect(isRunning(), output()).toBe(true);
        return (await status('/readyz')) === 200;
      });
      for (let index = 0; index < 300; index += 1) expect(await status('/nothing-here')).toBe(404);
      // Longer than a line waits for its device.
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await status('/.well-known/openid-configuration')).toBe(200);
      http.close();
      kill('SIGTERM');
      expect((await ended).code, output()).toBe(0);
    },
  );
});
