import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { CommandProblem } from './exit-codes.ts';

/** A configuration file, read and resolved. */
export interface ConfigurationFile {
  readonly document: Record<string, unknown>;
  /** `file:line:column` of what a JSON pointer points to, or of what stands nearest around it. */
  readonly placeOf: (pointer: string) => string;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function secretFrom(source: unknown, folder: string, at: string): string {
  if (isObject(source) && Object.keys(source).length === 1) {
    const { env, file } = source;
    if (typeof env === 'string') {
      const value = process.env[env];
      if (value !== undefined && value !== '') return value;
      throw new CommandProblem('invalidInput', `${at}: the environment has no ${env}.`);
    }
    if (typeof file === 'string')
      try {
        return readFileSync(resolve(folder, file), 'utf8').replace(/\r?\n$/, '');
      } catch (cause) {
        throw new CommandProblem('invalidInput', `${at}: ${file} cannot be read.`, { cause });
      }
  }
  throw new CommandProblem('invalidInput', `${at}: passwordFrom is { env: NAME } or { file: PATH }.`);
}

function resolved(
  value: unknown,
  pointer: string,
  secretOf: (source: unknown, pointer: string) => string,
): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => resolved(item, `${pointer}/${index}`, secretOf));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) =>
      name === 'passwordFrom'
        ? ['password', secretOf(each, `${pointer}/${name}`)]
        : [name, resolved(each, `${pointer}/${name}`, secretOf)],
    ),
  );
}

function offsetOf(yaml: Document, pointer: string): number {
  const steps = pointer.split('/').slice(1);
  for (let length = steps.length; length > 0; length -= 1) {
    const path = steps.slice(0, length).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const node = yaml.getIn(path, true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/**
 * Reads a configuration in YAML or JSON; `-` is standard input. `passwordFrom` becomes the password it names. Throws
 * `CommandProblem` with line and column when the file cannot be read.
 */
export function readConfigurationFile(path: string): ConfigurationFile {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (cause) {
    throw new CommandProblem('usage', `${path} cannot be read.`, { cause });
  }
  const counter = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const shown = path === '-' ? 'standard input' : path;
  const place = (offset: number): string => {
    const { line, col } = counter.linePos(offset);
    return `${shown}:${line}:${col}`;
  };
  const [error] = yaml.errors;
  if (error !== undefined) {
    const { line, col } = counter.linePos(error.pos[0]);
    const source = text.split('\n')[line - 1] ?? '';
    const message = `${place(error.pos[0])}: ${error.message}\n  ${source}\n  ${' '.repeat(col - 1)}^`;
    throw new CommandProblem('invalidInput', message);
  }
  const placeOf = (pointer: string): string => place(offsetOf(yaml, pointer));
  const folder = path === '-' ? process.cwd() : dirname(resolve(path));
  const document = resolved(yaml.toJS(), '', (source, at) => secretFrom(source, folder, placeOf(at)));
  if (!isObject(document))
    throw new CommandProblem('invalidInput', `${shown}:1:1: the file must begin with \`version: 1\`.`);
  return { document, placeOf };
}
