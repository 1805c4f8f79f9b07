import type { IncomingMessage, ServerResponse } from 'node:http';
import { authorizationLines } from './authorization-lines.ts';
import type { TokenCarrier } from './bearer-token.ts';
import type { ErrorResponse } from './error-response.ts';
import { type ResourceMetadata, resourceMetadataHeaders } from './resource-metadata.ts';
import type { RequestParts } from './verify-request.ts';

/** What of Node's own request matters to its token. */
export function nodeCarrier(req: IncomingMessage): TokenCarrier & { readonly request: RequestParts } {
  const url = req.url ?? '/';
  return {
    authorization: authorizationLines(req),
    url,
    request: {
      method: req.method ?? '',
      headers: () => req.headers,
      origin: () => `${'encrypted' in req.socket ? 'https' : 'http'}://${req.headers.host ?? ''}`,
      pathAndQuery: url,
      socket: () => req.socket,
    },
  };
}

/** Answers a Node request with a refusal. */
export function sendErrorResponse(res: ServerResponse, { status, headers, body }: ErrorResponse): void {
  res.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers a Node request with the API's metadata (RFC 9728 §3.2). */
export function sendResourceMetadata(res: ServerResponse, metadata: ResourceMetadata): void {
  res
    .writeHead(200, { ...resourceMetadataHeaders, 'content-type': 'application/json' })
    .end(JSON.stringify(metadata.document));
}
