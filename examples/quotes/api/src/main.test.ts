import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const settings = { ISSUER: 'http://localhost:1', CLIENT_ID: '1', CLIENT_SECRET: 'secret', HOST: '127.0.0.1' };

function startApi(env: Record<string, string>) {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@latchkey/source', main], {
    env: { PATH: process.env.PATH ?? '', ...env },
    cwd: import.meta.dirname,
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return { child, exited: once(child, 'close').then(([code]: unknown[]) => ({ code, output })) };
}

test('without settings the API exits with 1 and says what to set', async () => {
  const { code, output } = await startApi({}).exited;
  expect(code).toBe(1);
  expect(output).toContain('ISSUER is not set');
});

test('a key file that cannot be read is named, without a stack', async () => {
  const { code, output } = await startApi({ ISSUER: settings.ISSUER, KEY_FILE: 'missing.json' }).exited;
  expect(code).toBe(1);
  expect(output).toContain('missing.json');
  expect(output).not.toMatch(/^\s+at /m);
});

test('a taken port is named and the API exits with 1', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  try {
    const address = blocker.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const { code, output } = await startApi({ ...settings, PORT: port }).exited;
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} on 127.0.0.1 is taken`);
  } finally {
    blocker.close();
  }
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s stops the API cleanly', async (signal) => {
  const { child, exited } = startApi({ ...settings, PORT: '0' });
  await once(child.stdout, 'data');
  child.kill(signal);
  expect((await exited).code).toBe(0);
});
