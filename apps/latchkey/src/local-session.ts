import { existsSync } from 'node:fs';
import { type OperationId, problems } from '@latchkey/contract';
import { ApiProblem, type PlainCall } from '@latchkey/contract/client';
import { ApiError, createLogger } from '@latchkey/server';
import { FolderInUse } from '@latchkey/store';
import type { Command } from 'commander';
import type { ApiSession } from './api-session.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { demoMasterKeys } from './demo-command.ts';
import { CommandProblem } from './exit-codes.ts';
import { openRuntime, type Runtime } from './open-runtime.ts';

/** What happens where there is no database yet. */
type Missing = 'make' | 'refuse';

/** Where the database is that a command works on without a server. */
export interface LocalOptions {
  readonly config?: string;
  readonly folder?: string;
}

/** Throws `CommandProblem` where there is no database: one is made by starting the server or by `apply --local`, by nothing else. */
export function refuseMissingDatabase({ database }: Pick<Configuration, 'database'>): void {
  if (database.kind !== 'embedded' || existsSync(database.dataDir)) return;
  throw new CommandProblem(
    'notLoggedIn',
    `There is no database in ${database.dataDir}. Name one by DATABASE_URL, LATCHKEY_DATA_DIR or --config, or call a server: latchkey login https://id.example.com.`,
  );
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const { status, title, next } = problems[error.code];
  const body = { type: 'about:blank', title, status, code: error.code, detail: error.message, next };
  return new ApiProblem({ ...body, instance: '', ...error.extras });
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

async function answerOf(
  { server, bootstrapped }: Runtime,
  id: OperationId,
  input: PlainCall,
): Promise<unknown> {
  const desk = server.configuration(bootstrapped.instanceId);
  switch (id) {
    case 'planConfiguration':
      return await desk.plan(input.body);
    case 'applyConfiguration': {
      const digest = member(input.body, 'digest');
      return await desk.apply(
        member(input.body, 'document'),
        typeof digest === 'string' ? digest : undefined,
      );
    }
    case 'exportConfiguration': {
      const wanted = member(input.query, 'users');
      return await desk.export({ users: wanted === 'machines' || wanted === 'none' ? wanted : 'all' });
    }
    default:
      throw new CommandProblem('usage', 'This command needs a server; it does not work with --local.');
  }
}

async function openLocal({ config, folder = '.latchkey' }: LocalOptions, when: Missing): Promise<Runtime> {
  const configured = readConfiguration(process.env, config);
  if (when === 'refuse') refuseMissingDatabase(configured);
  const masterKeys = configured.masterKeys ?? demoMasterKeys(folder);
  try {
    return await openRuntime({ ...configured, masterKeys }, createLogger('error'));
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new CommandProblem(
      'conflict',
      `A server runs on the folder ${error.dataDir}; it must do this itself. Use: latchkey login ${configured.origin}, then the command without --local.`,
    );
  }
}

/**
 * Works on the database itself, where no server or login is there yet: the data folder or `DATABASE_URL` of the
 * configuration. What the configuration operations throw is as over the API.
 */
export async function withLocalSession<T>(
  options: LocalOptions,
  whenMissing: Missing,
  work: (session: ApiSession) => Promise<T>,
): Promise<T> {
  const runtime = await openLocal(options, whenMissing);
  try {
    return await work({
      issuer: 'local',
      call: async (id, input = {}) => {
        try {
          return { data: await answerOf(runtime, id, input), etag: undefined };
        } catch (error) {
          throw problemOf(error);
        }
      },
    });
  } finally {
    await runtime.close('at-once');
  }
}

/** Options of commands that also work on the database itself. */
export function withLocalOptions(command: Command): Command {
  return command
    .option('--local', 'work on the database itself, without server and login')
    .option('--config <file>', 'JSON file with settings (with --local)')
    .option('--folder <folder>', 'folder of the demo (with --local)', '.latchkey');
}
