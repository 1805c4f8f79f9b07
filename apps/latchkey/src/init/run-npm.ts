import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { CommandProblem } from '../exit-codes.ts';

const networkErrors = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|network/;

/** Installs the packages of a folder. Throws `CommandProblem` with what npm said; what was written stays. */
export async function installPackages(folder: string): Promise<void> {
  const npm = spawn('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: folder,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let complaints = '';
  npm.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    npm.once('error', (cause) =>
      reject(
        new CommandProblem(
          'unexpected',
          `npm cannot be started: ${cause.message}. Install it and try again.`,
        ),
      ),
    );
    npm.once('close', resolve);
  });
  if (code === 0) return;
  const isOffline = networkErrors.test(complaints);
  const advice = isOffline
    ? 'npm cannot reach its registry. The app is written and registered; when there is a network, run:'
    : 'npm could not install the packages. The app is written and registered; when this is fixed, run:';
  throw new CommandProblem(
    isOffline ? 'unreachable' : 'unexpected',
    `${complaints.trimEnd()}\n${advice}\n  cd ${folder}\n  npm install\n  npm run dev`,
  );
}

/** Runs the app until it ends. `onAnswer` is called once its page answers. Resolves to the exit code. */
export async function runApp(folder: string, port: number, onAnswer: () => void): Promise<number> {
  const app = spawn('npm', ['run', 'dev'], {
    cwd: folder,
    shell: process.platform === 'win32',
    stdio: 'inherit',
  });
  const ended = new Promise<number>((resolve) => app.once('close', (code) => resolve(code ?? 0)));
  // Ctrl-C reaches the app by the terminal; a signal to this process alone is handed on.
  const passOn = (signal: NodeJS.Signals) => app.kill(signal);
  process.once('SIGINT', passOn).once('SIGTERM', passOn);
  void (async () => {
    while (app.exitCode === null && !(await answersHttp(port))) await wait(300);
    if (app.exitCode === null) onAnswer();
  })();
  return await ended;
}

/** Throws `CommandProblem` when another program listens on a port. */
export async function requireFreePort(port: number, option: string): Promise<void> {
  if ((await isAnswered(port)) || !(await canListen(port)))
    throw new CommandProblem(
      'conflict',
      `Port ${port} is taken by another program. Stop it, or choose another port: ${option} ${port + 1}`,
    );
}

function answersHttp(port: number): Promise<boolean> {
  return fetch(`http://localhost:${port}/`, { signal: AbortSignal.timeout(5000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost' });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, 'localhost', () => server.close(() => resolve(true)));
  });
}
