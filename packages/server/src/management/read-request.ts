import type { Operation } from '@latchkey/contract';
import { decodeFormPart, jsonPointer, parseStrictJson } from '@latchkey/protocol';
import type { z } from 'zod';
import { ApiError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';

/** The most a body of the management API may hold, in bytes. */
const maximumBodyBytes = 1_048_576;
const maximumParameters = 100;

function sentence(detail: string): string {
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
}

function fieldErrors(error: z.ZodError, place: string): { pointer: string; detail: string }[] {
  return error.issues.flatMap((issue) => {
    const pointer = place + jsonPointer(issue.path);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        pointer: `${pointer}${jsonPointer([key])}`,
        detail: 'there is no such field; take it out or look it up in the description',
      }));
    return [{ pointer, detail: issue.message }];
  });
}

function parsePart(schema: z.ZodType | undefined, value: unknown, place: string): unknown {
  if (schema === undefined) return {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error, place).slice(0, 50);
  const first = errors[0];
  const where = first === undefined || first.pointer === '' ? 'The body' : first.pointer;
  throw new ApiError('invalid-input', `${where}: ${first?.detail ?? 'is wrong'}`, { errors });
}

function refuse(pointer: string, detail: string): ApiError {
  const where = pointer === '' ? 'The body' : pointer;
  return new ApiError('invalid-input', `${where}: ${detail}`, { errors: [{ pointer, detail }] });
}

function queryObject(query: string): Record<string, string | string[]> {
  const values = new Map<string, string[]>();
  const pairs = query === '' ? [] : query.split('&');
  if (pairs.length > maximumParameters)
    throw refuse('/query', `has more than ${maximumParameters} parameters`);
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = decodeFormPart(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decodeFormPart(pair.slice(equals + 1));
    if (key === undefined) throw refuse('/query', 'holds a name that is not valid percent-encoded UTF-8');
    if (value === undefined)
      throw refuse(`/query${jsonPointer([key])}`, 'must be valid percent-encoded UTF-8 without NUL');
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return Object.fromEntries([...values].map(([key, all]) => [key, all.length === 1 ? (all[0] ?? '') : all]));
}

async function readBody(context: RequestContext): Promise<{ text: string; value: unknown }> {
  const type = context.request.headers.get('content-type') ?? '';
  const text = await context.request.readText(maximumBodyBytes);
  if (text === '') return { text, value: {} };
  if (!/^application\/(merge-patch\+)?json\s*(;|$)/i.test(type))
    throw new ApiError('unsupported-media-type', 'The body must be sent as application/json.');
  const json = parseStrictJson(text);
  if (json.kind === 'value') return { text, value: json.value };
  if (json.reason === 'syntax') throw new ApiError('malformed-json', sentence(json.detail));
  const { pointer = '', detail } = json;
  throw new ApiError('invalid-input', sentence(detail), { errors: [{ pointer, detail }] });
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
