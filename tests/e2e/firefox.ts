import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The Firefox of the system, driven over Marionette, which it speaks by itself: JSON over TCP with WebDriver's commands.
// Playwright's own Firefox would be a download, and its BiDi mode needs commands that the ESR does not know.

const elementKey = 'element-6066-11e4-a52e-4f735466cecf';
const waitMs = 20_000;

/** A Firefox with one window that commands go to. */
export interface Firefox {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Opens a tab and makes it the one that commands go to. Returns the handle of the tab. */
  newTab(url: string): Promise<string>;
  switchTo(tab: string): Promise<void>;
  currentTab(): Promise<string>;
  url(): Promise<string>;
  click(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  /** Waits for the element and gives its text. */
  text(selector: string): Promise<string>;
  /** Runs the body of a function in the page; its `return` value is the result. */
  run(script: string): Promise<unknown>;
  stop(): Promise<void>;
}

type Send = (command: string, parameters?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** Starts it with a profile of its own. `FIREFOX_PATH` names another program than Debian's. */
export async function launchFirefox(): Promise<Firefox> {
  const profile = await mkdtemp(join(tmpdir(), 'lk-firefox-'));
  const port = await freePort();
  const preferences = {
    'marionette.port': port,
    'browser.shell.checkDefaultBrowser': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'toolkit.telemetry.enabled': false,
    'app.update.enabled': false,
  };
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${value});`);
  await writeFile(join(profile, 'user.js'), lines.join('\n'));
  const program = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr';
  const child = spawn(program, ['--headless', '--marionette', '--no-remote', '--profile', profile], {
    stdio: 'ignore',
    env: { ...process.env, HOME: profile, MOZ_DISABLE_CONTENT_SANDBOX: '1' },
  });
  const socket = await connectUntil(port, Date.now() + 60_000);
  const send = await speak(socket);
  await send('WebDriver:NewSession', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
  await send('WebDriver:SetTimeouts', { implicit: waitMs, pageLoad: 60_000, script: 60_000 });
  return commandsOf(send, () => end(child, socket, profile));
}

function commandsOf(send: Send, stop: () => Promise<void>): Firefox {
  const find = async (selector: string) =>
    elementOf(await send('WebDriver:FindElement', { using: 'css selector', value: selector }))[elementKey];
  return {
    goto: async (url) => void (await send('WebDriver:Navigate', { url })),
    reload: async () => void (await send('WebDriver:Refresh')),
    async newTab(url) {
      const { handle } = await send('WebDriver:NewWindow', { type: 'tab' }).then(asRecord);
      await send('WebDriver:SwitchToWindow', { handle });
      await send('WebDriver:Navigate', { url });
      return String(handle);
    },
    switchTo: async (handle) => void (await send('WebDriver:SwitchToWindow', { handle })),
    currentTab: async () => String(asRecord(await send('WebDriver:GetWindowHandle')).value),
    url: async () => String(asRecord(await send('WebDriver:GetCurrentURL')).value),
    click: async (selector) => void (await send('WebDriver:ElementClick', { id: await find(selector) })),
    type: async (selector, text) =>
      void (await send('WebDriver:ElementSendKeys', { id: await find(selector), text })),
    text: async (selector) =>
      String(asRecord(await send('WebDriver:GetElementText', { id: await find(selector) })).value),
    run: async (script) => asRecord(await send('WebDriver:ExecuteScript', { script, args: [] })).value,
    stop,
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function elementOf(answer: unknown): Record<string, unknown> {
  return asRecord(asRecord(answer).value);
}

/** A message is its length in bytes, a colon and JSON: `[0, id, command, parameters]`, answered `[1, id, error, result]`. */
async function speak(socket: Socket): Promise<Send> {
  const waiting = new Map<unknown, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let received = Buffer.alloc(0);
  let id = 0;
  const greeted = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const colon = received.indexOf(58);
        const length = Number(received.subarray(0, Math.max(colon, 0)).toString());
        if (colon < 0 || received.length < colon + 1 + length) return;
        const message: unknown = JSON.parse(received.subarray(colon + 1, colon + 1 + length).toString());
        received = received.subarray(colon + 1 + length);
        if (!Array.isArray(message)) resolve();
        else settle(message);
      }
    });
  });
  const settle = ([, answered, error, result]: readonly unknown[]) => {
    const found = waiting.get(answered);
    waiting.delete(answered);
    if (error === null) found?.resolve(result);
    else found?.reject(new Error(`Firefox: ${JSON.stringify(error)}`));
  };
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Firefox closed the connection.'));
  });
  await greeted;
  return (command, parameters = {}) =>
    new Promise((resolve, reject) => {
      id += 1;
      waiting.set(id, { resolve, reject });
      const text = JSON.stringify([0, id, command, parameters]);
      socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
}

async function connectUntil(port: number, deadlineMs: number): Promise<Socket> {
  for (;;) {
    const socket = await new Promise<Socket | undefined>((resolve) => {
      const attempt = connectTo(port, '127.0.0.1', () => resolve(attempt));
      attempt.once('error', () => resolve(undefined));
    });
    if (socket !== undefined) return socket;
    if (Date.now() > deadlineMs) throw new Error('Firefox did not start within a minute.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

async function end(child: ChildProcess, socket: Socket, profile: string): Promise<void> {
  socket.destroy();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(force);
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
