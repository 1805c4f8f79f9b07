import { apiRoutes, type Operation, type OperationId, operations } from '@latchkey/contract';
import fc from 'fast-check';
import type { Estate } from '../management/seeded-estate.ts';
import type { Sent } from './fuzz-request.ts';
import { anyEncoded, bodyOf, isUnsoundEncoding, isUnsoundJson, openBodies } from './fuzz-values.ts';

interface Entry {
  readonly id: OperationId;
  readonly operation: Operation;
}

const entries: readonly Entry[] = Object.entries(operations).map(([id, operation]) => ({
  id: id as OperationId, // cast: an entry of a constant object has one of its keys
  operation: operation as Operation, // cast: every member is one
}));

// Removals by the ids of the estate would leave nothing to attack.
const keepsEstate = (id: OperationId): boolean => !/^(remove|revoke|retire)/.test(id);

function namesIn(id: OperationId): readonly string[] {
  return [...apiRoutes[id][1].matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
}

function fill(estate: Estate, id: OperationId, values: readonly (string | null)[]): string {
  const filled = namesIn(id).reduce(
    (path, name, index) =>
      path.replace(`{${name}}`, () => values[index] ?? encodeURIComponent(estate.parameter(id, name))),
    apiRoutes[id][1],
  );
  return `/api/v1${filled}`;
}

function pathsOf(estate: Estate, id: OperationId): fc.Arbitrary<string> {
  const parts = namesIn(id).map(() =>
    fc.oneof(
      { weight: keepsEstate(id) ? 12 : 0, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: anyEncoded },
    ),
  );
  return fc.tuple(...parts).map((values) => fill(estate, id, values));
}

function queriesOf(operation: Operation): fc.Arbitrary<string> {
  const shape = operation.query !== undefined && 'shape' in operation.query ? operation.query.shape : {};
  const names = Object.keys({ ...(shape as object) }); // cast: the shape of an object schema is one
  const value = fc.oneof(anyEncoded, fc.constantFrom('1', 'a', 'true', '2030-01-01T00:00:00Z'));
  const pair = fc.tuple(fc.constantFrom(...names, 'unknown'), value).map((parts) => parts.join('='));
  const maxLength = names.length === 0 ? 1 : 3;
  const some = fc.array(pair, { minLength: 1, maxLength }).map((pairs) => `?${pairs.join('&')}`);
  return fc.oneof({ weight: names.length === 0 ? 9 : 2, arbitrary: fc.constant('') }, some);
}

const headers = fc.record(
  {
    'if-match': fc.constantFrom('*', '""', '"a"', 'W/"a"', 'a', ',,', '"'),
    'idempotency-key': fc.constantFrom('a', '', ' ', 'é', 'a'.repeat(201)),
    'accept-language': fc.constantFrom('*', 'de;q=2', 'x'.repeat(500), ';;;', 'en-\u00e9'),
    'content-type': fc.constantFrom(
      'application/json; charset=utf-16',
      'text/plain',
      '',
      'application/json;',
    ),
  },
  { requiredKeys: [] },
);
const oddHeaders = fc.oneof({ weight: 6, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers });

interface Parts {
  readonly path: string;
  readonly query: string;
  readonly body: string | undefined;
  readonly odd: Readonly<Record<string, string>>;
}

function callOf(token: string, { id, operation }: Entry, { path, query, body, odd }: Parts): Sent {
  const hasBody = operation.body !== undefined && body !== undefined && body !== '';
  return {
    ...{ name: id, method: apiRoutes[id][0], path: path + query },
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...odd,
    },
    ...(body === undefined ? {} : { body }),
    isUnsound:
      (hasBody && isUnsoundJson(body)) ||
      isUnsoundEncoding(path) ||
      isUnsoundEncoding(query.replaceAll('+', ' ')),
  };
}

/** Calls of any operation by the holder of a token, their ids mostly those of the estate. */
export function managementCalls(token: string, estate: Estate): fc.Arbitrary<Sent> {
  const calls = entries.map((entry) => {
    const { id, operation } = entry;
    const body =
      operation.body === undefined
        ? fc.constant(undefined)
        : bodyOf(operation.body, estate.fill(operation.example ?? {}));
    return fc
      .record({ path: pathsOf(estate, id), query: queriesOf(operation), body, odd: oddHeaders })
      .map((parts) => callOf(token, entry, parts));
  });
  return fc.oneof(...calls);
}

/** A right call of each operation that leaves the estate standing: what `managementCalls` varies. */
export function rightCalls(token: string, estate: Estate): readonly Sent[] {
  return entries
    .filter(({ id }) => keepsEstate(id))
    .map((entry) => {
      const { id, operation } = entry;
      const body =
        operation.body === undefined ? undefined : JSON.stringify(estate.fill(operation.example ?? {}));
      const query = id === 'getUsage' ? '?metric=sign-ins' : '';
      return callOf(token, entry, { path: fill(estate, id, []), query, body, odd: {} });
    });
}

/** Calls of the operations that take members nobody describes, nested to different depths. */
export function openCalls(token: string, estate: Estate): readonly Sent[] {
  return entries.flatMap((entry) => {
    const { id, operation } = entry;
    if (operation.body === undefined) return [];
    const parts = { path: fill(estate, id, []), query: '', odd: {} };
    return openBodies(operation.body, estate.fill(operation.example ?? {})).map((body) =>
      callOf(token, entry, { ...parts, body }),
    );
  });
}
