import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { TestCertificate } from './certificate.ts';

/** A request as a test writes it. Without a method it is a GET, or a POST when there is a body. */
export interface SendInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A form when it is URLSearchParams; else `content-type` is the caller's to give. */
  readonly body?: string | URLSearchParams | Uint8Array;
  /** The certificate the client shows, where the server speaks TLS. */
  readonly clientCertificate?: Pick<TestCertificate, 'certificatePem' | 'privateKeyPem'>;
}

function toHeaders(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < message.rawHeaders.length; index += 2)
    headers.append(message.rawHeaders[index] ?? '', message.rawHeaders[index + 1] ?? '');
  return headers;
}

async function toResponse(message: IncomingMessage): Promise<Response> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) chunks.push(chunk);
  const status = message.statusCode ?? 0;
  const isBare = status === 204 || status === 304;
  return new Response(isBare ? null : Buffer.concat(chunks), { status, headers: toHeaders(message) });
}

/**
 * A function that sends requests to a port of 127.0.0.1 and follows no redirects. Unlike `fetch` it lets a test choose
 * every header, `Host` among them. With `serverCertificate` (PEM) it speaks TLS and trusts that certificate alone.
 * `localAddress` is where its connections come from, such as `127.0.0.7`. `close` ends the connections it keeps.
 */
export function createSender(
  port: number,
  serverCertificate?: string,
  localAddress?: string,
): {
  readonly send: (path: string, init: SendInit) => Promise<Response>;
  readonly close: () => void;
} {
  // An idle connection is let go long before the server closes it, which could meet a request on its way.
  const pool = { keepAlive: true, timeout: 20_000, ...(localAddress === undefined ? {} : { localAddress }) };
  const agent = new Agent(pool);
  const tlsAgent = new TlsAgent({ ...pool, ca: serverCertificate });
  const send = (path: string, init: SendInit): Promise<Response> => {
    const { body } = init;
    const isForm = body instanceof URLSearchParams;
    const method = init.method ?? (body === undefined ? 'GET' : 'POST');
    const bytes = isForm ? body.toString() : body;
    return new Promise((resolve, reject) => {
      const headers = {
        ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...(bytes === undefined ? {} : { 'content-length': String(Buffer.byteLength(bytes)) }),
        ...init.headers,
      };
      const receive = (message: IncomingMessage): void => {
        toResponse(message).then(resolve, reject);
      };
      const target = { host: '127.0.0.1', port, path, method, headers };
      const { certificatePem: cert, privateKeyPem: key } = init.clientCertificate ?? {};
      const outgoing =
        serverCertificate === undefined
          ? request({ ...target, agent }, receive)
          : tlsRequest({ ...target, agent: tlsAgent, cert, key }, receive);
      outgoing.once('error', reject);
      outgoing.end(bytes);
    });
  };
  return {
    send,
    close: () => {
      agent.destroy();
      tlsAgent.destroy();
    },
  };
}
