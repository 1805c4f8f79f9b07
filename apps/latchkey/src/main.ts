#!/usr/bin/env node
import { createLogger, MasterKeyProblem, systemClock } from '@latchkey/server';
import { askFolderHolder, DatabaseUnavailable, FolderInUse, FolderNotWritable } from '@latchkey/store';
import { Command } from 'commander';
import {
  type Configuration,
  ConfigurationProblem,
  readConfiguration,
  refuseUnsafeDefaults,
  settingDescriptions,
} from './configuration.ts';
import { demo, demoAdministratorPassword, demoMasterKeys } from './demo-command.ts';
import { openStore } from './open-runtime.ts';
import { type OperatorAnswer, type OperatorCommand, runOperatorCommand } from './operator-commands.ts';
import { serve } from './serve-command.ts';

function configurationOf(options: { readonly config?: string }): Configuration {
  return readConfiguration(process.env, options.config);
}

async function runServe(options: { readonly config?: string }): Promise<void> {
  const configuration = configurationOf(options);
  refuseUnsafeDefaults(configuration);
  const log = createLogger(configuration.logLevel);
  await serve(configuration, log, (_, port) =>
    log.info({ port, issuer: configuration.origin }, 'Latchkey answers'),
  );
}

async function runDemo(options: {
  readonly config?: string;
  readonly folder: string;
  readonly quotesWeb: string;
  readonly quotesApi: string;
}): Promise<void> {
  const configured = configurationOf(options);
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
    quotesWeb: options.quotesWeb.replace(/\/$/, ''),
    quotesApi: options.quotesApi.replace(/\/$/, ''),
  };
  await demo(configuration, createLogger(configuration.logLevel), places);
}

async function runMigrate(options: { readonly config?: string }): Promise<void> {
  const configuration = configurationOf(options);
  const { store } = await openStore(configuration, createLogger(configuration.logLevel));
  await store.close();
  console.log('The database schema is up to date.');
}

function isAnswer(value: unknown): value is OperatorAnswer {
  return typeof value === 'object' && value !== null && 'message' in value && 'kind' in value;
}

/** Asks the server that holds the embedded database's folder; opens the database itself when none runs. */
async function carryOut(configuration: Configuration, command: OperatorCommand): Promise<OperatorAnswer> {
  try {
    const { store, masterKeys } = await openStore(configuration, createLogger('error'));
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

async function runOperator(
  command: OperatorCommand,
  options: { readonly config?: string; readonly folder: string },
): Promise<void> {
  const configured = configurationOf(options);
  const configuration = {
    ...configured,
    masterKeys: configured.masterKeys ?? demoMasterKeys(options.folder),
  };
  const answer = await carryOut(configuration, command);
  if (answer.kind === 'failed') throw new ConfigurationProblem(answer.message);
  console.log(answer.message);
}

const stateVerbs = { activate: 'active', deactivate: 'inactive', lock: 'locked', remove: 'removed' } as const;

function addStateCommands(
  program: Command,
  noun: string,
  kind: 'user' | 'application' | 'project' | 'organization',
  named: string,
): void {
  const group = program.command(noun).description(`change the state of ${noun}`);
  for (const [verb, state] of Object.entries(stateVerbs)) {
    if (verb === 'lock' && kind !== 'user') continue;
    group
      .command(`${verb} <name>`)
      .description(`${verb} by ${named}; tokens die within a second`)
      .option('--config <file>', 'JSON file with settings')
      .option('--folder <folder>', 'folder of the demo', '.latchkey')
      .action((name: string, options: { folder: string }) =>
        runOperator({ command: 'set-state', kind, name, state }, options),
      );
  }
}

function createProgram(): Command {
  const program = new Command('latchkey')
    .description('Latchkey: self-hosted identity platform')
    .version('0.1.0');
  program.addHelpText(
    'after',
    `\nSettings (environment or a JSON file given by --config):\n${Object.entries(settingDescriptions)
      .map(([name, text]) => `  ${name}\n      ${text}`)
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
    .action(runDemo);
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .option('--config <file>', 'JSON file with settings')
    .action(runMigrate);
  addStateCommands(program, 'users', 'user', 'login name');
  addStateCommands(program, 'apps', 'application', 'client_id');
  addStateCommands(program, 'projects', 'project', 'id');
  addStateCommands(program, 'organizations', 'organization', 'id');
  program
    .command('keys')
    .description('signing keys')
    .command('rotate')
    .description('publish the next signing keys now; they sign a day later')
    .option('--config <file>', 'JSON file with settings')
    .option('--folder <folder>', 'folder of the demo', '.latchkey')
    .action((options: { folder: string }) => runOperator({ command: 'rotate-keys' }, options));
  return program;
}

function isExpected(error: unknown): error is Error {
  return [ConfigurationProblem, MasterKeyProblem, FolderInUse, FolderNotWritable, DatabaseUnavailable].some(
    (kind) => error instanceof kind,
  );
}

try {
  await createProgram().parseAsync();
} catch (error) {
  console.error(isExpected(error) ? error.message : error);
  process.exit(1);
}
