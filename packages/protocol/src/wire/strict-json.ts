/** A JSON text as read, or what is wrong with it and where: a JSON pointer (RFC 6901), or no place for a syntax error. */
export type StrictJson =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'malformed';
      readonly reason: 'syntax' | 'content';
      readonly detail: string;
      readonly pointer?: string;
    };

const maximumDepth = 32;
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;
// Members of these names would reach into the prototype of whatever they are copied to.
const refusedNames: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** An object or list that is open where the walk stands; `at` is the member or index under way. */
interface Open {
  readonly names: Set<string> | undefined;
  at: string | number;
}

/**
 * A JSON pointer of member names and indexes.
 * @see RFC 6901 §3
 */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * What no text may hold, wherever it comes from: NUL, and halves of surrogate pairs, which are no Unicode and which the
 * database stores as something else or not at all. `undefined` when the text is sound.
 * @see RFC 7493 §2.1
 */
export function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'must not hold the NUL character; leave it out';
  return /\p{Surrogate}/u.test(text) ? 'holds half of a surrogate pair; send valid Unicode' : undefined;
}

function nameProblem(name: string, seen: Set<string>): string | undefined {
  if (seen.has(name)) return 'is there twice; send each name once';
  if (refusedNames.includes(name)) return 'is a name that is not allowed; leave it out';
  seen.add(name);
  return undefined;
}

// RFC 7493 §2.2: whole numbers past 2^53 - 1 do not arrive as they were sent.
function numberProblem(token: string): string | undefined {
  const value = Number(token);
  const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isExact ? undefined : 'is a number out of range';
}

function stringProblem(token: string, open: Open | undefined, isName: boolean): string | undefined {
  const text = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1);
  if (!isName || open?.names === undefined) return textProblem(text);
  open.at = text;
  return textProblem(text) ?? nameProblem(text, open.names);
}

/** Walks a text that is known to be JSON, without recursion, and finds what `JSON.parse` lets pass. */
function findProblem(text: string): { readonly detail: string; readonly path: PropertyKey[] } | undefined {
  const open: Open[] = [];
  let isNameNext = false;
  for (const [token] of text.matchAll(tokens)) {
    const parent = open.at(-1);
    let detail: string | undefined;
    if (token === '{' || token === '[') {
      if (open.length >= maximumDepth) detail = `is nested more than ${maximumDepth} deep`;
      isNameNext = token === '{';
      if (detail === undefined)
        open.push(isNameNext ? { names: new Set(), at: '' } : { names: undefined, at: 0 });
    } else if (token === '}' || token === ']') {
      open.pop();
      isNameNext = false;
    } else if (token === ',') {
      isNameNext = parent?.names !== undefined;
      if (typeof parent?.at === 'number') parent.at += 1;
    } else if (token.startsWith('"')) {
      detail = stringProblem(token, parent, isNameNext);
      isNameNext = false;
    } else if (/^[-0-9]/.test(token)) {
      detail = numberProblem(token);
    }
    if (detail !== undefined) return { detail, path: open.map(({ at }) => at) };
  }
  return undefined;
}

// Engines tell the position in their message or not at all.
function placeOf(error: unknown): string {
  const [, position] = /at position (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
  return position === undefined ? '' : ` at character ${position}`;
}

/**
 * Reads a JSON text as strictly as I-JSON asks: no byte order mark, no name twice, no `__proto__` or `constructor`, no
 * NUL or half surrogate pair, no number out of range, nothing nested more than 32 deep.
 * @see RFC 8259 §4, RFC 7493 §2
 */
export function parseStrictJson(text: string): StrictJson {
  if (text.startsWith('\ufeff'))
    return {
      kind: 'malformed',
      reason: 'syntax',
      detail: 'the body begins with a byte order mark; leave it out',
    };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'malformed', reason: 'syntax', detail: `the body is not JSON${placeOf(error)}` };
  }
  const problem = findProblem(text);
  if (problem === undefined) return { kind: 'value', value };
  const pointer = jsonPointer(problem.path).slice(0, 200);
  const detail = `${pointer === '' ? 'the body' : pointer} ${problem.detail}`;
  return { kind: 'malformed', reason: 'content', detail, pointer };
}
