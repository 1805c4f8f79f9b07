import { existsSync } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pipeline } from 'node:stream/promises';
import { createLogger, type MasterKeyRing, systemClock } from '@latchkey/server';
import {
  askFolderHolder,
  countServerConnections,
  createStore,
  FolderInUse,
  openPglite,
  openPostgres,
  replaceDatabaseFolder,
  restorePendingScript,
} from '@latchkey/store';
import type { Command } from 'commander';
import { z } from 'zod';
import { kindOfBackup, packBackup, unpackBackup } from './backup-file.ts';
import { type Configuration, ConfigurationProblem } from './configuration.ts';
import { openStore, readMasterKeys } from './open-runtime.ts';
import type { OperatorAnswer } from './operator-answer.ts';
import { libpqTarget, startTool } from './postgres-tools.ts';
import { withProgress } from './progress-line.ts';
import { runRestoredCommand } from './restored-command.ts';

/** Where the settings are. */
export interface PlaceOptions {
  readonly config?: string;
  readonly folder: string;
}

/** Settings of a command, with the demo's master key where none is configured. */
type ReadConfiguration = (options: PlaceOptions) => Configuration;

const copyTimeoutMs = 600_000;

/** Copies the database's files, or has the server do it that holds them. Resolves to the folder with the copy. */
async function copyOrAsk(configuration: Configuration, dataDir: string): Promise<string> {
  try {
    const { store } = await openStore(configuration, createLogger('error'));
    try {
      return (await store.engine.copyFiles?.()) ?? '';
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    const answer = await askFolderHolder(dataDir, { command: 'copy-files' }, { timeoutMs: copyTimeoutMs });
    const parsed = z.object({ kind: z.literal('done'), output: z.string() }).safeParse(answer);
    if (!parsed.success) throw new ConfigurationProblem('The running server did not copy its files.');
    return parsed.data.output;
  }
}

async function backUpEmbedded(configuration: Configuration, dataDir: string, draft: string): Promise<void> {
  if (!existsSync(join(dataDir, 'postgres')))
    throw new ConfigurationProblem(`${dataDir} holds no database; there is nothing to back up.`);
  const folder = await copyOrAsk(configuration, dataDir);
  try {
    await packBackup(folder, draft, new Date().toISOString());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function backUp(file: string, configuration: Configuration, force: boolean): Promise<void> {
  const { database } = configuration;
  if (existsSync(file) && !force)
    throw new ConfigurationProblem(`${file} is there already. Name another file, or add --force.`);
  const draft = `${resolve(file)}.new`;
  try {
    if (database.kind === 'embedded') await backUpEmbedded(configuration, database.dataDir, draft);
    else {
      const { url, env } = libpqTarget(database.url);
      const args = ['--format=custom', '--no-owner', '--no-privileges', `--file=${draft}`, `--dbname=${url}`];
      const dump = startTool({ program: 'pg_dump', args, env });
      dump.stdin.end();
      await dump.done;
    }
    // It holds password hashes, and keys that the master keys open.
    await chmod(draft, 0o600);
    await rename(draft, resolve(file));
  } finally {
    await rm(draft, { force: true });
  }
  const ids = readMasterKeys(configuration).map(({ id }) => id);
  console.log(
    `Backed up to ${file}. It is of use only together with the master key that is not in it (${ids.join(', ')}).`,
  );
}

function wordsOf({ message, output }: OperatorAnswer): string {
  return output === undefined ? message : `${message}\n${output}`;
}

async function restoreEmbedded(file: string, dataDir: string, masterKeys: MasterKeyRing): Promise<string> {
  const summary = { text: '' };
  const kept = await replaceDatabaseFolder(dataDir, async (draft) => {
    const { createdAt } = await unpackBackup(file, draft);
    const store = createStore(await openPglite({ dataDir: draft, durable: 'fsync' }));
    try {
      await store.migrate();
      const answer = await runRestoredCommand({ store, clock: systemClock, masterKeys }, 'end');
      summary.text = `Restored the backup of ${createdAt}. ${wordsOf(answer)}`;
    } finally {
      await store.close();
    }
  });
  return kept === undefined
    ? summary.text
    : `${summary.text}\nThe replaced database is in ${kept}; delete it when you no longer need it.`;
}

/** Names the servers that work on a database now. */
async function findServers(url: string): Promise<number> {
  const store = createStore(await openPostgres({ url, poolSize: 1, applicationName: 'restore' }));
  try {
    return await countServerConnections(store.db);
  } finally {
    await store.close();
  }
}

async function restorePostgres(file: string, configuration: Configuration, url: string): Promise<string> {
  const servers = await findServers(url);
  if (servers > 0)
    throw new ConfigurationProblem(
      `Servers have ${servers} connections to this database. Stop all of them, then restore.`,
    );
  const target = libpqTarget(url);
  const script = startTool({
    program: 'pg_restore',
    args: ['--clean', '--if-exists', '--no-owner', '--no-privileges', '--file=-', file],
    env: target.env,
  });
  script.stdin.end();
  const psql = startTool({
    program: 'psql',
    args: ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--output=/dev/null', `--dbname=${target.url}`],
    env: target.env,
  });
  // One transaction: the whole backup and the mark that nobody may serve it yet, or nothing. A script that ends half-way is
  // never committed, since the commit is sent only once all of it was made.
  psql.stdin.write('begin;\n');
  const both = Promise.all([script.done, psql.done]);
  both.catch(() => undefined);
  await pipeline(script.stdout, psql.stdin, { end: false }).catch(() => undefined);
  try {
    await script.done;
    psql.stdin.end(`\n${restorePendingScript.replace('exists ', 'exists public.')}\ncommit;\n`);
  } catch (error) {
    psql.stdin.end('\nrollback;\n');
    await psql.done.catch(() => undefined);
    throw error;
  }
  await psql.done;
  const { store, masterKeys } = await openStore(configuration, createLogger('error'));
  try {
    const answer = await runRestoredCommand({ store, clock: systemClock, masterKeys }, 'end');
    return `Restored ${file}. ${wordsOf(answer)}`;
  } finally {
    await store.close();
  }
}

async function confirm(question: string, isAgreed: boolean): Promise<void> {
  if (isAgreed) return;
  if (!process.stdin.isTTY)
    throw new ConfigurationProblem(`${question}\nNobody can be asked here; confirm with --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new ConfigurationProblem('Nothing was changed.');
}

async function restore(file: string, configuration: Configuration, isAgreed: boolean): Promise<void> {
  const { database } = configuration;
  const masterKeys = readMasterKeys(configuration);
  const kind = await kindOfBackup(file);
  if (kind === 'unknown') throw new ConfigurationProblem(`${file} is no backup made by \`latchkey backup\`.`);
  if ((kind === 'embedded') !== (database.kind === 'embedded'))
    throw new ConfigurationProblem(
      kind === 'embedded'
        ? `${file} is of an embedded database, and DATABASE_URL names a PostgreSQL server. Restore it where DATABASE_URL is not set.`
        : `${file} is of a PostgreSQL server. Set DATABASE_URL to the database to restore it into.`,
    );
  await confirm(
    'This replaces the database. Everybody signs in again, and tokens, codes, personal access tokens and signing keys issued before are worth nothing. Go on?',
    isAgreed,
  );
  const said =
    database.kind === 'embedded'
      ? await withProgress('Restoring', () => restoreEmbedded(file, database.dataDir, masterKeys))
      : await withProgress('Restoring', () => restorePostgres(file, configuration, database.url));
  console.log(said);
}

function withPlace(command: Command): Command {
  return command
    .option('--config <file>', 'JSON file with settings')
    .option('--folder <folder>', 'folder of the demo', '.latchkey');
}

/** `latchkey backup`, `latchkey restore` and `latchkey restored`. */
export function addBackupCommands(
  program: Command,
  configurationOf: ReadConfiguration,
  tellRestored: (mode: 'end' | 'keep', options: PlaceOptions) => Promise<void>,
): void {
  withPlace(
    program
      .command('backup <file>')
      .description('write the whole database to a file, also while servers run'),
  )
    .option('--force', 'replace the file')
    .action((file: string, options: PlaceOptions & { force?: true }) =>
      withProgress('Backing up', () => backUp(file, configurationOf(options), options.force === true)),
    );
  withPlace(
    program
      .command('restore <file>')
      .description('replace the database by a backup; what was issued before is worth nothing afterwards'),
  )
    .option('--yes', 'do not ask')
    .action((file: string, options: PlaceOptions & { yes?: true }) =>
      restore(file, configurationOf(options), options.yes === true),
    );
  withPlace(
    program
      .command('restored')
      .description('end what was issued before, after a backup was restored by other means'),
  )
    .option('--yes', 'do not ask')
    .option('--keep-issued', 'the database was only moved, with all servers stopped: end nothing')
    .action(async (options: PlaceOptions & { yes?: true; keepIssued?: true }) => {
      const mode = options.keepIssued === true ? 'keep' : 'end';
      const question =
        mode === 'end'
          ? 'Everybody signs in again, and tokens, codes, personal access tokens and signing keys issued before are worth nothing. Go on?'
          : 'Tokens that were revoked after the dump was made count again. Go on?';
      await confirm(question, options.yes === true);
      await tellRestored(mode, options);
    });
}
