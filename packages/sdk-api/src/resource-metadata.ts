/** What an API tells clients that find it before they find its issuer. */
export interface ProtectedResource {
  /** Address of the API as clients know it, such as `https://api.example.com/mcp`: what they send as `resource`. */
  readonly resource: string;
  /** Issuers whose tokens it takes. */
  readonly authorizationServers: readonly string[];
  /** Scopes a client may ask for. */
  readonly scopes?: readonly string[];
  /** Name for people. */
  readonly name?: string;
  /** Where developers read about it. */
  readonly documentation?: string;
  /** Whether tokens must be bound to a key of the client (RFC 9449). */
  readonly dpop?: 'required' | 'accepted';
}

/** The metadata of an API, where it is served, and what challenges say. */
export interface ResourceMetadata {
  /** Path to serve it at, such as `/.well-known/oauth-protected-resource/mcp`. */
  readonly path: string;
  /** For `resourceMetadataUrl` of `requireAuth`. */
  readonly url: string;
  /** The JSON itself. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** Headers of the metadata; browsers of any origin may read it, since it tells nothing of anybody. */
export const resourceMetadataHeaders = {
  'access-control-allow-origin': '*',
  'cache-control': 'public, max-age=300',
};

const wellKnown = '/.well-known/oauth-protected-resource';
const loopback = ['localhost', '127.0.0.1', '[::1]'];

function parseResource(resource: string): URL {
  const url = URL.canParse(resource) ? new URL(resource) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.includes(url.hostname));
  if (url === undefined || !isSafe || /[?#]/.test(resource) || url.username !== '')
    throw new Error(
      `resource must be an https URL without query, fragment and user name (http on localhost); got ${resource}`,
    );
  return url;
}

/**
 * Builds the metadata of an API (RFC 9728 §2, §3.1). Serve `document` at `path` (the adapters have `serveResourceMetadata`)
 * and give `url` to `requireAuth`, so that its challenges lead there. Throws an error that says which setting to change.
 */
export function protectedResourceMetadata(options: ProtectedResource): ResourceMetadata {
  const { resource, authorizationServers, scopes, name, documentation, dpop } = options;
  const { origin, pathname } = parseResource(resource);
  if (authorizationServers.length === 0)
    throw new Error('authorizationServers needs at least one issuer, such as https://id.example.com.');
  // RFC 9728 §3.1: a slash that only ends the host goes; a path follows the well-known part.
  const path = wellKnown + (pathname === '/' ? '' : pathname);
  return {
    path,
    url: origin + path,
    document: {
      resource,
      authorization_servers: authorizationServers.map((issuer) => issuer.replace(/\/$/, '')),
      bearer_methods_supported: ['header'],
      ...(scopes === undefined ? {} : { scopes_supported: scopes }),
      ...(name === undefined ? {} : { resource_name: name }),
      ...(documentation === undefined ? {} : { resource_documentation: documentation }),
      ...(dpop === 'required' ? { dpop_bound_access_tokens_required: true } : {}),
    },
  };
}
