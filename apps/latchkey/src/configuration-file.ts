import { readFileSync } from 'node:fs';
import { type Document, isCollection, isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { CommandProblem } from './exit-codes.ts';

/** A configuration file as read, and where its parts stand. */
export interface ConfigurationFile {
  readonly document: unknown;
  /** `file:line:column` of a JSON pointer, or of the nearest part around it. */
  readonly placeOf: (pointer: string) => string;
}

function nodeAt(document: Document, pointer: string): Node | null {
  let node: unknown = document.contents;
  for (const part of pointer.split('/').slice(1)) {
    if (!isCollection(node)) break;
    const inner: unknown = isMap(node)
      ? node.get(part, true)
      : isSeq(node)
        ? node.get(Number(part), true)
        : undefined;
    if (inner === undefined || inner === null) break;
    node = inner;
  }
  return (node ?? null) as Node | null; // cast: what `get` with `true` gives is a node
}

/** Exchanges `passwordFrom: { env | file }` for the password itself, so that files hold no secrets. */
function resolvePasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolvePasswords);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]): [string, unknown] => {
    if (key !== 'passwordFrom') return [key, resolvePasswords(each)];
    const { env, file }: { env?: string; file?: string } = Object(each);
    const text =
      env === undefined
        ? file === undefined
          ? undefined
          : readFileSync(file, 'utf8').trim()
        : process.env[env];
    if (text === undefined || text === '')
      throw new CommandProblem(
        'invalidInput',
        `passwordFrom: ${env ?? file ?? 'env or file'} holds no password.`,
      );
    return ['password', text];
  });
  return Object.fromEntries(entries);
}

/** Reads a YAML or JSON file, `-` for standard input. Throws `CommandProblem` with line and column when it cannot be read. */
export function readConfigurationFile(path: string): ConfigurationFile {
  const name = path === '-' ? 'standard input' : path;
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch {
    throw new CommandProblem('usage', `${name} cannot be read.`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const shown = text.split('\n')[line - 1] ?? '';
    throw new CommandProblem(
      'invalidInput',
      `${name}:${line}:${col}: ${error.message.split('\n')[0]}\n  ${shown}\n  ${' '.repeat(Math.max(0, col - 1))}^`,
    );
  }
  return {
    document: resolvePasswords(document.toJS()),
    placeOf: (pointer) => {
      const start = nodeAt(document, pointer)?.range?.[0];
      if (start === undefined) return name;
      const { line, col } = lines.linePos(start);
      return `${name}:${line}:${col}`;
    },
  };
}
