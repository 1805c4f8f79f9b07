import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seedUser } from '@latchkey/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type CliWorld, cliMain, startCliWorld } from '../cli/cli-world.ts';
import { axeFindings, keepScreenshot, launchChromium, watchComplaints } from './chromium.ts';
import { freePorts, plainEnvironment, projectRoot } from './demo-process.ts';
import { type Person, signInOnPages } from './person.ts';

const run = promisify(execFile);
const packed = [
  '@latchkey/browser',
  '@latchkey/react',
  '@latchkey/vue',
  '@latchkey/api',
  '@latchkey/bff',
  '@latchkey/next',
];

let cli: CliWorld;
let browser: Browser;
let place: string;
let person: Person & { readonly id: string };
let running: ChildProcess | undefined;
let output = '';

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'lk-starters-'));
  mkdirSync(join(place, 'packages'));
  const workspaces = packed.flatMap((name) => ['-w', name]);
  await run(
    'npm',
    ['pack', '--silent', '--ignore-scripts', ...workspaces, '--pack-destination', join(place, 'packages')],
    {
      cwd: projectRoot,
    },
  );
  [cli, browser] = await Promise.all([startCliWorld(), launchChromium()]);
  person = await seedUser(cli.world.server, { displayName: 'Ada Lovelace' });
}, 120_000);

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.log(output);
  if (running?.pid === undefined || running.exitCode !== null) return;
  const closed = once(running, 'close');
  process.kill(-running.pid, 'SIGTERM');
  await closed;
});

afterAll(async () => {
  await browser?.close();
  await cli?.stop();
  if (place !== undefined) await rm(place, { recursive: true, force: true });
});

/** The environment of a person's shell, with a token to register applications with. */
function environment(): NodeJS.ProcessEnv {
  return plainEnvironment({
    LATCHKEY_TOKEN: cli.world.owner.token,
    XDG_CONFIG_HOME: join(place, 'config'),
    npm_config_prefer_offline: 'true',
  });
}

/** Runs `latchkey init` in a process group of its own and resolves when the app answers; rejects with what was printed. */
async function runInit(folder: string, args: readonly string[], whenOpen: string): Promise<void> {
  const child = spawn(process.execPath, [cliMain, 'init', folder, ...args], {
    cwd: place,
    env: environment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  output = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes(whenOpen)) resolve();
      });
    child.once('close', (code) => reject(new Error(`init ended with code ${code}:\n${output}`)));
  });
}

/** Each look of the page in light and dark, wide and narrow; what axe finds in them. */
async function lookAt(page: Page, name: string): Promise<string[]> {
  const findings: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 375, 320]) {
      await page.setViewportSize({ width, height: 720 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      if (overflow) findings.push(`${name} scrolls sideways at ${width}`);
      if (width !== 320) await keepScreenshot(page, `${name}-${width}-${colorScheme}`);
    }
    findings.push(...(await axeFindings(page)));
  }
  await page.setViewportSize({ width: 1280, height: 720 });
  return findings;
}

/** Signs in, calls the API and looks at both pages; resolves to the page, signed in. */
async function useApp(page: Page, origin: string, template: string): Promise<void> {
  await page.goto(origin);
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  expect(await lookAt(page, `starter-${template}-signed-out`)).toEqual([]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForSelector('#loginName');
  await signInOnPages(page, person);
  await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
  // A page that was rendered on a server shows its buttons a moment before they work.
  const clickAndRead = async () => {
    await page.getByRole('button', { name: 'Call the API' }).click();
    const answer = page.getByText(`"userId": "${person.id}"`);
    return answer.waitFor({ timeout: 3000 }).then(
      () => true,
      () => false,
    );
  };
  await expect.poll(clickAndRead, { timeout: 30_000 }).toBe(true);
}

/** Nobody without a token gets an answer, and the key of the API is for its owner alone. */
async function expectSecretsKept(folder: string, origin: string): Promise<void> {
  // A backend for frontend refuses requests without its CSRF header.
  expect([401, 403]).toContain((await fetch(`${origin}/api/me`)).status);
  expect(statSync(join(folder, 'api-key.json')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toContain('api-key.json');
  const paths = [
    '/api-key.json',
    '/api-key.json?raw',
    '/api-key.json?import&raw',
    `/@fs${folder}/api-key.json`,
  ];
  for (const path of paths)
    expect(await (await fetch(`${origin}${path}`)).text(), path).not.toContain('PRIVATE KEY');
}

/** Why the app did not start, when that is for lack of its tools and not of ours; throws anything else. */
function reasonToSkip(error: unknown): string {
  const isToolMissing =
    /npm (?:could not install|cannot reach)/.test(output) && !output.includes('@latchkey/');
  if (!isToolMissing) throw error;
  return `its tools do not install here:\n${output}`;
}

test.for([
  { template: 'plain', scripts: [] },
  { template: 'react', scripts: ['build'] },
  { template: 'vue', scripts: ['build'] },
  { template: 'svelte', scripts: ['build'] },
  { template: 'angular', scripts: ['build'] },
  { template: 'next', scripts: ['build'] },
])(
  'init --template $template: from an empty folder to a signed-in page that calls the API in 2 minutes',
  {
    timeout: 300_000,
  },
  async ({ template, scripts }, { skip }) => {
    const { web, api } = await freePorts();
    const folder = join(place, `${template}-app`);
    const origin = `http://localhost:${web}`;
    const args = ['--issuer', cli.world.server.issuer, '--packages', join(place, 'packages'), '--yes'];
    const startedAtMs = Date.now();
    try {
      await runInit(
        folder,
        ['--template', template, '--port', `${web}`, '--api-port', `${api}`, ...args],
        `Open ${origin}`,
      );
    } catch (error) {
      const reason = reasonToSkip(error);
      console.log(`${template} is skipped: ${reason}`);
      return skip(reason);
    }
    const visit = await browser.newContext();
    const page = await visit.newPage();
    const complaints = watchComplaints(page);
    await useApp(page, origin, template);
    const seconds = (Date.now() - startedAtMs) / 1000;
    console.log(`${template}: signed in and API called ${seconds.toFixed(1)} s after init was started`);
    expect(seconds).toBeLessThan(120);
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await lookAt(page, `starter-${template}-signed-in`)).toEqual([]);
    await expectSecretsKept(folder, origin);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    expect(complaints).toEqual([]);
    await visit.close();
    for (const script of scripts) await run('npm', ['run', script], { cwd: folder, env: environment() });
  },
);
