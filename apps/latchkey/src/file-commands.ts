import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { ApiProblem } from '@latchkey/contract/client';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { z } from 'zod';
import { openApiSession, type SessionOptions } from './api-session.ts';
import { type ConfigurationFile, readConfigurationFile } from './configuration-file.ts';
import { CommandProblem } from './exit-codes.ts';
import { withSessionOptions } from './login-command.ts';

type Given = SessionOptions & { readonly json?: true };
type ApplyGiven = Given & {
  readonly file: string;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly prune?: true;
  readonly secrets?: string;
};

const plan = z.object({
  changes: z.array(
    z.object({
      action: z.enum(['create', 'change', 'delete']),
      kind: z.string(),
      path: z.string(),
      changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
    }),
  ),
  digest: z.string(),
});
const applied = plan.extend({
  secrets: z.array(z.looseObject({ path: z.string(), clientId: z.string() })),
  objects: z.array(z.looseObject({ path: z.string(), kind: z.string(), clientId: z.string().optional() })),
});

type Plan = z.infer<typeof plan>;

const signs = { create: '+', change: '~', delete: '-' } as const;

/** A plan for people: what is made, changed and removed, with old and new values. */
export function formatPlan({ changes }: Plan): string {
  const lines = changes.flatMap(({ action, kind, path, changes: fields }) => [
    `${signs[action]} ${kind} ${path}`,
    ...fields.map(({ field, from, to }) =>
      action === 'create'
        ? `    ${field}: ${JSON.stringify(to)}`
        : `    ${field}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
    ),
  ]);
  const count = (action: Plan['changes'][number]['action']): number =>
    changes.filter((each) => each.action === action).length;
  return [
    ...lines,
    `${count('create')} to create, ${count('change')} to change, ${count('delete')} to delete.`,
  ].join('\n');
}

/** Says where in the file each problem is. */
function withPlaces(error: unknown, file: ConfigurationFile): unknown {
  if (!(error instanceof ApiProblem) || error.problem.errors === undefined) return error;
  const lines = error.problem.errors.map(({ pointer, detail }) => {
    // The document stands below `document` in the body of an apply.
    const at = pointer.replace(/^\/document/, '');
    return `${file.placeOf(at)}: ${at}: ${detail}`;
  });
  return new CommandProblem('invalidInput', [...lines, 'Nothing was applied.'].join('\n'));
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CommandProblem('usage', 'Nobody can be asked here; add --yes to apply.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Apply? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function applyFile(given: ApplyGiven): Promise<void> {
  const file = readConfigurationFile(given.file);
  const document = given.prune === true ? { ...Object(file.document), prune: true } : file.document;
  const session = openApiSession(given);
  try {
    const planned = plan.parse((await session.call('planConfiguration', { body: document })).data);
    if (given.dryRun === true || planned.changes.length === 0) {
      console.log(given.json === true ? JSON.stringify(planned, null, 2) : formatPlan(planned));
      return;
    }
    console.error(formatPlan(planned));
    if (given.yes !== true && !(await confirmed())) {
      console.error('Nothing was applied.');
      return;
    }
    const startedAt = performance.now();
    console.error(`Applying ${planned.changes.length} changes …`);
    const body = { document, digest: planned.digest };
    const done = applied.parse((await session.call('applyConfiguration', { body })).data);
    console.error(
      `Applied ${done.changes.length} changes in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`,
    );
    const told = { objects: done.objects, secrets: done.secrets };
    if (given.secrets !== undefined) {
      writeFileSync(given.secrets, `${JSON.stringify(told, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      console.error(`Client ids and secrets are in ${given.secrets}.`);
    } else
      console.log(JSON.stringify(given.json === true ? { ...told, changes: done.changes } : told, null, 2));
  } catch (error) {
    throw withPlaces(error, file);
  }
}

async function exportFile(
  given: Given & { readonly output?: string; readonly users: string },
): Promise<void> {
  const session = openApiSession(given);
  const { data } = await session.call('exportConfiguration', { query: { users: given.users } });
  const text = given.json === true ? `${JSON.stringify(data, null, 2)}\n` : stringify(data);
  if (given.output === undefined) process.stdout.write(text);
  else writeFileSync(given.output, text);
}

/** Adds the commands that apply and export configuration files. */
export function addFileCommands(program: Command): void {
  withSessionOptions(program.command('apply').description('bring Latchkey to what a YAML or JSON file says'))
    .requiredOption('-f, --file <file>', 'the file, or - for standard input')
    .option('-y, --yes', 'do not ask')
    .option('--dry-run', 'only show the plan')
    .option('--prune', 'remove what lists in the file lack')
    .option('--secrets <file>', 'write client ids and new secrets to this file, which must not be there yet')
    .action(applyFile);
  withSessionOptions(program.command('export').description('write the configuration as such a file'))
    .option('-o, --output <file>', 'where to; standard output when left out')
    .option('--users <which>', 'all, machines or none', 'all')
    .action(exportFile);
}
