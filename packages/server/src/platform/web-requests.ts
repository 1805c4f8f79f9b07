import type { Socket } from 'node:net';
import { type Answer, BodyTooLarge, cookieLines, decodeBody, type HttpRequest } from './http.ts';
import { peerCertificateOf } from './node-requests.ts';

async function readBody(request: Request, maximumBytes: number): Promise<string> {
  const announced = request.headers.get('content-length');
  if (announced !== null) {
    if (Number(announced) > maximumBytes) throw new BodyTooLarge('the body is too large');
    return decodeBody(Buffer.from(await request.arrayBuffer()));
  }
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > maximumBytes) throw new BodyTooLarge('the body is too large');
    chunks.push(chunk);
  }
  return decodeBody(Buffer.concat(chunks));
}

/** A `Request` of the Fetch standard as handlers see it, with the connection it came by where there is one. */
export function fromWebRequest(request: Request, socket?: Socket): HttpRequest {
  return {
    method: request.method,
    headers: request.headers,
    ...(socket === undefined ? {} : { peerCertificate: () => peerCertificateOf(socket) }),
    readText: (maximumBytes) => readBody(request, maximumBytes),
  };
}

/** An answer as a `Response` of the Fetch standard. */
export function toWebResponse(answer: Answer): Response {
  const { status, body } = answer;
  const { 'set-cookie': _, ...rest } = answer.headers;
  const headers = new Headers(rest);
  for (const line of cookieLines(answer.headers)) headers.append('set-cookie', line);
  return new Response(body === '' ? null : body, { status, headers });
}
