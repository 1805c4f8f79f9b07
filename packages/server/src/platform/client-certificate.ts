import { createHash, X509Certificate } from 'node:crypto';
import type { RequestContext } from './http.ts';

/** A certificate the client showed that it holds the key of. */
export interface ClientCertificate {
  readonly x509: X509Certificate;
  /** base64url of the SHA-256 of its DER: `x5t#S256` of RFC 8705 §3.1. */
  readonly thumbprint: string;
  /** `authority`: an accepted certification authority issued it. `nobody`: it stands for its own key alone. */
  readonly vouchedBy: 'authority' | 'nobody';
}

/** `x5t#S256` of a certificate: base64url of the SHA-256 of its DER (RFC 8705 §3.1). */
export function certificateThumbprint(x509: X509Certificate): string {
  return createHash('sha256').update(x509.raw).digest('base64url');
}

/** A header value: a byte sequence of structured fields (RFC 9440 §2.2), or PEM as proxies percent-encode it. */
function parseHeader(value: string): X509Certificate | undefined {
  const text = value.trim();
  const [, encoded] = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(text) ?? [];
  try {
    if (encoded !== undefined) return new X509Certificate(Buffer.from(encoded, 'base64'));
    const pem = decodeURIComponent(text);
    if (!/^-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/.test(pem))
      return undefined;
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function isIssuedBy(x509: X509Certificate, authority: X509Certificate, nowMs: number): boolean {
  const isInTime = Date.parse(x509.validFrom) <= nowMs && nowMs < Date.parse(x509.validTo);
  return isInTime && authority.ca && x509.checkIssued(authority) && x509.verify(authority.publicKey);
}

function fromHeader(context: RequestContext): ClientCertificate | undefined | 'not-a-proxy' {
  const { clientCertificates, trustedProxies, clock } = context.deps;
  const { header, authorities } = clientCertificates;
  // Anybody can write a header: it counts only from a proxy that is known to overwrite it.
  if (header === undefined || !trustedProxies(context.peerAddress)) return 'not-a-proxy';
  const value = context.request.headers.get(header);
  const x509 = value === null || value === '' ? undefined : parseHeader(value);
  if (x509 === undefined) return undefined;
  const isVouchedFor =
    authorities.length === 0 || authorities.some((authority) => isIssuedBy(x509, authority, clock.now()));
  return { x509, thumbprint: certificateThumbprint(x509), vouchedBy: isVouchedFor ? 'authority' : 'nobody' };
}

function fromConnection(context: RequestContext): ClientCertificate | undefined {
  const peer = context.request.peerCertificate?.();
  if (peer === undefined) return undefined;
  return { x509: peer.x509, thumbprint: certificateThumbprint(peer.x509), vouchedBy: peer.vouchedBy };
}

const known = new WeakMap<RequestContext['request'], { readonly value: ClientCertificate | undefined }>();

/**
 * The certificate of the client of this request, from its TLS connection or from a trusted proxy; `undefined` without
 * one. Worked out when first asked for. Source: RFC 8705 §2, RFC 9440 §2.
 */
export function clientCertificateOf(context: RequestContext): ClientCertificate | undefined {
  const remembered = known.get(context.request);
  if (remembered !== undefined) return remembered.value;
  const told = fromHeader(context);
  // The certificate of a proxy's own connection is the proxy's, never the client's.
  const value = told === 'not-a-proxy' ? fromConnection(context) : told;
  known.set(context.request, { value });
  return value;
}
