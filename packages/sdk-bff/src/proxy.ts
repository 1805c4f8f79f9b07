import { sendToApi } from './api-request.ts';
import { CSRF_HEADER, refuseForeign } from './csrf.ts';
import type { BffDeps } from './deps.ts';
import { problemResponse } from './problem.ts';
import type { ProxyAddress } from './proxy-address.ts';
import { requestHeaders, responseHeaders } from './proxy-headers.ts';
import type { Visit } from './visit.ts';

const KEPT_BODY_BYTES = 65_536;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']);

/**
 * Forwards a request of the front end to an API with the user's access token. Bodies are streamed both ways; one of up to 64 kB is
 * read first, so that it can be sent again with a nonce.
 */
export async function forward(
  deps: BffDeps,
  request: Request,
  visit: Visit,
  { route, url }: Extract<ProxyAddress, { kind: 'api' }>,
): Promise<Response> {
  const { settings } = deps;
  if (!METHODS.has(request.method))
    return problemResponse('method_not_allowed', `${request.method} is not forwarded.`);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const isPublic = route.publicReads && isRead && !request.headers.has(CSRF_HEADER);
  const foreign = isPublic ? undefined : refuseForeign(request, settings.origin);
  if (foreign !== undefined) return foreign;
  const session = isPublic ? undefined : await visit.freshSession();
  const response = await sendToApi(
    deps,
    {
      url,
      method: request.method,
      headers: requestHeaders(request.headers, settings.baseUrl),
      body: isRead ? null : await bodyOf(request),
      signal: request.signal,
    },
    session,
  );
  const hasBody = ![101, 204, 205, 304].includes(response.status);
  return new Response(hasBody ? response.body : null, {
    status: response.status,
    statusText: response.statusText,
    headers: responseHeaders(response, route),
  });
}

async function bodyOf(request: Request): Promise<ArrayBuffer | ReadableStream<Uint8Array> | null> {
  if (request.body === null) return null;
  const length = Number(request.headers.get('content-length') ?? Number.POSITIVE_INFINITY);
  return length <= KEPT_BODY_BYTES ? request.arrayBuffer() : request.body;
}
