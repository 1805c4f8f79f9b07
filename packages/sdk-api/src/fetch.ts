import {
  type AuthOptions,
  acrRequirement,
  authenticate,
  checkRequirement,
  findPrincipal,
  type GuardOutcome,
  permissionRequirement,
  type Requirement,
  rememberedPrincipal,
  roleRequirement,
  scopeRequirement,
} from './guards.ts';
import type { Principal, RoleQuery } from './principal.ts';
import { type ResourceMetadata, resourceMetadataHeaders } from './resource-metadata.ts';
import type { Verifier } from './verifier.ts';

export type { AuthOptions } from './guards.ts';

/**
 * Wraps a handler that takes a `Request`, and whatever else the platform hands it, and gives a `Response`: Bun, Deno,
 * Workers, route handlers of Next. It runs only when the check passes; otherwise the answer is the refusal.
 */
export type FetchGuard = <R extends Request, Rest extends readonly unknown[]>(
  handler: (request: R, ...rest: Rest) => Response | Promise<Response>,
) => (request: R, ...rest: Rest) => Promise<Response>;

/** Lets a request through with a good access token only; `getAuth(request)` then says whose. */
export function requireAuth(verifier: Verifier, options: AuthOptions = {}): FetchGuard {
  return authGuard(verifier, 'required', options);
}

/** As `requireAuth`, but a request without a token passes; one with a bad token is still refused. */
export function optionalAuth(verifier: Verifier, options: AuthOptions = {}): FetchGuard {
  return authGuard(verifier, 'optional', options);
}

/** Inside `requireAuth`: 403 unless the token has the scope, or all of several separated by spaces. */
export function requireScope(scope: string): FetchGuard {
  return requirementGuard(scopeRequirement(scope));
}

/** Inside `requireAuth`: 403 unless the user has the role, granted by the organization if one is named. */
export function requireRole(role: string, query?: RoleQuery): FetchGuard {
  return requirementGuard(roleRequirement(role, query));
}

/** Inside `requireAuth`: 403 unless the `permissions` claim holds the permission. */
export function requirePermission(permission: string): FetchGuard {
  return requirementGuard(permissionRequirement(permission));
}

/** Inside `requireAuth`: 401 `insufficient_user_authentication` unless the token's `acr` is this one (RFC 9470 §3). */
export function requireAcr(acr: string): FetchGuard {
  return requirementGuard(acrRequirement(acr));
}

/** Answers with the API's metadata (RFC 9728 §3.2). Call it for requests of `metadata.path`, outside `requireAuth`. */
export function serveResourceMetadata(metadata: ResourceMetadata): () => Response {
  return () => Response.json(metadata.document, { headers: resourceMetadataHeaders });
}

/** The principal of a request inside `requireAuth`. Throws when there is none, or when `request` is a copy. */
export function getAuth(request: Request): Principal {
  return rememberedPrincipal(request);
}

/** The principal of a request inside `optionalAuth`, `undefined` when it came without a token. */
export function findAuth(request: Request): Principal | undefined {
  return findPrincipal(request);
}

function authGuard(verifier: Verifier, presence: 'required' | 'optional', options: AuthOptions): FetchGuard {
  return (handler) =>
    async (request, ...rest) => {
      const outcome = await authenticate(request, carrierOf(request), { verifier, presence, options });
      return finish(outcome) ?? handler(request, ...rest);
    };
}

function requirementGuard(requirement: Requirement): FetchGuard {
  return (handler) =>
    async (request, ...rest) =>
      finish(checkRequirement(request, requirement)) ?? handler(request, ...rest);
}

function carrierOf(request: Request) {
  const { url, method, headers } = request;
  // The Headers class joins repeated lines with a comma, which no bearer token contains.
  const header = headers.get('authorization');
  return {
    authorization: header === null ? [] : [header],
    url,
    request: {
      method,
      headers: () => Object.fromEntries(headers),
      origin: () => new URL(url).origin,
      pathAndQuery: url.slice(url.indexOf('/', url.indexOf('//') + 2)),
      socket: () => undefined,
    },
  };
}

function finish(outcome: GuardOutcome): Response | undefined {
  if (outcome.kind === 'pass') return undefined;
  const { status, headers, body } = outcome.response;
  return Response.json(body, { status, headers });
}
