import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { implementations, spawnApi } from './running-api.ts';

const settings = { ISSUER: 'http://localhost:1', CLIENT_ID: '1', CLIENT_SECRET: 'secret', HOST: '127.0.0.1' };

function start(env: Record<string, string>) {
  const [typescript] = implementations;
  if (typescript === undefined) throw new Error('no implementation');
  return spawnApi(typescript, env);
}

test('a key file that cannot be read is named, without a stack', async () => {
  const { code, output } = await start({ ISSUER: settings.ISSUER, KEY_FILE: 'missing.json' }).exited;
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
    const { code, output } = await start({ ...settings, PORT: port }).exited;
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} on 127.0.0.1 is taken`);
  } finally {
    blocker.close();
  }
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s stops the API cleanly', async (signal) => {
  const { child, exited } = start({ ...settings, PORT: '0' });
  await once(child.stdout, 'data');
  child.kill(signal);
  expect((await exited).code).toBe(0);
});
