import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { ApiProblem } from '@latchkey/contract/client';
import type { Command } from 'commander';
import { z } from 'zod';
import { type ApiSession, openApiSession, type SessionOptions } from './api-session.ts';
import { complianceWarning, warningText } from './compliance-warnings.ts';
import { type ConfigurationFile, readConfigurationFile } from './configuration-file.ts';
import { CommandProblem } from './exit-codes.ts';
import { type LocalOptions, withLocalOptions, withLocalSession } from './local-session.ts';
import { withSessionOptions } from './login-command.ts';
import { withProgress } from './progress-line.ts';

interface ApplyOptions extends SessionOptions, LocalOptions {
  readonly local?: true;
  readonly file: string;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly prune?: true;
  readonly secrets?: string;
  readonly json?: true;
}

const plan = z.object({
  digest: z.string(),
  changes: z.array(
    z.object({
      action: z.enum(['create', 'change', 'delete']),
      kind: z.string(),
      path: z.string(),
      changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
    }),
  ),
  // Servers of before do not tell them.
  warnings: z.array(complianceWarning.extend({ path: z.string() })).default([]),
});
const applied = z.object({
  secrets: z.array(z.looseObject({ path: z.string(), clientId: z.string() })),
  objects: z.array(z.looseObject({ path: z.string(), clientId: z.string().nullish() })),
});
const signs = { create: '+', change: '~', delete: '-' } as const;

function planText({ changes, warnings }: z.infer<typeof plan>): string {
  const told = (value: unknown): string => JSON.stringify(value) ?? '(none)';
  const lines = changes.flatMap(({ action, kind, path, changes: fields }) => [
    `${signs[action]} ${action} ${kind} ${path}`,
    ...(action === 'change'
      ? fields.map(({ field, from, to }) => `    ${field}: ${told(from)} → ${told(to)}`)
      : []),
  ]);
  const count = (wanted: string): number => changes.filter(({ action }) => action === wanted).length;
  return [
    ...lines,
    ...warnings.map(({ path, ...warning }) => `${path}: ${warningText(warning)}`),
    `${count('create')} to create, ${count('change')} to change, ${count('delete')} to delete.`,
  ].join('\n');
}

async function isAgreed(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CommandProblem(
      'usage',
      'Nobody is there to agree to the plan: add --yes, or --dry-run to only look.',
    );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question('Apply this? [y/N] ')).trim());
  } finally {
    lines.close();
  }
}

/** The client ids of applications that were made: a front end needs its own, and has no secret that would tell it. */
function tellClientIds(answer: unknown, { changes }: z.infer<typeof plan>): void {
  const made = new Set(
    changes
      .filter(({ action, kind }) => action === 'create' && kind === 'application')
      .map(({ path }) => path),
  );
  const lines = applied
    .parse(answer)
    .objects.flatMap(({ path, clientId }) =>
      made.has(path) && typeof clientId === 'string' ? [`  ${path}: ${clientId}`] : [],
    );
  if (lines.length > 0) console.error(['Client ids:', ...lines].join('\n'));
}

function tellSecrets(answer: unknown, path: string | undefined): void {
  const { secrets } = applied.parse(answer);
  if (secrets.length === 0) return;
  const text = JSON.stringify(secrets, null, 2);
  if (path === undefined) {
    console.error('Secrets, shown this once:');
    console.log(text);
    return;
  }
  try {
    writeFileSync(path, `${text}\n`, { mode: 0o600, flag: 'wx' });
    console.error(`Secrets are in ${path}; only you can read it.`);
  } catch (cause) {
    console.log(text);
    throw new CommandProblem('unexpected', `${path} cannot be written; the secrets are printed instead.`, {
      cause,
    });
  }
}

/** A refusal of the file, with the places of what is wrong in it. */
function located(error: unknown, file: ConfigurationFile, prefix: string): unknown {
  if (!(error instanceof ApiProblem) || error.problem.errors === undefined) return error;
  const places = error.problem.errors.map(({ pointer, detail }) => {
    const inFile = pointer.startsWith(prefix) ? pointer.slice(prefix.length) : pointer;
    return `${file.placeOf(inFile)}: ${inFile}: ${detail}`;
  });
  return new CommandProblem('invalidInput', `Nothing was applied.\n${places.join('\n')}`);
}

async function callFor(
  session: ApiSession,
  file: ConfigurationFile,
  id: 'planConfiguration' | 'applyConfiguration',
  body: unknown,
): Promise<unknown> {
  try {
    return (await session.call(id, { body })).data;
  } catch (error) {
    throw located(error, file, id === 'applyConfiguration' ? '/document' : '');
  }
}

async function applyFile(session: ApiSession, file: ConfigurationFile, options: ApplyOptions): Promise<void> {
  const document = options.prune ? { ...file.document, prune: true } : file.document;
  const planned = plan.parse(
    await withProgress('Planning', () => callFor(session, file, 'planConfiguration', document)),
  );
  // The plan is what was asked for here; where it is applied it is progress, and the answer comes on standard output.
  if (options.dryRun) return console.log(options.json ? JSON.stringify(planned, null, 2) : planText(planned));
  console.error(planText(planned));
  if (planned.changes.length > 0 && !options.yes && !(await isAgreed()))
    throw new CommandProblem('unexpected', 'Nothing was applied.');
  const answer = await withProgress(`Applying ${planned.changes.length} changes`, () =>
    callFor(session, file, 'applyConfiguration', { document, digest: planned.digest }),
  );
  if (options.json) console.log(JSON.stringify(answer, null, 2));
  else {
    tellClientIds(answer, planned);
    tellSecrets(answer, options.secrets);
  }
  console.error('Applied.');
}

async function apply(options: ApplyOptions): Promise<void> {
  const file = readConfigurationFile(options.file);
  if (options.local) {
    const whenMissing = options.dryRun ? 'refuse' : 'make';
    return await withLocalSession(options, whenMissing, (session) => applyFile(session, file, options));
  }
  await applyFile(openApiSession(options), file, options);
}

function withFile(command: Command): Command {
  return withLocalOptions(withSessionOptions(command))
    .requiredOption('-f, --file <file>', 'the configuration in YAML or JSON; - for standard input')
    .option('--prune', 'remove what the lists of the file lack');
}

/** `latchkey apply` and `plan`. */
export function addApplyCommands(program: Command): void {
  withFile(program.command('apply').description('make the server as a configuration file says'))
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only show what would change')
    .option('--secrets <file>', 'write new secrets to a new file that only you can read')
    .action((options: ApplyOptions) => apply(options));
  withFile(
    program.command('plan').description('show what applying a configuration file would change'),
  ).action((options: ApplyOptions) => apply({ ...options, dryRun: true }));
}
