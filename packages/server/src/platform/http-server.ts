import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

/** What a server proves by in TLS, both as PEM. */
export interface TlsIdentity {
  readonly key: string;
  /** The certificate, followed by the rest of its chain. */
  readonly cert: string;
}

const limits = {
  maxHeaderSize: 16_384,
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 65_000,
} as const;

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
 * and takes any or none. `clientAuthorities` are the PEM certificates whose clients count as vouched for.
 */
export function createNodeServer(
  listener: RequestListener,
  tls: TlsIdentity | undefined,
  clientAuthorities: readonly string[],
): Server {
  const http =
    tls === undefined
      ? createHttpServer(limits, listener)
      : createHttpsServer(
          {
            ...limits,
            key: tls.key,
            cert: tls.cert,
            ciphers: cipherSuites,
            minVersion: 'TLSv1.2',
            handshakeTimeout: 10_000,
            requestCert: true,
            // Whether a certificate is good enough is decided per client, where the client is known.
            rejectUnauthorized: false,
            // An empty list, unlike none, means that the authorities of the public web vouch for nobody.
            ca: [...clientAuthorities],
          },
          listener,
        );
  http.maxRequestsPerSocket = 100_000;
  return http;
}
