import { textProblem } from './strict-json.ts';

/** Requests' parameters as sent, before anything is believed about them. */
export type Params = ReadonlyMap<string, string>;

/** Why a query or form could not be read. */
export type ParamsProblem =
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'repeated'; readonly name: string };

/** The parameters, and what is wrong with them if anything. `params` holds the first value of a repeated name. */
export interface ParsedParams {
  readonly params: Params;
  readonly problem?: ParamsProblem;
}

const maximumPairs = 100;

/** What may be asked for several at a time (RFC 8707 §2, RFC 8693 §2.1): the values stand in one text, parted by spaces. */
const repeatable: ReadonlySet<string> = new Set(['resource', 'audience']);

function decodeSpaced(spaced: string): string | undefined {
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return undefined;
  }
}

/**
 * Decodes a name or value of `application/x-www-form-urlencoded` text. `undefined` for percent-encoding that is broken or
 * no UTF-8, and for NUL and lone surrogates.
 * @see RFC 6749 appendix B, RFC 3629 §3
 */
export function decodeFormPart(part: string): string | undefined {
  const text = decodeSpaced(part.includes('+') ? part.replaceAll('+', ' ') : part);
  return text === undefined || textProblem(text) !== undefined ? undefined : text;
}

/**
 * Decodes a segment of a path, as `decodeFormPart` decodes parameters; a plus sign stays one.
 * @see RFC 3986 §2.1, RFC 3629 §3
 */
export function decodePathSegment(segment: string): string | undefined {
  const text = decodeSpaced(segment);
  return text === undefined || textProblem(text) !== undefined ? undefined : text;
}

/** Those two decide whether an error may be redirected at all (RFC 6749 §4.1.2.1): of all problems, told first. */
function decidesRedirect(name: string): boolean {
  return name === 'client_id' || name === 'redirect_uri';
}

/**
 * Reads `application/x-www-form-urlencoded` text: a query string without `?`, or a form body. An empty value counts as
 * absent; a name given twice (`resource` and `audience` aside), bad percent-encoding, NUL and lone surrogates are problems. Of several problems the first is
 * told, but a repeated `client_id` or `redirect_uri` before all others.
 * @see RFC 6749 §3.1 and appendix B
 */
export function parseParams(text: string): ParsedParams {
  const params = new Map<string, string>();
  if (text === '') return { params };
  const seen = new Set<string>();
  let problem: ParamsProblem | undefined;
  const pairs = text.split('&');
  if (pairs.length > maximumPairs)
    return { params, problem: { kind: 'malformed', detail: 'too many parameters' } };
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeFormPart(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decodeFormPart(pair.slice(equals + 1));
    if (name !== undefined && seen.has(name) && !repeatable.has(name)) {
      if (problem === undefined || decidesRedirect(name)) problem = { kind: 'repeated', name };
      continue;
    }
    if (name !== undefined) seen.add(name);
    if (name === undefined || value === undefined) {
      problem ??= { kind: 'malformed', detail: 'a parameter is not valid percent-encoded UTF-8' };
      continue;
    }
    if (value === '') continue;
    const before = repeatable.has(name) ? params.get(name) : undefined;
    params.set(name, before === undefined ? value : `${before} ${value}`);
  }
  return problem === undefined ? { params } : { params, problem };
}

/**
 * The sentence that tells a developer what is wrong with their parameters.
 * @see RFC 6749 §5.2 `error_description`
 */
export function describeParamsProblem(problem: ParamsProblem): string {
  switch (problem.kind) {
    case 'malformed':
      return problem.detail;
    case 'repeated':
      return `parameter ${printable(problem.name)} must not be given more than once`;
  }
}

/**
 * Text fit for `error_description` and `WWW-Authenticate`: printable ASCII without quote and backslash, cut to 200.
 * @see RFC 6749 §5.2
 */
export function printable(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?').slice(0, 200);
}
