import { buildOpenApi, configurationJsonSchema, type JsonObject, operations } from '@latchkey/contract';
import type { Answer, RequestContext } from '../platform/http.ts';
import { docsPage } from './docs-page.ts';
import { apiHeaders } from './problem-answer.ts';

const documents = new Map<string, JsonObject>();

/** The OpenAPI document for an issuer, built once. */
function openApiFor(origin: string): JsonObject {
  const known = documents.get(origin);
  if (known !== undefined) return known;
  const document = buildOpenApi(operations, origin);
  // An origin is a configured domain, so there are few.
  documents.set(origin, document);
  return document;
}

const publicHeaders = { ...apiHeaders, 'cache-control': 'public, max-age=300' } as const;

function json(body: unknown): Answer {
  return {
    status: 200,
    headers: { ...publicHeaders, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** What describes the API, by its address below `/api/v1`; anybody may read it. */
export const apiDocuments: Readonly<Record<string, (context: RequestContext) => Answer>> = {
  '/openapi.json': ({ instance }) => json(openApiFor(instance.origin)),
  '/configuration-schema.json': () => json(configurationJsonSchema()),
  '/docs': ({ instance }) => docsPage(openApiFor(instance.origin)),
};
