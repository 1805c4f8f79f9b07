import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { ZodError, z } from 'zod';
import { CommandProblem } from '../exit-codes.ts';
import { type Converted, convertZitadel } from './convert-zitadel.ts';
import { readAdditions, readExport } from './zitadel-export.ts';

// A request of the management API holds 1 MB, and a file must be one.
const bytesOfFile = 700_000;

function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (cause) {
    throw new CommandProblem('usage', `${path} cannot be read.`, { cause });
  }
}

// ZITADEL's files can be larger than a request to us may be, and are an operator's own.
function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandProblem('invalidInput', `${path} is no JSON.`, { cause });
  }
}

/** JSON, or a JSON value on every line, as `psql -At -c "select row_to_json(…)"` writes it. */
function parsedLines(text: string, path: string): readonly unknown[] {
  const trimmed = text.trim();
  const lines = trimmed.split(/\r?\n/);
  if (lines.length > 1 && lines.every((line) => /^\{.*\}$/.test(line)))
    return lines.map((line) => parsed(line, path));
  return [parsed(trimmed, path)];
}

function inChunks<T>(items: readonly T[]): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  let bytes = bytesOfFile;
  for (const item of items) {
    const size = JSON.stringify(item).length;
    if (bytes + size > bytesOfFile) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)?.push(item);
    bytes += size;
  }
  return chunks;
}

/** The configuration files in the order to apply them, by name. */
export function filesOf(converted: Converted): readonly (readonly [name: string, document: unknown])[] {
  const { structure, people, authorizations, managers } = converted;
  const documents: (readonly [string, unknown])[] = [['organizations', structure]];
  for (const { organization, users } of people)
    for (const chunk of inChunks(users))
      documents.push(['people', { version: 1, organizations: [{ name: organization, users: chunk }] }]);
  for (const { organization, project, authorizations: held } of authorizations)
    for (const chunk of inChunks(held))
      documents.push([
        'authorizations',
        {
          version: 1,
          organizations: [{ name: organization, projects: [{ name: project, authorizations: chunk }] }],
        },
      ]);
  if ('organizations' in managers) documents.push(['managers', managers]);
  const digits = String(documents.length).length;
  return documents.map(([kind, document], index) => [
    `${String(index + 1).padStart(digits, '0')}-${kind}.yaml`,
    document,
  ]);
}

interface ConvertOptions {
  readonly with?: readonly string[];
  readonly out: string;
  readonly json?: true;
}

function readOrExplain(path: string) {
  try {
    return readExport(parsed(readText(path), path));
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    throw new CommandProblem(
      'invalidInput',
      `${path} is not what POST /admin/v1/export answers:\n${z.prettifyError(error)}`,
    );
  }
}

function write(folder: string, converted: Converted): readonly string[] {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    throw new CommandProblem('usage', `${folder} cannot be made; name a folder that is not there yet.`, {
      cause,
    });
  }
  return filesOf(converted).map(([name, document]) => {
    const path = join(folder, name);
    writeFileSync(path, stringify(document), { mode: 0o600 });
    return path;
  });
}

function convert(path: string, options: ConvertOptions): void {
  const added = (options.with ?? []).flatMap((each) => parsedLines(readText(each), each));
  const { unknown, ...additions } = readAdditions(added);
  if (unknown > 0)
    throw new CommandProblem(
      'invalidInput',
      `${unknown} entries of --with are neither rows of ZITADEL's application or machine tables nor answers of apps/_search.`,
    );
  const converted = convertZitadel(readOrExplain(path), additions, Date.now());
  const files = write(options.out, converted);
  const { counts, leftOut } = converted;
  if (options.json) {
    console.log(JSON.stringify({ files, counts, leftOut }, null, 2));
    return;
  }
  const told = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  console.error(`Read ${told.join(', ')}.`);
  if (leftOut.length > 0) console.error(`Not carried over (${leftOut.length}):`);
  for (const { where, what } of leftOut) console.error(`  ${where}: ${what}`);
  console.error('Apply the files in this order, by `latchkey apply -f FILE`:');
  for (const file of files) console.log(file);
}

/** `latchkey convert zitadel`. */
export function addConvertCommands(program: Command): void {
  program
    .command('convert')
    .description('make configuration files of what another system exports')
    .command('zitadel <export>')
    .description('of what ZITADEL answers to POST /admin/v1/export; - reads it')
    .requiredOption('--out <folder>', 'folder for the files; it must not be there yet')
    .option(
      '--with <file>',
      'client IDs and hashed secrets, which the export lacks: rows of ZITADEL’s tables or answers of apps/_search, as JSON; may be given several times',
      (file: string, before: readonly string[] | undefined) => [...(before ?? []), file],
    )
    .option('--json', 'files, counts and what was not carried over as JSON')
    .action(convert);
}
