import type { BodyInputOf, PathOf, QueryInputOf, ResponseOf } from './operation.ts';
import type { Operations } from './operations.ts';
import type { ProblemBody } from './problems.ts';
import { apiBase, apiRoutes } from './routes.ts';

export {
  type ContrastVerdict,
  contrastOf,
  defaultAccent,
  judgeAccent,
  judgeBackground,
  neededContrast,
  pageColors,
  shifted,
  type Theme,
  textOn,
} from './contrast.ts';
export type { ManagedLevel, ManagerRoleName, Permission } from './manager-roles.ts';
export type { BodyInputOf, PathOf, QueryInputOf, ResponseOf } from './operation.ts';
export type { Operations } from './operations.ts';
export type { ProblemBody, ProblemCode } from './problems.ts';
export { apiBase, apiRoutes, type OperationId } from './routes.ts';

/** The API refused a request. `problem` says why and what to do next. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: ProblemBody;

  constructor(problem: ProblemBody) {
    super(problem.detail);
    this.problem = problem;
  }
}

type Empty = Record<never, never>;
type Member<Name extends string, T> = T extends undefined
  ? Empty
  : Empty extends T
    ? { readonly [K in Name]?: T }
    : { readonly [K in Name]: T };

/** What an operation is called with. */
export type CallInput<O> = Member<'path', PathOf<O>> &
  Member<'query', QueryInputOf<O>> &
  Member<'body', BodyInputOf<O>> & {
    /** The ETag the change is based on. */
    readonly ifMatch?: string;
    readonly idempotencyKey?: string;
    readonly signal?: AbortSignal;
  };

/** An answer with its version. */
export interface ApiAnswer<T> {
  readonly data: T;
  readonly etag: string | undefined;
}

/** A client of the management API. */
export interface ApiClient {
  /** Carries an operation out. Rejects with `ApiProblem` when the API refuses, and as `fetch` does when it cannot be reached. */
  readonly call: <Id extends keyof Operations & keyof typeof apiRoutes>(
    id: Id,
    ...input: Empty extends CallInput<Operations[Id]>
      ? [input?: CallInput<Operations[Id]>]
      : [input: CallInput<Operations[Id]>]
  ) => Promise<ApiAnswer<ResponseOf<Operations[Id]>>>;
}

/** What a request is made of, before types. */
export interface PlainCall {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

function addressOf(issuer: string, template: string, call: PlainCall): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(call.path?.[name] ?? '')),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  const query = search.toString();
  return `${issuer.replace(/\/$/, '')}${apiBase}${path}${query === '' ? '' : `?${query}`}`;
}

async function problemOf(response: Response): Promise<ProblemBody> {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    // cast: a body with a code is a problem of this API; anything else is told as one below
    if (typeof body === 'object' && body !== null && 'code' in body) return body as ProblemBody;
  } catch {
    // Not of ours: a proxy's page, say.
  }
  return {
    type: 'about:blank',
    title: 'The answer is not one of the management API',
    status: response.status,
    code: response.status === 503 ? 'unavailable' : 'internal',
    detail: `The address answered with status ${response.status} and no problem description.`,
    next: 'Check the address of the issuer and what stands between.',
    instance: response.headers.get('x-request-id') ?? '',
  };
}

/** Makes a request of the API; the answer is not looked into. Rejects with `ApiProblem`. */
export async function callApi(
  options: { readonly issuer: string; readonly fetch: typeof fetch },
  route: readonly [string, string],
  call: PlainCall,
): Promise<ApiAnswer<unknown>> {
  const [method, template] = route;
  const headers = new Headers({ accept: 'application/json' });
  if (call.body !== undefined) headers.set('content-type', 'application/json');
  if (call.ifMatch !== undefined) headers.set('if-match', call.ifMatch);
  if (call.idempotencyKey !== undefined) headers.set('idempotency-key', call.idempotencyKey);
  const response = await options.fetch(addressOf(options.issuer, template, call), {
    method,
    headers,
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  if (!response.ok) throw new ApiProblem(await problemOf(response));
  const text = await response.text();
  return {
    data: text === '' ? undefined : JSON.parse(text),
    etag: response.headers.get('etag') ?? undefined,
  };
}

/** A typed client. `fetch` is expected to add the access token. */
export function createApiClient(options: {
  /** Scheme, host and port of the issuer. */
  readonly issuer: string;
  readonly fetch: typeof fetch;
}): ApiClient {
  return {
    call: async (id, input?: PlainCall) => {
      const answer = await callApi(options, apiRoutes[id], input ?? {});
      // cast: the server cuts every answer to the schema of its operation
      return answer as ApiAnswer<ResponseOf<Operations[typeof id]>>;
    },
  };
}
