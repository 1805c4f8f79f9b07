import { createServer as createHttpServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

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

const maximumHeaderLines = 100;
const maximumHeaderBytes = 16_384;

const refusals = {
  400: 'Bad Request: this is not a request of HTTP/1.1.',
  408: 'Request Timeout: the request did not arrive in time.',
  431: `Request Header Fields Too Large: send at most ${maximumHeaderLines} header lines and ${maximumHeaderBytes} bytes of them.`,
} as const;

const refusalStatus: ReadonlyMap<unknown, keyof typeof refusals> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
]);

const plainText = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  connection: 'close',
} as const;

/** Answers what never became a request, then closes the connection. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  const status = refusalStatus.get(error.code) ?? 400;
  if (error.code === 'ECONNRESET' || !socket.writable || socket.writableLength > 0) {
    socket.destroy();
    return;
  }
  const text = `${refusals[status]}\n`;
  const head = Object.entries({ ...plainText, 'content-length': String(text.length) });
  const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}\r\n${text}`, () => socket.destroy());
}

/**
 * Ends connections whose clients do not read what they were sent. They are looked through from time to time, because a
 * clock for each request would cost all requests more than checking a token does.
 */
function endSlowReaders(
  http: Server,
  connections: 'connection' | 'secureConnection',
  limits: HttpLimits,
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
      else if (now - since >= limits.answerTimeout) socket.destroy();
    }
  };
  const timer = setInterval(look, limits.connectionsCheckingInterval);
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
      outgoing.writeHead(431, plainText);
      outgoing.end(`${refusals[431]}\n`);
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
  const limits = { ...usualLimits, ...changedLimits };
  const { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval } = limits;
  const options = {
    ...{ headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval },
    maxHeaderSize: maximumHeaderBytes,
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
  boundConnections(http, limits.maxConnections);
  // Node drops what goes beyond silently: one more than allowed is kept, to be refused.
  http.maxHeadersCount = maximumHeaderLines + 1;
  endSlowReaders(http, tls === undefined ? 'connection' : 'secureConnection', limits);
  http.on('clientError', refuseConnection);
  http.maxRequestsPerSocket = 100_000;
  return http;
}
