import { writeFileSync } from 'node:fs';
import { apiRoutes, type Operation, type OperationId, operations } from '@latchkey/contract';
import { parseStrictJson } from '@latchkey/protocol';
import type { Command } from 'commander';
import { hasSession, openApiSession, type SessionOptions } from './api-session.ts';
import { commandNames, nounMeanings } from './command-names.ts';
import { type Field, fieldsOf, fieldValue, optionOf, readReference, referenceOf } from './command-options.ts';
import { warningsIn } from './compliance-warnings.ts';
import { CommandProblem } from './exit-codes.ts';
import { withSessionOptions } from './login-command.ts';
import { answerText, terminalWidth } from './print-answer.ts';
import { allItems, resolveId } from './resolve-name.ts';

type Options = SessionOptions & Readonly<Record<string, unknown>>;

/** The command beside the data folder that has the same name. */
export type LocalAction = (
  name: string,
  options: { readonly folder: string; readonly config?: string },
) => Promise<void>;

function readBody(text: string): unknown {
  const json = parseStrictJson(readReference(text === '-' ? '@-' : text));
  if (json.kind === 'value') return json.value;
  throw new CommandProblem('usage', `--data must be JSON, @file or - for standard input: ${json.detail}.`);
}

async function given(session: ReturnType<typeof openApiSession>, fields: readonly Field[], options: Options) {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const text = options[field.name];
    if (text === undefined) continue;
    const value = fieldValue(field, text);
    values[field.name] = typeof value === 'string' ? await resolveId(session, field.name, value) : value;
  }
  return values;
}

/** What a file for a secret holds: the key file, or the bare token or secret, as programs read it; else the answer. */
function secretText(data: unknown): string {
  if (typeof data === 'object' && data !== null) {
    if ('keyFile' in data && data.keyFile !== null) return JSON.stringify(data.keyFile, null, 2);
    if ('token' in data && typeof data.token === 'string') return data.token;
    if ('clientSecret' in data && typeof data.clientSecret === 'string') return data.clientSecret;
  }
  return JSON.stringify(data, null, 2);
}

/** An answer without the secret that a file holds. */
function withoutSecret(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  const secret: readonly string[] = ['keyFile', 'token', 'clientSecret'];
  return Object.fromEntries(Object.entries(data).filter(([name]) => !secret.includes(name)));
}

function writeSecret(path: string, data: unknown): void {
  try {
    writeFileSync(path, `${secretText(data)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    console.log(JSON.stringify(data, null, 2));
    throw new CommandProblem('unexpected', `${path} cannot be written; the secret is printed instead.`, {
      cause,
    });
  }
}

function print(answer: unknown, options: Options): void {
  if (typeof options.out === 'string') writeSecret(options.out, answer);
  const data = typeof options.out === 'string' ? withoutSecret(answer) : answer;
  if (options.json !== true) console.log(answerText(data, terminalWidth()));
  else if (data !== undefined) console.log(JSON.stringify(data, null, 2));
}

async function carryOut(id: OperationId, args: readonly string[], options: Options): Promise<void> {
  const operation: Operation = operations[id];
  const session = openApiSession(options);
  const path: Record<string, string> = {};
  for (const [index, name] of Object.keys(operation.path?.shape ?? {}).entries())
    path[name] = await resolveId(session, name, args[index] ?? '');
  const query = await given(session, fieldsOf(operation.query), options);
  if (options.all === true) return print(await allItems(session, id, { path, query }), options);
  const values = await given(session, fieldsOf(operation.body), options);
  const data = typeof options.data === 'string' ? readBody(options.data) : {};
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  const answer = await session.call(id, {
    path,
    query,
    ...(operation.body === undefined ? {} : { body: isObject ? { ...data, ...values } : data }),
    ...(typeof options.ifMatch === 'string' ? { ifMatch: options.ifMatch } : {}),
  });
  print(answer.data, options);
  if (options.json !== true && answer.etag !== undefined) console.log(`ETag: ${answer.etag}`);
  if (apiRoutes[id][0] !== 'GET') for (const line of warningsIn(answer.data)) console.error(line);
}

function addOptions(command: Command, id: OperationId): void {
  const operation: Operation = operations[id];
  withSessionOptions(command);
  const query = fieldsOf(operation.query);
  for (const field of [...query, ...fieldsOf(operation.body)]) command.addOption(optionOf(field));
  if (query.some(({ name }) => name === 'cursor')) command.option('--all', 'every page');
  if (operation.body !== undefined)
    command.option(
      '--data <json>',
      'the whole body: JSON, @file, or - for standard input; other options win',
    );
  if (operation.versioned && apiRoutes[id][0] !== 'GET')
    command.option('--if-match <etag>', 'only if it is still as it was read');
  if (operation.secret)
    command.option(
      '--out <file>',
      'write the secret, and nothing else, to a new file that only you can read',
    );
}

function groupOf(program: Command, noun: string): Command {
  const known = program.commands.find((command) => command.name() === noun);
  const group = known ?? program.command(noun);
  if (noun === 'organizations' && !group.aliases().includes('orgs')) group.alias('orgs');
  return group.description(nounMeanings[noun] ?? noun);
}

function addCommand(program: Command, id: OperationId, local: LocalAction | undefined): void {
  const operation: Operation = operations[id];
  const [noun = '', verb = ''] = commandNames[id].split(' ');
  const places = Object.keys(operation.path?.shape ?? {}).map((name) => `<${referenceOf(name) ?? name}>`);
  const command = groupOf(program, noun)
    .command([verb, ...places].join(' '))
    .description(operation.summary);
  if (verb === 'remove') command.alias('delete');
  addOptions(command, id);
  if (local !== undefined)
    command
      .option('--local', 'work beside the data folder, without login; so it is also when nobody is logged in')
      .option('--config <file>', 'JSON file with settings (with --local)')
      .option('--folder <folder>', 'folder of the demo (with --local)', '.latchkey');
  command.action(async () => {
    const options = command.opts<Options & { readonly local?: true; readonly folder: string }>();
    const { issuer, profile, keyFile } = options;
    const chosen = {
      ...(issuer === undefined ? {} : { issuer }),
      ...(profile === undefined ? {} : { profile }),
      ...(keyFile === undefined ? {} : { keyFile }),
    };
    if (local !== undefined && (options.local || !hasSession(chosen)))
      return local(command.args[0] ?? '', options);
    await carryOut(id, command.args, options);
  });
}

/** Adds a command for each operation that has a noun and a verb. `locals` are those that also work beside the data folder. */
export function addApiCommands(program: Command, locals: ReadonlyMap<string, LocalAction>): void {
  // cast: the ids of all operations are the keys of the table, which the compiler checks
  for (const id of Object.keys(commandNames) as OperationId[])
    if (commandNames[id].includes(' ')) addCommand(program, id, locals.get(commandNames[id]));
}
