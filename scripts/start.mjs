/**
 * `npm start`: builds what is missing, then runs the whole scenario on the embedded database: Latchkey with demo data, and
 * the pages and APIs of the examples (examples.mjs). Prints where everything is; Ctrl-C stops all of it. `LATCHKEY_QUOTES_FOLDER` names
 * another folder than `.latchkey` for data, keys and demo.json. `--quotes-api=flask` runs the quotes API in Python, `--news-mode=bff`
 * the news portal behind its web server.
 */
import { fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { build, describeBuildFailure } from './build.mjs';
import { findServices, urlsOf } from './examples.mjs';
import { chooseNewsMode } from './news-mode.mjs';
import { chooseQuotesApi } from './quotes-api.mjs';

const root = join(import.meta.dirname, '..');
const folder = process.env.LATCHKEY_QUOTES_FOLDER || '.latchkey';
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
const state = { stopping: false };

/** @param {string | undefined} text @param {number} fallback @param {string} name */
function portOf(text, fallback, name) {
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    fail(`${name} is "${text}", which is not a port. Set it to a number from 1 to 65535.`);
  return port;
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}

/** @param {number} port @param {string} host @returns {Promise<'free' | 'taken' | 'forbidden'>} */
function tryPort(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      resolve(error.code === 'EACCES' ? 'forbidden' : error.code === 'EADDRINUSE' ? 'taken' : 'free'),
    );
    server.listen(port, host, () => server.close(() => resolve('free')));
  });
}

/** @param {{ port: number, what: string, variable: string }[]} wanted */
async function checkPorts(wanted) {
  const problems = [];
  for (const { port, what, variable } of wanted) {
    // Both addresses of localhost: a browser would reach whoever listens on the other one.
    const outcomes = [await tryPort(port, '127.0.0.1'), await tryPort(port, '::1')];
    const outcome = outcomes.find((each) => each !== 'free');
    if (outcome === 'taken')
      problems.push(
        `Port ${port} for ${what} is taken. Stop what uses it, or choose another: ${variable}=${port + 1000} npm start`,
      );
    if (outcome === 'forbidden')
      problems.push(
        `Port ${port} for ${what} needs more rights. Choose one above 1023: ${variable}=${port + 8000} npm start`,
      );
  }
  if (problems.length > 0) fail(problems.join('\n'));
}

/** @param {string} url @param {string} what */
async function untilAnswers(url, what) {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    try {
      const response = await fetch(url);
      if (response.ok) return;
    } catch {
      // not up yet
    }
    if (state.stopping) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop(1, `${what} does not answer at ${url}.`);
}

/** @param {number} code @param {string} [message] */
async function stop(code, message) {
  if (state.stopping) return;
  state.stopping = true;
  if (message !== undefined) console.error(`\n${message}`);
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null);
  const ended = Promise.all(running.map((child) => new Promise((resolve) => child.once('exit', resolve))));
  for (const child of running) child.kill('SIGTERM');
  const force = setTimeout(() => {
    for (const child of running) child.kill('SIGKILL');
  }, 8000);
  await ended;
  clearTimeout(force);
  process.exit(code);
}

/** @param {import('node:child_process').ChildProcess} child @param {string} what */
function watch(child, what) {
  children.push(child);
  child.once('exit', (code, signal) => {
    if (!state.stopping)
      void stop(1, `${what} stopped by itself (${signal ?? `exit code ${code}`}); see above for why.`);
  });
}

