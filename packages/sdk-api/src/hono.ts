import type { Context, Handler, MiddlewareHandler } from 'hono';
import {
  type AuthOptions,
  acrRequirement,
  authenticate,
  checkRequirement,
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

declare module 'hono' {
  interface ContextVariableMap {
    /** Set by `requireAuth` and, when a token was sent, by `optionalAuth`. */
    auth: Principal | undefined;
  }
}

/** Lets a request through with a good access token only; `c.get('auth')` and `getAuth(c)` then say whose. */
export function requireAuth(verifier: Verifier, options: AuthOptions = {}): MiddlewareHandler {
  return authMiddleware(verifier, 'required', options);
}

/** As `requireAuth`, but a request without a token passes; one with a bad token is still refused. */
export function optionalAuth(verifier: Verifier, options: AuthOptions = {}): MiddlewareHandler {
  return authMiddleware(verifier, 'optional', options);
}

/** After `requireAuth`: 403 unless the token has the scope, or all of several separated by spaces. */
export function requireScope(scope: string): MiddlewareHandler {
  return requirementMiddleware(scopeRequirement(scope));
}

/** After `requireAuth`: 403 unless the user has the role, granted by the organisation if one is named. */
export function requireRole(role: string, query?: RoleQuery): MiddlewareHandler {
  return requirementMiddleware(roleRequirement(role, query));
}

/** After `requireAuth`: 403 unless the `permissions` claim holds the permission. */
export function requirePermission(permission: string): MiddlewareHandler {
  return requirementMiddleware(permissionRequirement(permission));
}

/** After `requireAuth`: 401 `insufficient_user_authentication` unless the token's `acr` is this one (RFC 9470 §3). */
export function requireAcr(acr: string): MiddlewareHandler {
  return requirementMiddleware(acrRequirement(acr));
}

/** Answers with the API's metadata (RFC 9728 §3.2): `app.get(metadata.path, serveResourceMetadata(metadata))`, before `requireAuth`. */
export function serveResourceMetadata(metadata: ResourceMetadata): Handler {
  return (c) => c.json(metadata.document, 200, resourceMetadataHeaders);
}

/** The principal of a request behind `requireAuth`. Throws when there is none. */
export function getAuth(c: Context): Principal {
  return rememberedPrincipal(c);
}

function authMiddleware(
  verifier: Verifier,
  presence: 'required' | 'optional',
  options: AuthOptions,
): MiddlewareHandler {
  return async (c, next) => {
    const header = c.req.header('authorization');
    // The Web Headers class joins repeated lines with a comma, which no bearer token contains.
    const { url, method } = c.req;
    const request = {
      method,
      headers: () => c.req.header(),
      origin: () => new URL(url).origin,
      pathAndQuery: url.slice(url.indexOf('/', url.indexOf('//') + 2)),
      // Where Node serves it, the environment has its objects.
      socket: () => Object(Object(c.env).incoming).socket,
    };
    const carrier = { authorization: header === undefined ? [] : [header], url, request };
    const outcome = await authenticate(c, carrier, { verifier, presence, options });
    if (outcome.kind === 'pass') c.set('auth', outcome.principal);
    return finish(c, outcome, next);
  };
}

function requirementMiddleware(requirement: Requirement): MiddlewareHandler {
  return async (c, next) => finish(c, checkRequirement(c, requirement), next);
}

async function finish(
  c: Context,
  outcome: GuardOutcome,
  next: () => Promise<void>,
): Promise<Response | undefined> {
  if (outcome.kind === 'respond') {
    const { status, headers, body } = outcome.response;
    return c.json(body, status, { ...headers });
  }
  await next();
  return undefined;
}
