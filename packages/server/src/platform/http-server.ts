import { createServer as createHttpServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { limits } from '@latchkey/protocol';
import type { Answer } from './http.ts';
import { maximumHeaderLines, oversizedAnswer, readHead } from './oversized.ts';

/** What a server proves by in TLS, both as PEM. */
export interface TlsIdentity {
  readonly key: string;
  /** The certificate, followed by the rest of its chain. */
  readonly cert: string;
}

/** What a connection may take, in milliseconds, and how many there may be. */
export interface HttpLimits {
  /** From the first byte, or the opening of the connection, to the end of the headers. */
  readonly headersTimeout: number;
  /** To the end of the body. */
  readonly requestTimeout: number;
  /** Between requests; longer than load balancers keep connections. */
  readonly keepAliveTimeout: number;
  /** How long a client may take to read what it was sent. */
  readonly answerTimeout: number;
  /** How often slow connections are looked for. */
  readonly connectionsCheckingInterval: number;
  readonly maxConnections: number;
}

const usualLimits: HttpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  answerTimeout: 60_000,
  connectionsCheckingInterval: 1000,
  maxConnections: 10_000,
};

const refusals = {
  400: 'Bad Request: this is not a request of HTTP/1.1.',
  408: 'Request Timeout: the request did not arrive in time.',
} as const;

function refusalOf(error: NodeJS.ErrnoException & { readonly rawPacket?: Buffer }): Answer {
  if (error.code === 'HPE_HEADER_OVERFLOW') return oversizedAnswer(readHead(error.rawPacket));
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  };
  return { status, headers, body: `${refusals[status]}\n` };
}

/** How long a refused connection is still read, so that its client reads the answer before the connection is reset. */
const lingerMs = 1000;

const refused = new WeakSet<Duplex>();

/** Answers what never became a request, then closes the connection. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  // The parser complains again about each packet that still comes.
  if (refused.has(socket)) return;
  refused.add(socket);
  if (error.code === 'ECONNRESET' || !socket.writable || socket.writableLength > 0) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = refusalOf(error);
  const head = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) });
  const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}\r\n${body}`, () => {
    setTimeout(() => socket.destroy(), lingerMs).unref();
  });
}

/**
 * Ends connections whose clients do not read what they were sent. They are looked through from time to time, because a
 * clock for each request would cost all requests more than checking a token does.
 */
function endSlowReaders(
  http: Server,
  connections: 'connection' | 'secureConnection',
  timing: HttpLimits,
): void {
  const behindSince = new Map<Socket, number | undefined>();
  http.on(connections, (socket: Socket) => {
    behindSince.set(socket, undefined);
    socket.once('close', () => behindSince.delete(socket));
  });
  const look = (): void => {
    const now = performance.now();
    for (const [socket, since] of behindSince) {
      // What fits the buffers of the system is gone from ours.
      if (socket.writableLength === 0) behindSince.set(socket, undefined);
      else if (since === undefined) behindSince.set(socket, now);
      else if (now - since >= timing.answerTimeout) socket.destroy();
    }
  };
  const timer = setInterval(look, timing.connectionsCheckingInterval);
  timer.unref();
  http.once('close', () => clearInterval(timer));
}

/**
 * Ends connections beyond a number at once. Not by `maxConnections`: in a worker of `node:cluster` the primary would
 * offer such a connection again and again, as fast as it can.
 */
function boundConnections(http: Server, maximum: number): void {
  let open = 0;
  http.on('connection', (socket: Socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    if (open > maximum) socket.destroy();
  });
}

/** The listener behind what is looked at before any request: how many header lines there are. */
function guarded(listener: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    if (incoming.rawHeaders.length > 2 * maximumHeaderLines) {
      const { accept, 'accept-language': acceptLanguage } = incoming.headers;
      const { status, headers, body } = oversizedAnswer({
        what: 'headers',
        ...(accept === undefined ? {} : { accept }),
        ...(acceptLanguage === undefined ? {} : { acceptLanguage }),
      });
      outgoing.writeHead(status, headers);
      outgoing.end(body);
      return;
    }
    listener(incoming, outgoing);
  };
}

// FAPI 2.0 Security Profile §5.2.2: with TLS 1.2 only suites with forward secrecy and authenticated encryption.
const cipherSuites = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':');

/**
 * A server that does not listen yet: plain http, or with a TLS identity https, which asks every client for a certificate
 * and takes any or none. `clientAuthorities` are the PEM certificates whose clients count as vouched for. Slow, silent and
 * overlong connections end by `limits`.
 */
export function createNodeServer(
  listener: RequestListener,
  tls: TlsIdentity | undefined,
  clientAuthorities: readonly string[],
  changedLimits: Partial<HttpLimits> = {},
): Server {
  const timing = { ...usualLimits, ...changedLimits };
  const { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval } = timing;
  const options = {
    ...{ headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval },
    maxHeaderSize: limits.requestHead,
  };
  const behind = guarded(listener);
  const http =
    tls === undefined
      ? createHttpServer(options, behind)
      : createHttpsServer(
          {
            ...options,
            key: tls.key,
            cert: tls.cert,
            ciphers: cipherSuites,
            minVersion: 'TLSv1.2',
            handshakeTimeout: headersTimeout,
            requestCert: true,
            // Whether a certificate is good enough is decided per client, where the client is known.
            rejectUnauthorized: false,
            // An empty list, unlike none, means that the authorities of the public web vouch for nobody.
            ca: [...clientAuthorities],
          },
          behind,
        );
  boundConnections(http, timing.maxConnections);
  // Node drops what goes beyond silently: one more than allowed is kept, to be refused.
  http.maxHeadersCount = maximumHeaderLines + 1;
  endSlowReaders(http, tls === undefined ? 'connection' : 'secureConnection', timing);
  http.on('clientError', refuseConnection);
  http.maxRequestsPerSocket = 100_000;
  return http;
}
