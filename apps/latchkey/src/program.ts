import { createLogger, systemClock } from '@latchkey/server';
import { askFolderHolder, FolderInUse } from '@latchkey/store';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { addInstanceCommands, addRegistrationCommands } from './add-instance-commands.ts';
import { addApiCommands, type LocalAction } from './api-commands.ts';
import { addApplyCommands } from './apply-command.ts';
import { addBackupCommands } from './backup-commands.ts';
import { addCompletionCommand } from './completion-command.ts';
import {
  type Configuration,
  ConfigurationProblem,
  readConfiguration,
  refuseUnsafeDefaults,
  settingDescriptions,
} from './configuration.ts';
import { addConvertCommands } from './convert/convert-command.ts';
import { demo, demoAdministratorPassword, demoMasterKeys } from './demo-command.ts';
import type { ExampleUrls } from './demo-examples.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { exitCodeLines } from './exit-codes.ts';
import { addReadingCommands } from './export-command.ts';
import { addInitCommand } from './init-command.ts';
import { keyAlgorithms } from './key-commands.ts';
import { refuseMissingDatabase } from './local-session.ts';
import { addLoginCommands } from './login-command.ts';
import { openStore } from './open-runtime.ts';
import {
  type OperatorAnswer,
  type OperatorCommand,
  operatorCommand,
  runOperatorCommand,
} from './operator-commands.ts';
import { serve } from './serve-command.ts';
import { serveWithWorkers } from './serve-workers.ts';
import { addUserCredentialCommands } from './user-credential-program.ts';
import { serveAsWorker, workerNumber } from './worker.ts';

function configurationOf(options: { readonly config?: string }): Configuration {
  return readConfiguration(process.env, options.config);
}

async function runServe(options: { readonly config?: string }): Promise<void> {
  const configuration = configurationOf(options);
  refuseUnsafeDefaults(configuration);
  const { logLevel, origin: issuer, workers } = configuration;
  const worker = workerNumber();
  if (worker !== undefined)
    return await serveAsWorker(configuration, createLogger(logLevel, undefined, { worker }));
  const log = createLogger(logLevel);
  if (workers > 1)
    return await serveWithWorkers(configuration, log, (port) =>
      log.info({ port, issuer, workers }, 'Latchkey answers'),
    );
  await serve(configuration, log, (_, port) => log.info({ port, issuer }, 'Latchkey answers'));
}

async function runDemo(
  options: { readonly config?: string; readonly folder: string } & ExampleUrls,
): Promise<void> {
  const configured = configurationOf(options);
  if (configured.workers > 1)
    throw new ConfigurationProblem('The demo runs as one process. Leave LATCHKEY_WORKERS out.');
  const { loginName, password = demoAdministratorPassword(options.folder) } = configured.administrator;
  const configuration: Configuration = {
    ...configured,
    masterKeys: configured.masterKeys ?? demoMasterKeys(options.folder),
    // The demo is for this machine alone, unless told otherwise.
    host: configured.host ?? '127.0.0.1',
    logLevel: process.env.LATCHKEY_LOG_LEVEL === undefined ? 'warn' : configured.logLevel,
    administrator: { loginName, password },
    drainDelayMs: 0,
    drainMs: 3000,
  };
  const places = {
    folder: options.folder,
    urls: {
      quotesWeb: options.quotesWeb.replace(/\/$/, ''),
      quotesApi: options.quotesApi.replace(/\/$/, ''),
      newsWeb: options.newsWeb.replace(/\/$/, ''),
      newsApi: options.newsApi.replace(/\/$/, ''),
    },
  };
  await demo(configuration, createLogger(configuration.logLevel), places);
}

/** How long a command waits for the database; a server waits as long as it takes. */
const commandPatienceMs = 30_000;

async function runMigrate(options: { readonly config?: string }): Promise<void> {
  const configuration = configurationOf(options);
  const log = createLogger(configuration.logLevel);
  const { store } = await openStore(configuration, log, 'migrate', { log, forMs: commandPatienceMs });
  await store.close();
  console.log('The database schema is up to date.');
}

function isAnswer(value: unknown): value is OperatorAnswer {
  return typeof value === 'object' && value !== null && 'message' in value && 'kind' in value;
}

