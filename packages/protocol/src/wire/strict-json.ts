/** A JSON text as read, or what is wrong with it. */
export type StrictJson =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'malformed'; readonly detail: string };

const maximumDepth = 16;
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;
// A member of this name would reach into the prototype of whatever it is copied to.
const refusedNames: readonly string[] = ['__proto__'];

function malformed(detail: string): StrictJson {
  return { kind: 'malformed', detail };
}

function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'a text holds the character NUL; leave it out';
  return /\p{Surrogate}/u.test(text)
    ? 'a text holds half of a surrogate pair; send valid Unicode'
    : undefined;
}

function nameProblem(name: string, seen: Set<string>): string | undefined {
  if (seen.has(name)) return 'a member is there twice; send each name once';
  if (refusedNames.includes(name)) return 'a member has a name that is not allowed; leave it out';
  seen.add(name);
  return undefined;
}

/** Walks a text that is known to be JSON and finds what `JSON.parse` lets pass. */
function findProblem(text: string): string | undefined {
  const open: { readonly names: Set<string> | undefined }[] = [];
  let isNameNext = false;
  for (const [token] of text.matchAll(tokens)) {
    const names = open.at(-1)?.names;
    let problem: string | undefined;
    if (token === '{' || token === '[') {
      if (open.length >= maximumDepth) return 'the JSON is nested too deeply';
      open.push({ names: token === '{' ? new Set() : undefined });
      isNameNext = token === '{';
    } else if (token === '}' || token === ']') {
      open.pop();
      isNameNext = false;
    } else if (token === ',') {
      isNameNext = names !== undefined;
    } else if (token.startsWith('"')) {
      const decoded = String(JSON.parse(token));
      problem = textProblem(decoded);
      if (isNameNext && names !== undefined) problem ??= nameProblem(decoded, names);
      isNameNext = false;
    } else if (/^[-0-9]/.test(token) && !Number.isFinite(Number(token))) {
      problem = 'a number is out of range';
    }
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * Reads a JSON text as strictly as I-JSON asks: no name twice, no `__proto__`, no NUL or half surrogate pair, no number
 * out of range, no deep nesting.
 * @see RFC 8259 §4, RFC 7493 §2
 */
export function parseStrictJson(text: string): StrictJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed('the body is not JSON');
  }
  const problem = findProblem(text);
  return problem === undefined ? { kind: 'value', value } : malformed(problem);
}
