import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { createLogDevice } from './log-device.ts';

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

test('lines arrive whole and in order', async () => {
  const path = join(tmpdir(), `latchkey-log-${process.pid}`);
  const fd = openSync(path, 'w');
  const device = createLogDevice(fd);
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`);
  for (const line of lines) device.write(line);
  await expect.poll(() => readFileSync(path, 'utf8')).toBe(lines.join(''));
  device.write('last\n');
  device.flush();
  expect(readFileSync(path, 'utf8')).toBe(`${lines.join('')}last\n`);
  closeSync(fd);
  rmSync(path);
});

test('a full device costs lines, never the process: neither a throw nor an unbounded wait, also for fatal ones', async (context) => {
  if (process.platform !== 'linux') return context.skip('only Linux has /dev/full');
  const fd = openSync('/dev/full', 'w');
  const device = createLogDevice(fd);
  const log = createLogger('info', device);
  for (let index = 0; index < 2000; index += 1) log.error({ text: 'x'.repeat(1000) }, 'a line');
  await settle();
  log.fatal('the last words');
  device.flush();
  await settle();
  closeSync(fd);
  // The descriptor is gone, as a reader that went away is.
  log.error('nobody hears this');
  await settle();
  device.flush();
});
