import { z } from 'zod';
import type { ProblemCode } from './contract.ts';
import * as contract from './contract.ts';
import { type Operation, operations } from './operations.ts';
import { problemStatuses } from './routes/problem.ts';

type Json = Record<string, unknown>;

const registry = z.registry<{ id: string }>();
for (const [name, schema] of Object.entries(contract)) {
  if (schema instanceof z.ZodType) registry.add(schema, { id: name });
}

/** The OpenAPI 3.1 document of the API. `issuer` says where access tokens come from. */
export function buildOpenApi(issuer: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: buildOperation(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'News API',
      version: '0.1.0',
      description:
        'Articles for everybody, a feed of their own for readers who sign in, and a desk for editors.',
    },
    paths,
    components: {
      schemas: buildSchemas(),
      securitySchemes: {
        latchkey: { type: 'openIdConnect', openIdConnectUrl: `${issuer}/.well-known/openid-configuration` },
      },
    },
  };
}

function buildSchemas(): Json {
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $id: _id, $schema: _schema, ...schema }]) => [name, schema]),
  );
}

function refer(schema: z.ZodType): Json {
  const id = registry.get(schema)?.id;
  if (id === undefined) throw new Error('A schema of an operation is not exported by the contract.');
  return { $ref: `#/components/schemas/${id}` };
}

function buildOperation(operation: Operation): Json {
  const { summary, access, body, status, response } = operation;
  return {
    summary,
    ...(access === 'public' ? {} : { security: [{ latchkey: ['openid'] }] }),
    ...(access === 'editor' ? { description: 'Needs the role `editor` of the project.' } : {}),
    parameters: buildParameters(operation),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: refer(body) } } } }),
    responses: {
      [status]: { description: 'Success', ...buildContent(response) },
      ...buildRefusals(operation),
    },
  };
}

function buildContent(response: Operation['response']): Json {
  if (response === undefined) return {};
  if (response === 'svg') return { content: { 'image/svg+xml': { schema: { type: 'string' } } } };
  return {
    content: { 'application/json': { schema: response === 'json' ? { type: 'object' } : refer(response) } },
  };
}

function buildParameters({ path, query, isConditional }: Operation): Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: refer(contract.Slug),
  }));
  const { properties = {}, required = [] } =
    query === undefined ? {} : z.toJSONSchema(query, { io: 'input' });
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  const ifMatch = { name: 'If-Match', in: 'header', required: false, schema: { type: 'string' } };
  return [...inPath, ...inQuery, ...(isConditional ? [ifMatch] : [])];
}

// A version that does not fit is 412 when the request says it in If-Match.
const statusesOf = (code: ProblemCode): readonly number[] =>
  code === 'version-conflict' ? [problemStatuses[code], 412] : [problemStatuses[code]];

const ofAccess: Readonly<Record<Operation['access'], readonly ProblemCode[]>> = {
  public: [],
  reader: ['missing-token', 'invalid-token', 'issuer-unavailable'],
  editor: ['missing-token', 'invalid-token', 'insufficient-role', 'issuer-unavailable'],
};

function buildRefusals({ access, problems }: Operation): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of [...ofAccess[access], ...problems]) {
    for (const status of statusesOf(code)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content: { 'application/problem+json': { schema: refer(contract.Problem) } },
      },
    ]),
  );
}
