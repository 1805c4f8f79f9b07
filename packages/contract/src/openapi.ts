import { z } from 'zod';
import { commonProblems, type Operation } from './operation.ts';
import { type ProblemCode, problems } from './problems.ts';
import { apiBase, apiRoutes, type OperationId } from './routes.ts';

/** A piece of JSON Schema, or of the document around it. */
export type JsonObject = { [key: string]: unknown };

const problemSchema: JsonObject = {
  type: 'object',
  description: 'What is wrong and what to do next (RFC 9457).',
  required: ['type', 'title', 'status', 'code', 'detail', 'next', 'instance'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'An address that explains the code' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(problems), description: 'Permanent' },
    detail: { type: 'string', description: 'What is wrong with this request' },
    next: { type: 'string', description: 'What to do next' },
    instance: { type: 'string', description: 'The id of the request, as the log has it' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
      },
    },
    maxAge: { type: 'integer', description: 'How many seconds old the sign-in may be' },
    permission: { type: 'string' },
    dependents: {
      type: 'array',
      items: {
        type: 'object',
        required: ['kind', 'count'],
        properties: {
          kind: { type: 'string' },
          count: { type: 'integer' },
          names: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
};

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return rest;
}

/** Puts references in place of what stands among the components. */
function refer(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => refer(each, names));
  if (!isObject(value)) return value;
  const name = names.get(JSON.stringify(value));
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, refer(each, names)]));
}

function nameOf(operationId: string): string {
  return operationId.replace(/^[a-z]+/, '');
}

type Entry = readonly [OperationId, Operation];

/** Answers of operations that show one object: named after it. */
function componentsOf(entries: readonly Entry[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const [id, operation] of entries) {
    if (operation.response === undefined || !id.startsWith('get')) continue;
    names.set(JSON.stringify(schemaOf(operation.response, 'output')), nameOf(id));
  }
  return names;
}

function parametersOf(operation: Operation, method: string): JsonObject[] {
  const of = (schema: z.ZodObject | undefined, place: 'path' | 'query'): JsonObject[] => {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = schemaOf(schema, 'input');
    if (!isObject(properties) || !Array.isArray(required)) return [];
    return Object.entries(properties).map(([name, each]) => {
      const { description, ...rest } = isObject(each) ? each : {};
      return {
        name,
        in: place,
        required: place === 'path' || required.includes(name),
        ...(description === undefined ? {} : { description }),
        schema: rest,
      };
    });
  };
  const header = (name: string, description: string): JsonObject => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  });
  const changes = method === 'PATCH' || method === 'DELETE' || method === 'PUT';
  return [
    ...of(operation.path, 'path'),
    ...of(operation.query, 'query'),
    ...(operation.versioned === true && changes
      ? [header('If-Match', 'The ETag the change is based on; without it the last writer wins')]
      : []),
    ...(method === 'POST'
      ? [header('Idempotency-Key', 'Makes repeating the request harmless for a day')]
      : []),
  ];
}

/** The codes an operation may answer with, its own and those of all. */
export function problemCodesOf(operation: Operation): readonly ProblemCode[] {
  const takesInput = [operation.path, operation.query, operation.body].some((each) => each !== undefined);
  const codes: ProblemCode[] = [...commonProblems, ...operation.problems];
  if (operation.freshness !== undefined) codes.push('fresh-sign-in-required');
  if (takesInput) codes.push('invalid-input');
  if (operation.body !== undefined) codes.push('malformed-json', 'unsupported-media-type', 'too-large');
  return [...new Set(codes)];
}

function challengeHeader({ freshness }: Operation): JsonObject {
  const usual = 'Bearer or DPoP with an error code (RFC 6750 §3, RFC 9449 §7.1)';
  const stepUp = '; `insufficient_user_authentication` with `max_age` when the sign-in is too old (RFC 9470)';
  return {
    'WWW-Authenticate': {
      description: `${usual}${freshness === undefined ? '' : stepUp}`,
      schema: { type: 'string' },
    },
  };
}

/** What the documentation says about the age of the caller's sign-in. */
function freshnessSentence({ freshness }: Operation): string | undefined {
  if (freshness === undefined) return undefined;
  const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
  const when =
    freshness === 'recent'
      ? ''
      : 'recentFor' in freshness
        ? ` when the body has ${listed(freshness.recentFor)}`
        : ` when the body has other fields than ${listed(freshness.recentExceptFor)}`;
  return `Requires a recent sign-in of a person${when}, or a machine's own credential (setting \`security.dangerousActionMaxAgeSeconds\`).`;
}

function responsesOf(operation: Operation): JsonObject {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemCodesOf(operation)) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const refused = [...byStatus].map(([status, codes]) => [
    String(status),
    {
      description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('\n\n'),
      ...(status === 401 ? { headers: challengeHeader(operation) } : {}),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]);
  const done = {
    description: operation.response === undefined ? 'Done' : operation.summary,
    ...(operation.versioned === true
      ? { headers: { ETag: { description: 'The version of the answer', schema: { type: 'string' } } } }
      : {}),
    ...(operation.response === undefined
      ? {}
      : { content: { 'application/json': { schema: schemaOf(operation.response, 'output') } } }),
  };
  return Object.fromEntries([[String(operation.status), done], ...refused]);
}

function operationObject([id, operation]: Entry, method: string): JsonObject {
  const needs =
    operation.permission === 'any'
      ? 'Any live access token of the management API will do.'
      : `Needs the permission \`${operation.permission}\`${operation.self === undefined ? '' : ', or to be the user'}.`;
  const description = [operation.description, needs, freshnessSentence(operation)]
    .filter((each) => each !== undefined)
    .join('\n\n');
  const body =
    operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: schemaOf(operation.body, 'input'),
                ...(operation.example === undefined ? {} : { example: operation.example }),
              },
            },
          },
        };
  return {
    operationId: id,
    tags: [operation.tag],
    summary: operation.summary,
    description,
    parameters: parametersOf(operation, method),
    ...body,
    responses: responsesOf(operation),
  };
}

function isEntry(entry: [string, Operation]): entry is [OperationId, Operation] {
  return Object.hasOwn(apiRoutes, entry[0]);
}

/**
 * The management API as an OpenAPI 3.1 document. `origin` is the issuer it is served by.
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function buildOpenApi(operations: Readonly<Record<string, Operation>>, origin: string): JsonObject {
  const entries = Object.entries(operations).filter(isEntry);
  const names = componentsOf(entries);
  const paths: Record<string, JsonObject> = {};
  for (const entry of entries) {
    const [method, path] = apiRoutes[entry[0]];
    const item = paths[path] ?? {};
    paths[path] = item;
    item[method.toLowerCase()] = refer(operationObject(entry, method), names);
  }
  const components = [...names].map(([text, name]) => [name, JSON.parse(text)]);
  const tags = [...new Set(entries.map(([, { tag }]) => tag))].map((name) => ({ name }));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Latchkey management API',
      version: '1',
      description:
        'Organizations, projects, applications, users and everything else an operator or developer manages. Send an access token whose audience is the instance (scope `urn:zitadel:iam:org:project:id:zitadel:aud`), or a personal access token.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${origin}${apiBase}` }],
    security: [{ accessToken: [] }],
    tags,
    paths,
    components: {
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: problemSchema, ...Object.fromEntries(components) },
    },
  };
}
