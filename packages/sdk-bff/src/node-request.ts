import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const requests = new WeakMap<IncomingMessage, Request>();

/**
 * A Node request as a Fetch request, its body a stream; the same one each time. Throws when something has read the body already.
 * The host is of no account, as the backend for frontend knows its own address.
 */
export function toFetchRequest(req: IncomingMessage, url: string): Request {
  const known = requests.get(req);
  if (known !== undefined) return known;
  const hasBody = req.method !== 'GET' && req.method !== 'HEAD';
  const request = new Request(`http://bff.invalid${pathOf(url)}`, {
    method: req.method ?? 'GET',
    headers: headersOf(req),
    ...(hasBody ? { body: bodyOf(req), duplex: 'half' } : {}),
  });
  requests.set(req, request);
  return request;
}

// RFC 9112 §3.2.2: the target may be a whole address. "//host/path" is a path here, never a host.
function pathOf(url: string): string {
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}

function headersOf(req: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    for (const each of Array.isArray(value) ? value : [value]) headers.append(name, each);
  }
  return headers;
}

function bodyOf(req: IncomingMessage): ReadableStream<Uint8Array> {
  // cast: Node's own type for web streams and the one of lib.dom describe the same object
  return Readable.toWeb(req) as ReadableStream<Uint8Array>;
}

/** Answers a Node request with a Fetch response. Resolves when the body has been sent or the browser has gone. */
export async function sendFetchResponse(res: ServerResponse, response: Response): Promise<void> {
  res.statusCode = response.status;
  for (const [name, value] of response.headers) if (name !== 'set-cookie') res.setHeader(name, value);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) res.appendHeader('set-cookie', cookies);
  if (response.body === null) {
    res.end();
    return;
  }
  // cast: as above
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  // Either end may go away in the middle; there is nobody left to tell.
  await pipeline(body, res).catch(() => undefined);
}
