import { type ApiMethod, apiRoutes, type OperationId } from '@latchkey/contract';
import { decodePathSegment } from '@latchkey/protocol';

interface Template {
  readonly segments: readonly string[];
  readonly byMethod: Map<string, OperationId>;
}

function templatesByLength(): ReadonlyMap<number, Template[]> {
  const byLength = new Map<number, Template[]>();
  for (const [id, [method, path]] of Object.entries(apiRoutes)) {
    const segments = path.slice(1).split('/');
    const same = byLength.get(segments.length) ?? [];
    byLength.set(segments.length, same);
    const found = same.find((each) => each.segments.join('/') === segments.join('/'));
    const template = found ?? { segments, byMethod: new Map<string, OperationId>() };
    if (found === undefined) same.push(template);
    template.byMethod.set(method, id as OperationId); // cast: an entry of a constant object has one of its keys
  }
  // Literal segments come before parameters, so that /users/import is not taken for a user.
  for (const list of byLength.values())
    list.sort((a, b) => Number(a.segments.some(isParameter)) - Number(b.segments.some(isParameter)));
  return byLength;
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

const templates = templatesByLength();

/** What answers at a path. */
export type FoundOperation =
  | {
      readonly kind: 'found';
      readonly id: OperationId;
      readonly parameters: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'other-method'; readonly allow: readonly ApiMethod[] }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'nothing' };

function match(template: Template, segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, wanted] of template.segments.entries()) {
    const segment = segments[index] ?? '';
    if (isParameter(wanted)) parameters[wanted.slice(1, -1)] = segment;
    else if (wanted !== segment) return undefined;
  }
  return parameters;
}

/** The operation of a method and a path below `/api/v1`, with its path parameters; `malformed` for broken percent-encoding. */
export function findOperation(method: string, path: string): FoundOperation {
  const segments: string[] = [];
  for (const segment of path.slice(1).split('/')) {
    const text = decodePathSegment(segment);
    if (text === undefined) return { kind: 'malformed' };
    segments.push(text);
  }
  for (const template of templates.get(segments.length) ?? []) {
    const parameters = match(template, segments);
    if (parameters === undefined) continue;
    const id = template.byMethod.get(method);
    if (id !== undefined) return { kind: 'found', id, parameters };
    // cast: the keys are the methods of the table
    return { kind: 'other-method', allow: [...template.byMethod.keys()] as ApiMethod[] };
  }
  return { kind: 'nothing' };
}
