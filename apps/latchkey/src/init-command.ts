import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ApiSession, openApiSession, type SessionOptions } from './api-session.ts';
import { CommandProblem } from './exit-codes.ts';
import { withLocalPackages } from './init/local-packages.ts';
import { parseManifest } from './init/merge-package.ts';
import { type FilePlan, planFiles, readFrom, requireWritable, writeFiles } from './init/plan-files.ts';
import { registerApp } from './init/register-app.ts';
import { installPackages, requireFreePort, runApp } from './init/run-npm.ts';
import {
  fillSettings,
  findStarter,
  holdsSecret,
  readStarters,
  type SettingValues,
  type Starter,
  withPorts,
} from './init/starters.ts';
import { logIn } from './login-command.ts';
import { discover } from './oauth-client.ts';
import { readProfiles } from './profiles.ts';

interface InitOptions extends SessionOptions {
  readonly template?: string;
  readonly name?: string;
  readonly project?: string;
  readonly port?: number;
  readonly apiPort?: number;
  readonly packages?: string;
  readonly force?: true;
  readonly yes?: true;
  readonly install: boolean;
  readonly start: boolean;
}

const apiKeyFile = 'api-key.json';
const noValues: SettingValues = {
  issuer: '',
  origin: '',
  clientId: '',
  clientSecret: '',
  projectId: '',
  apiKeyFile: '',
  randomSecret: '',
};

const isInteractive = () => process.stdin.isTTY === true && process.stderr.isTTY === true;

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

async function chooseStarter(starters: readonly Starter[], named: string | undefined): Promise<Starter> {
  if (named !== undefined || !isInteractive()) return findStarter(starters, named);
  for (const { name, description } of starters) console.error(`  ${name.padEnd(8)} ${description}`);
  return findStarter(starters, await ask('Which template? '));
}

/** A name npm takes for a package. */
function packageNameOf(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[._-]+|-+$/g, '')
      .slice(0, 100) || 'my-app'
  );
}

/** What the app will be made of, before anything is registered: settings that are not known yet are empty. */
function manifestOf(starter: Starter, name: string, packages: string | undefined) {
  const manifest = {
    ...parseManifest(starter.files['package.json'] ?? '', 'package.json'),
    name: packageNameOf(name),
  };
  return packages === undefined ? manifest : withLocalPackages(manifest, resolve(packages));
}

function refuseClashes({ clashes }: FilePlan, folder: string): void {
  if (clashes.length === 0) return;
  const list = clashes.map((path) => `  ${path}`).join('\n');
  throw new CommandProblem(
    'conflict',
    `${folder} already has files that the template would overwrite:\n${list}\nNothing was written. Choose another folder, or overwrite them with --force.`,
  );
}

/** Where the administrator's password is when the server is the demo that was started in this folder. */
function demoHint(issuer: string): string {
  const path = join('.latchkey', 'demo.json');
  const isDemo = existsSync(path) && readFileSync(path, 'utf8').includes(JSON.stringify(issuer));
  return isDemo ? ` The demo's administrator and the password are in ${path}.` : '';
}

/** A way to call the management API; leads a person through a login where there is none yet. */
async function openSession(issuer: string, options: InitOptions): Promise<ApiSession> {
  await discover(issuer);
  const chosen = {
    issuer,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.keyFile === undefined ? {} : { keyFile: options.keyFile }),
  };
  try {
    return openApiSession(chosen);
  } catch (error) {
    const canLogIn = error instanceof CommandProblem && error.reason === 'notLoggedIn' && isInteractive();
    if (!canLogIn) throw error;
    console.error(`Log in to ${issuer} as somebody who may create applications.${demoHint(issuer)}`);
    await logIn(issuer, options.profile === undefined ? {} : { profile: options.profile });
    return openApiSession(chosen);
  }
}

function tellPackage({ packageJson }: FilePlan): void {
  for (const added of packageJson?.added ?? []) console.log(`package.json: added ${added}`);
  for (const kept of packageJson?.kept ?? []) console.log(`package.json: kept ${kept}`);
}

async function confirm(
  starter: Starter,
  folder: string,
  issuer: string,
  options: InitOptions,
): Promise<void> {
  if (options.yes === true) return;
  const summary = `${starter.description}, in ${folder}, registered at ${issuer}.`;
  if (!isInteractive())
    throw new CommandProblem('usage', `${summary}\nNobody can be asked here; confirm with --yes.`);
  const answer = await ask(`${summary} Go on? [Y/n] `);
  if (!/^(?:y|yes|)$/i.test(answer)) throw new CommandProblem('usage', 'Nothing was done.');
}

