import { describeParamsProblem, type Params, type ParsedParams, parseParams } from '@latchkey/protocol';
import { type CookieJar, getCookie } from './cookies.ts';
import type { Deps } from './deps.ts';
import { OAuthError } from './errors.ts';
import type { InstanceContext } from './instances.ts';

/** One request on its way through the server. */
export interface RequestContext {
  readonly deps: Deps;
  readonly instance: InstanceContext;
  readonly request: Request;
  /** Path without query. */
  readonly path: string;
  /** The query text without `?`. */
  readonly query: string;
  readonly ip: string;
  readonly requestId: string;
}

/** Answers a request, or throws one of the four kinds of error. */
export type Handler = (context: RequestContext) => Promise<Response> | Response;

/** The most a form body may hold, in bytes. */
export const maximumFormBytes = 65_536;

/** The body is larger than allowed; answered with 413. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

async function readLimited(request: Request): Promise<string> {
  const announced = request.headers.get('content-length');
  if (announced !== null) {
    if (Number(announced) > maximumFormBytes) throw new BodyTooLarge('the body is too large');
    return await request.text();
  }
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > maximumFormBytes) throw new BodyTooLarge('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The form of a POST, repeated and malformed parameters noted. Throws `OAuthError` when the body is not a form. */
export async function readForm(context: RequestContext): Promise<ParsedParams> {
  const type = context.request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new OAuthError('invalid_request', 'the body must be application/x-www-form-urlencoded');
  }
  return parseParams(await readLimited(context.request));
}

/** The form of a POST to an OAuth endpoint. Throws `OAuthError` when a parameter is malformed or repeated. */
export async function readOAuthForm(context: RequestContext): Promise<Params> {
  const { params, problem } = await readForm(context);
  if (problem !== undefined) throw new OAuthError('invalid_request', describeParamsProblem(problem));
  return params;
}

const jsonHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'access-control-allow-origin': '*',
} as const;

/** A JSON answer that nobody may keep and any origin may read, since it travels without cookies. */
export function json(status: number, body: unknown, headers?: Readonly<Record<string, string>>): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: headers === undefined ? jsonHeaders : { ...jsonHeaders, ...headers },
  });
}

/** The value of a cookie of this request. */
export function cookie(context: RequestContext, jar: CookieJar): string | undefined {
  return getCookie(context.request.headers.get('cookie'), jar, context.instance.origin);
}
