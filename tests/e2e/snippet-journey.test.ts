import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { seedUser } from '@latchkey/testkit';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepScreenshot } from './chromium.ts';
import { type ConsoleWorld, startConsoleWorld } from './console-world.ts';
import { projectRoot } from './demo-process.ts';
import { signInOnPages } from './person.ts';

let desk: ConsoleWorld;
let folder: string;
let site: ViteDevServer;
let api: ChildProcess | undefined;

async function freePort(): Promise<number> {
  const server = createSocketServer().listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No port was free.');
  return address.port;
}

async function whenAnswering(address: string): Promise<void> {
  await expect
    .poll(
      () =>
        fetch(address).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 15_000 },
    )
    .toBeGreaterThan(0);
}

beforeAll(async () => {
  desk = await startConsoleWorld();
  mkdirSync(join(projectRoot, 'artefacts'), { recursive: true });
  // Below the project, so that the packages the code names are found as in a project that installed them.
  folder = mkdtempSync(join(projectRoot, 'artefacts', 'snippet-app-'));
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><div id="root"></div><script type="module" src="/main.tsx"></script>',
  );
  writeFileSync(
    join(folder, 'main.tsx'),
    "import { createRoot } from 'react-dom/client';\nimport { App } from './app.tsx';\ncreateRoot(document.getElementById('root')!).render(<App />);\n",
  );
  const port = await freePort();
  site = await createServer({
    root: folder,
    configFile: false,
    logLevel: 'error',
    cacheDir: join(folder, '.vite'),
    server: { port, strictPort: true, host: 'localhost', hmr: false, watch: null },
  });
}, 60_000);
afterAll(async () => {
  api?.kill();
  await site?.close();
  await desk?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

test('create a front end and an API in the console, then sign in with the code it shows and call the API', async () => {
  const { world, page, open, browser } = desk;
  const origin = `http://localhost:${site.config.server.port}`;
  await open('?project=new');
  await page.getByLabel('Name of the project').fill('By snippets');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByLabel('Where people come back to').fill(`${origin}/callback`);
  await page.getByRole('button', { name: 'Add front end' }).click();
  const webCode = await page.locator('.code-block[aria-label="Code: React"] pre').innerText();
  await page.getByRole('button', { name: 'Add API' }).click();
  const apiCode = await page.locator('.code-block[aria-label="Code: Express"] pre').innerText();

  const apiPort = await freePort();
  expect(webCode).toContain('localhost:5001');
  writeFileSync(join(folder, 'app.tsx'), webCode.replaceAll('localhost:5001', `localhost:${apiPort}`));
  writeFileSync(join(folder, 'api.mjs'), apiCode.replace('listen(5001)', `listen(${apiPort})`));
  api = spawn(process.execPath, ['api.mjs'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  await whenAnswering(`http://localhost:${apiPort}/api/hello`);
  await site.listen();

  const ada = await seedUser(world.server, { displayName: 'Ada Lovelace' });
  const visitor = await (await browser.newContext()).newPage();
  await visitor.goto(`${origin}/`);
  await visitor.getByRole('button', { name: /sign in/i }).click();
  await visitor.waitForSelector('#loginName');
  await signInOnPages(visitor, ada);
  await visitor.getByText('Hello, Ada Lovelace').waitFor();
  await visitor.getByRole('button', { name: 'Call the API' }).click();
  await visitor.getByText(JSON.stringify({ hello: ada.id })).waitFor();
  await keepScreenshot(visitor, 'snippet-app');

  expect((await fetch(`http://localhost:${apiPort}/api/hello`)).status).toBe(401);
  await page.getByText('The first sign-in arrived').waitFor({ timeout: 10_000 });
  await page.getByText('The first token check arrived').waitFor({ timeout: 10_000 });
}, 90_000);
