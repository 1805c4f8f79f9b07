import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from './chromium.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** A server that sets cookies and shows which come back. */
async function startEcho(cookies: readonly string[]) {
  const server = createServer((req, res) => {
    if (req.url === '/set') res.setHeader('set-cookie', [...cookies]);
    res.end(req.headers.cookie ?? '');
  }).listen(0);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? address?.port : 0,
    close: () => server.close().closeAllConnections(),
  };
}

async function comesBack(host: string, port: number | undefined): Promise<readonly string[]> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://${host}:${port}/set`);
  await page.goto(`http://${host}:${port}/`);
  const text = await page.locator('body').innerText();
  await context.close();
  return text
    .split('; ')
    .filter((each) => each !== '')
    .sort();
}

test('Chromium keeps __Host- cookies of plain http on loopback only, and never without Secure', async () => {
  const echo = await startEcho([
    '__Host-secure=1; Path=/; Secure',
    '__Host-plain=1; Path=/',
    '__Host-below=1; Path=/set; Secure',
    'latchkey-dev-1=1; Path=/; HttpOnly; SameSite=Lax',
  ]);
  const local = ['__Host-secure=1', 'latchkey-dev-1=1'];
  expect(await comesBack('localhost', echo.port)).toEqual(local);
  expect(await comesBack('127.0.0.1', echo.port)).toEqual(local);
  echo.close();
});
