import { peerCertificateThumbprint, type VerifyRequest } from './possession.ts';

/** What the adapters know of a request; each is asked for only when a proof has to be checked. */
export interface RequestParts {
  readonly method: string;
  readonly headers: () => VerifyRequest['headers'];
  /** Scheme and host as the framework sees them. */
  readonly origin: () => string;
  /** Path and query as requested. */
  readonly pathAndQuery: string;
  readonly socket: () => unknown;
}

/** A request for `verify` that costs nothing until it is looked at. `origin` replaces what the framework sees. */
export function lazyVerifyRequest(parts: RequestParts, origin: string | undefined): VerifyRequest {
  return {
    method: parts.method,
    get headers() {
      return parts.headers();
    },
    get url() {
      return (origin ?? parts.origin()) + parts.pathAndQuery;
    },
    get certificateThumbprint() {
      return peerCertificateThumbprint(parts.socket());
    },
  };
}
