import type { Operation } from '@latchkey/contract';
import type { z } from 'zod';
import { ApiError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';

/** The most a body of the management API may hold, in bytes. */
const maximumBodyBytes = 1_048_576;

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}

function fieldErrors(error: z.ZodError, place: string): { pointer: string; detail: string }[] {
  return error.issues.flatMap((issue) => {
    const pointer = place + pointerOf(issue.path);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        pointer: `${pointer}${pointerOf([key])}`,
        detail: 'there is no such field; take it out or look it up in the description',
      }));
    return [{ pointer, detail: issue.message }];
  });
}

/** Where a value holds the NUL character, which no text of the database can; `undefined` when nowhere. */
function pointerToNul(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? '' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    const inner = key.includes('\0') ? '' : pointerToNul(each);
    if (inner !== undefined) return `${pointerOf([key])}${inner}`;
  }
  return undefined;
}

function parsePart(schema: z.ZodType | undefined, value: unknown, place: string): unknown {
  if (schema === undefined) return {};
  const nul = pointerToNul(value);
  if (nul !== undefined)
    throw new ApiError('invalid-input', 'Texts must not hold the NUL character.', {
      errors: [{ pointer: place + nul, detail: 'must not hold the NUL character' }],
    });
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error, place).slice(0, 50);
  const first = errors[0];
  const where = first === undefined || first.pointer === '' ? 'The body' : first.pointer;
  throw new ApiError('invalid-input', `${where}: ${first?.detail ?? 'is wrong'}`, { errors });
}

function queryObject(query: string): Record<string, string | string[]> {
  const search = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(search.keys())].map((key) => {
      const values = search.getAll(key);
      return [key, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}

async function readBody(context: RequestContext): Promise<{ text: string; value: unknown }> {
  const type = context.request.headers.get('content-type') ?? '';
  const text = await context.request.readText(maximumBodyBytes);
  if (text === '') return { text, value: {} };
  if (!/^application\/(merge-patch\+)?json\s*(;|$)/i.test(type))
    throw new ApiError('unsupported-media-type', 'The body must be sent as application/json.');
  try {
    return { text, value: JSON.parse(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be read';
    throw new ApiError('malformed-json', `The body is not JSON: ${reason}`);
  }
}

/** The parts of a request, each as the operation describes it. */
export interface ReadRequest {
  readonly path: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly bodyText: string;
}

/** Reads and checks a request. Throws `ApiError`: `invalid-input`, `malformed-json`, `unsupported-media-type`. */
export async function readRequest(
  context: RequestContext,
  operation: Operation,
  pathParameters: Readonly<Record<string, string>>,
): Promise<ReadRequest> {
  const path = parsePart(operation.path, pathParameters, '/path');
  const query = parsePart(operation.query, queryObject(context.query), '/query');
  if (operation.body === undefined) return { path, query, body: undefined, bodyText: '' };
  const { text, value } = await readBody(context);
  return { path, query, body: parsePart(operation.body, value, ''), bodyText: text };
}
