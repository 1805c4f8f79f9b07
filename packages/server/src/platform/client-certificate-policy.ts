import type { X509Certificate } from 'node:crypto';

/** Where client certificates come from besides the connection, and who may issue those that name a client. */
export interface ClientCertificatePolicy {
  /** The header in which trusted proxies send the certificate, lower-case; none when `undefined`. */
  readonly header: string | undefined;
  /** Authorities whose certificates name clients (RFC 8705 §2.1). Without any, trusted proxies vouch by themselves. */
  readonly authorities: readonly X509Certificate[];
  /** Whether certificates can reach this server at all: by TLS of its own, or a proxy's header. */
  readonly arrive: 'on' | 'off';
}