/** Where to register: as said, else where the login is that is used, else the demo. */
function issuerOf({ issuer, profile }: InitOptions): string {
  const { current, profiles } = readProfiles();
  const known = issuer ?? process.env.LATCHKEY_ISSUER ?? profiles[profile ?? current ?? '']?.issuer;
  return (known ?? 'http://localhost:8080').replace(/\/$/, '');
}

async function init(folderText: string | undefined, options: InitOptions): Promise<void> {
  const folder = resolve(folderText ?? '.');
  const chosen = await chooseStarter(readStarters(), options.template);
  const starter = withPorts(chosen, {
    web: options.port ?? chosen.ports.web,
    ...(chosen.ports.api === undefined ? {} : { api: options.apiPort ?? chosen.ports.api }),
  });
  if (starter.ports.web === starter.ports.api)
    throw new CommandProblem('usage', '--port and --api-port must differ.');
  const issuer = issuerOf(options);
  const name = options.name ?? basename(folder);
  const manifest = manifestOf(starter, name, options.packages);
  const ifThere = options.force === true ? 'overwrite' : 'clash';
  const read = readFrom(folder);
  const plan = (values: SettingValues, apiKey: string) =>
    planFiles({ ...fillSettings(starter, values), [apiKeyFile]: apiKey }, manifest, read, ifThere);

  refuseClashes(plan(noValues, ''), folder);
  requireWritable(folder);
  if (options.start && options.install) {
    await requireFreePort(starter.ports.web, '--port');
    if (starter.ports.api !== undefined) await requireFreePort(starter.ports.api, '--api-port');
  }
  const session = await openSession(issuer, options);
  await confirm(starter, folder, issuer, options);

  const origin = `http://localhost:${starter.ports.web}`;
  const app = await registerApp(session, { name, origin, project: options.project }, starter);
  const values = { ...app, issuer, origin, apiKeyFile, randomSecret: randomBytes(32).toString('base64url') };
  const files = plan(values, app.apiKeyFile);
  writeFiles(folder, files.files, (path) => path === apiKeyFile || holdsSecret(starter, path));
  console.log(`Wrote ${files.files.length} files to ${folder}.`);
  tellPackage(files);
  console.log(`Registered "${name}" (client ID ${app.clientId}) and "${name} API" at ${issuer}.`);

  const here = relative(process.cwd(), folder);
  const next = [
    ...(here === '' ? [] : [`cd ${here}`]),
    ...(options.install ? [] : ['npm install']),
    'npm run dev',
  ];
  if (options.install) await installPackages(folder);
  if (!options.install || !options.start) {
    console.log(`Start it:\n${next.map((line) => `  ${line}`).join('\n')}\nThen open ${origin}`);
    return;
  }
  process.exitCode = await runApp(folder, starter.ports.web, () =>
    console.log(
      `\nOpen ${origin} and sign in. Ctrl-C stops the app; start it again with: ${next.join(' && ')}\n`,
    ),
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('It must be a number from 1 to 65535.');
}

/** `latchkey init`. */
export function addInitCommand(program: Command): void {
  program
    .command('init [folder]')
    .description('write an app that signs people in and calls an API, register it, and start it')
    .option('--template <name>', 'what to begin with: react, vue, svelte, angular, plain, next')
    .option(
      '--issuer <url>',
      'the server to register at; that of the login, else http://localhost:8080, when left out',
    )
    .option('--profile <name>', 'which login, of those that `latchkey profiles` lists')
    .option('--key-file <file>', 'call as a machine by its key file')
    .option('--name <name>', 'what to call the app; the name of the folder when left out')
    .option('--project <project>', 'register in this project instead of a new one')
    .addOption(new Option('--port <port>', 'port of the page').argParser(parsePort))
    .addOption(new Option('--api-port <port>', 'port of the API').argParser(parsePort))
    .option('--packages <folder>', 'take the packages of Latchkey from tarballs of `npm pack` in this folder')
    .option('--force', 'overwrite files that are there')
    .option('--no-install', 'do not install packages')
    .option('--no-start', 'do not start the app')
    .option('--yes', 'do not ask')
    .action(init);
}