/** @param {number} issuerPort @param {import('./examples.mjs').Urls} urls */
function startLatchkey(issuerPort, urls) {
  const { quotesWeb, quotesApi, newsWeb, newsApi } = urls;
  const args = ['demo', '--folder', folder, '--quotes-web', quotesWeb, '--quotes-api', quotesApi];
  args.push('--news-web', newsWeb, '--news-api', newsApi);
  // A group of its own, so that Ctrl-C reaches it once, through us, and it can finish what it is doing.
  const child = fork(join(root, 'apps/latchkey/dist/main.js'), args, {
    cwd: root,
    detached: true,
    env: {
      LATCHKEY_DATA_DIR: join(folder, 'data'),
      // Logout tokens go to the news portal's web server on this machine.
      LATCHKEY_OUTBOUND_ALLOW: new URL(newsWeb).host,
      ...process.env,
      PORT: String(issuerPort),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  watch(child, 'Latchkey');
  return new Promise((resolve) => child.once('message', resolve));
}

/** @param {string} program @param {readonly string[]} args @param {NodeJS.ProcessEnv} env @param {string} what */
function startProgram(program, args, env, what) {
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  watch(child, what);
}

/** @param {string} text */
function capitalized(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** @param {import('./examples.mjs').DemoFile} demo @param {readonly import('./examples.mjs').Service[]} services @param {import('./examples.mjs').Urls} urls */
function printTable(demo, services, urls) {
  const line = (/** @type {string} */ name, /** @type {string} */ value) => `  ${name.padEnd(22)}${value}`;
  console.log(
    [
      '',
      'Latchkey is running. Open one of the pages and sign in.',
      '',
      ...services.map(({ key, label, shownPath }) => line(label, `${urls[key]}${shownPath}`)),
      line('Latchkey', demo.issuer),
      line('Console', `${demo.console}   (sign in as admin)`),
      '',
      line('Sign in as', 'password'),
      ...demo.users.map((user) => line(user.loginName, `${user.password}   (${user.roles.join(', ')})`)),
      '',
      `Client ids, secrets and key files: ${folder}/demo.json. Data: ${folder}/data. Ctrl-C stops everything.`,
    ].join('\n'),
  );
}

/** npm ends on SIGTERM without telling its scripts (it tells the shell between them), so its end is noticed here. */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void stop(0);
  }, 250).unref();
}

async function main() {
  const issuerPort = portOf(process.env.PORT, 8080, 'PORT');
  const services = findServices(root);
  const servicePort = (/** @type {import('./examples.mjs').Service} */ { variable, port }) =>
    portOf(process.env[variable], port, variable);
  const urls = urlsOf(servicePort);
  const newsMode = chooseNewsMode(process.argv.slice(2));
  if (newsMode.kind === 'refused') fail(newsMode.message);
  const quotesApi = await chooseQuotesApi(newsMode.rest);
  if (quotesApi.kind === 'refused') fail(quotesApi.message);
  await checkPorts([
    { port: issuerPort, what: 'Latchkey', variable: 'PORT' },
    ...services.map((service) => ({ ...service, port: servicePort(service) })),
  ]);
  process.once('SIGINT', () => void stop(0));
  process.once('SIGTERM', () => void stop(0));
  process.once('SIGHUP', () => void stop(0));
  stopWithNpm();
  try {
    await build({ root });
  } catch (error) {
    fail(describeBuildFailure(error));
  }
  if (state.stopping) return;
  console.log('Starting Latchkey on the embedded database …');
  await startLatchkey(issuerPort, urls);
  /** @type {import('./examples.mjs').DemoFile} */
  const demo = JSON.parse(readFileSync(resolve(root, folder, 'demo.json'), 'utf8'));
  for (const service of services) {
    const { program, args } =
      service.key === 'quotesApi'
        ? quotesApi
        : { program: process.execPath, args: ['--import', 'tsx', join(root, service.script)] };
    const env = {
      ISSUER: demo.issuer,
      HOST: '127.0.0.1',
      PORT: String(servicePort(service)),
      ...service.environment(demo, urls, folder, newsMode.mode),
      ...(service.key === 'quotesWeb' ? { DPOP: quotesApi.dpop } : {}),
    };
    startProgram(program, args, env, capitalized(service.what));
  }
  await Promise.all(
    services.map(({ key, healthPath, what }) => untilAnswers(`${urls[key]}${healthPath}`, capitalized(what))),
  );
  if (!state.stopping) printTable(demo, services, urls);
}

await main();