/** Asks the server that holds the embedded database's folder; opens the database itself when none runs. */
async function carryOut(configuration: Configuration, command: OperatorCommand): Promise<OperatorAnswer> {
  const checked = operatorCommand.safeParse(command);
  if (!checked.success) return { kind: 'failed', message: z.prettifyError(checked.error) };
  try {
    const log = createLogger('warn');
    const patience = { log, forMs: commandPatienceMs };
    const { store, masterKeys } = await openStore(configuration, log, 'migrate', patience);
    try {
      return await runOperatorCommand({ store, clock: systemClock, masterKeys }, command);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    const answer = await askFolderHolder(error.dataDir, command);
    return isAnswer(answer) ? answer : { kind: 'failed', message: 'The running server gave no answer.' };
  }
}

interface OperatorOptions {
  readonly config?: string;
  readonly folder: string;
}

function operatorConfiguration(options: OperatorOptions): Configuration {
  const configured = configurationOf(options);
  refuseMissingDatabase(configured);
  return { ...configured, masterKeys: configured.masterKeys ?? demoMasterKeys(options.folder) };
}

async function runOperator(command: OperatorCommand, options: OperatorOptions): Promise<void> {
  const configuration = operatorConfiguration(options);
  tell(await carryOut(configuration, command));
}

/** The sentence for people; what a script wants goes alone to standard output. */
function tell(answer: OperatorAnswer): void {
  if (answer.kind === 'failed') throw new ConfigurationProblem(answer.message);
  if (answer.output !== undefined) console.error(answer.message);
  console.log(answer.output ?? answer.message);
}

const stateVerbs = { activate: 'active', deactivate: 'inactive', lock: 'locked', remove: 'removed' } as const;

/** The state verbs beside the data folder, by the command that does the same over the API. */
function localStateVerbs(): ReadonlyMap<string, LocalAction> {
  const kinds = {
    users: 'user',
    apps: 'application',
    projects: 'project',
    organizations: 'organization',
  } as const;
  const verbs = new Map<string, LocalAction>();
  for (const [noun, kind] of Object.entries(kinds))
    for (const [verb, state] of Object.entries(stateVerbs))
      if (verb !== 'lock' || kind === 'user')
        verbs.set(`${noun} ${verb}`, (name, options) =>
          runOperator({ command: 'set-state', kind, name, state }, options),
        );
  return verbs;
}

/** Adds commands that work beside the data folder to a group. */
function addOperatorCommand(group: Command): (usage: string, description: string) => Command {
  return (usage, description) =>
    group
      .command(usage)
      .description(description)
      .option('--config <file>', 'JSON file with settings')
      .option('--folder <folder>', 'folder of the demo', '.latchkey');
}

function addKeyCommands(keys: Command): void {
  const add = addOperatorCommand(keys);
  add('rotate', 'publish the next signing keys; run again a day later, it lets them sign').action(
    (options: OperatorOptions) => runOperator({ command: 'rotate-keys' }, options),
  );
  add('list', 'show the keys: kid, algorithm, state, since when').action((options: OperatorOptions) =>
    runOperator({ command: 'list-keys' }, options),
  );
  add('rewrap', 'wrap all data keys with the first master key, so that the others can be removed').action(
    (options: OperatorOptions) => runOperator({ command: 'rewrap-data-keys' }, options),
  );
  add('create', 'publish a new key; the first of an algorithm signs at once')
    .addOption(
      new Option('--algorithm <algorithm>', 'how it signs').choices(keyAlgorithms).makeOptionMandatory(),
    )
    .addOption(new Option('--rsa-bits <bits>', 'size of an RSA key').choices(['2048', '3072', '4096']))
    .action((options: OperatorOptions & { algorithm: string; rsaBits?: string }) => {
      const rsaBits = options.rsaBits === undefined ? {} : { rsaBits: Number(options.rsaBits) };
      const wish = { command: 'create-key', algorithm: options.algorithm, ...rsaBits };
      // cast: the choices of the two options are those of the command, which is checked before it is carried out
      return runOperator(wish as OperatorCommand, options);
    });
  add('activate <kid>', 'let a published key sign; the one before it retires')
    .option('--now', 'also when key sets kept by clients do not have it yet')
    .action((keyId: string, options: OperatorOptions & { now?: true }) =>
      runOperator(
        {
          command: 'change-key',
          verb: 'activate',
          keyId,
          haste: options.now === true ? 'now' : 'when-known',
        },
        options,
      ),
    );
  const meanings = {
    retire: 'let the next key take over from this one, or withdraw one that never signed',
    revoke: 'emergency: take the key out at once; what it signed is dead, a new one signs',
  } as const;
  for (const verb of ['retire', 'revoke'] as const)
    add(`${verb} <kid>`, meanings[verb]).action((keyId: string, options: OperatorOptions) =>
      runOperator({ command: 'change-key', verb, keyId, haste: 'when-known' }, options),
    );
}

/** Every command with its options. */
export function createProgram(): Command {
  const program = new Command('latchkey')
    .description('Latchkey: self-hosted identity platform')
    .version('0.1.0')
    .exitOverride();
  program.addHelpText(
    'after',
    `\nSettings (environment or a JSON file given by --config):\n${Object.entries(settingDescriptions)
      .map(([name, text]) => `  ${name}\n      ${text}`)
      .join('\n')}\n\nExit codes:\n${exitCodeLines()
      .map((line) => `  ${line}`)
      .join('\n')}`,
  );
  program
    .command('serve')
    .description('run the server')
    .option('--config <file>', 'JSON file with settings')
    .action(runServe);
  program
    .command('demo')
    .description('run the server with demo data')
    .option('--config <file>', 'JSON file with settings')
    .option('--folder <folder>', 'folder for demo.json and keys', '.latchkey')
    .option('--quotes-web <url>', 'address of the quotes front end', 'http://localhost:3000')
    .option('--quotes-api <url>', 'address of the quotes API', 'http://localhost:5000')
    .option('--news-web <url>', 'address of the news front end', 'http://localhost:3001')
    .option('--news-api <url>', 'address of the news API', 'http://localhost:5001')
    .action(runDemo);
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .option('--config <file>', 'JSON file with settings')
    .action(runMigrate);
  addBackupCommands(program, operatorConfiguration, (mode, options) =>
    runOperator({ command: 'restored', mode }, options),
  );
  addLoginCommands(program);
  addInitCommand(program);
  addApplyCommands(program);
  addReadingCommands(program);
  addConvertCommands(program);
  addDoctorCommand(program);
  addApiCommands(program, localStateVerbs());
  const users = program.commands.find((command) => command.name() === 'users');
  if (users !== undefined)
    addUserCredentialCommands(users, {
      carryOut: (command, options) => carryOut(operatorConfiguration(options), command),
      tell,
    });
  addKeyCommands(
    program.command('keys').description('signing keys, and the master keys that wrap what is encrypted'),
  );
  addInstanceCommands(program, runOperator);
  addRegistrationCommands(program, runOperator);
  addCompletionCommand(program);
  return program;
}
