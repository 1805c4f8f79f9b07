import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { z } from 'zod';
import { type ApiSession, openApiSession, type SessionOptions } from './api-session.ts';
import { readReference } from './command-options.ts';
import { CommandProblem } from './exit-codes.ts';
import { type LocalOptions, withLocalOptions, withLocalSession } from './local-session.ts';
import { withSessionOptions } from './login-command.ts';

interface ExportOptions extends SessionOptions, LocalOptions {
  readonly local?: true;
  readonly output?: string;
  readonly users?: string;
  readonly json?: true;
}

async function exportConfiguration(options: ExportOptions): Promise<void> {
  const { output, users, json, local, config, folder, ...who } = options;
  const query = users === undefined ? {} : { users };
  const ask = (session: ApiSession) => session.call('exportConfiguration', { query });
  const { data } = local ? await withLocalSession(options, 'refuse', ask) : await ask(openApiSession(who));
  const isJson = json || output?.endsWith('.json');
  const text = isJson ? `${JSON.stringify(data, null, 2)}\n` : stringify(data);
  if (output === undefined || output === '-') process.stdout.write(text);
  else writeFileSync(output, text, { mode: 0o600 });
}

const explained = z.object({
  verdict: z.string(),
  summary: z.string(),
  checks: z.array(
    z.object({ check: z.string(), outcome: z.string(), detail: z.string(), fix: z.string().nullable() }),
  ),
});
const marks: Readonly<Record<string, string>> = { passed: '✓', failed: '✗' };

async function explain(
  token: string,
  { client, json, ...who }: SessionOptions & { readonly client: string; readonly json?: true },
): Promise<void> {
  const text = token === '-' ? readReference('@-').trim() : token;
  if (text === '') throw new CommandProblem('usage', 'There is no token on standard input.');
  const body = { token: text, clientId: client };
  const { data } = await openApiSession(who).call('explainToken', { body });
  if (json) return console.log(JSON.stringify(data, null, 2));
  const { verdict, summary, checks } = explained.parse(data);
  console.log(`${verdict}: ${summary}`);
  for (const { check, outcome, detail, fix } of checks) {
    console.log(`${marks[outcome] ?? '?'} ${check}: ${detail}`);
    if (fix !== null) console.log(`    ${fix}`);
  }
}

/** `latchkey export` and `explain`. */
export function addReadingCommands(program: Command): void {
  withLocalOptions(
    withSessionOptions(
      program.command('export').description('write the configuration, without secrets and ids'),
    ),
  )
    .option('-o, --output <file>', 'where to; standard output when left out')
    .addOption(new Option('--users <which>', 'which users to tell').choices(['all', 'machines', 'none']))
    .action(exportConfiguration);
  withSessionOptions(
    program
      .command('explain <token>')
      .description('say why an API is told that a token is active, or not; - reads it'),
  )
    .requiredOption('--client <client id>', 'the client id of the API that asks')
    .action(explain);
}
