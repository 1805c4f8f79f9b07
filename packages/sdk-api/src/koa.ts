import type { Context, Middleware } from 'koa';
import { authorizationLines } from './authorization-lines.ts';
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

declare module 'koa' {
  interface DefaultState {
    /** Set by `requireAuth` and, when a token was sent, by `optionalAuth`. */
    auth?: Principal | undefined;
  }
}

/** Lets a request through with a good access token only; `ctx.state.auth` and `getAuth(ctx)` then say whose. */
export function requireAuth(verifier: Verifier, options: AuthOptions = {}): Middleware {
  return authMiddleware(verifier, 'required', options);
}

/** As `requireAuth`, but a request without a token passes; one with a bad token is still refused. */
export function optionalAuth(verifier: Verifier, options: AuthOptions = {}): Middleware {
  return authMiddleware(verifier, 'optional', options);
}

/** After `requireAuth`: 403 unless the token has the scope, or all of several separated by spaces. */
export function requireScope(scope: string): Middleware {
  return requirementMiddleware(scopeRequirement(scope));
}

/** After `requireAuth`: 403 unless the user has the role, granted by the organization if one is named. */
export function requireRole(role: string, query?: RoleQuery): Middleware {
  return requirementMiddleware(roleRequirement(role, query));
}

/** After `requireAuth`: 403 unless the `permissions` claim holds the permission. */
export function requirePermission(permission: string): Middleware {
  return requirementMiddleware(permissionRequirement(permission));
}

/** After `requireAuth`: 401 `insufficient_user_authentication` unless the token's `acr` is this one (RFC 9470 §3). */
export function requireAcr(acr: string): Middleware {
  return requirementMiddleware(acrRequirement(acr));
}

/** Answers requests of `metadata.path` with the API's metadata (RFC 9728 §3.2); `app.use` it before `requireAuth`. */
export function serveResourceMetadata(metadata: ResourceMetadata): Middleware {
  return async (ctx, next) => {
    if (ctx.method !== 'GET' || ctx.path !== metadata.path) return next();
    ctx.set(resourceMetadataHeaders);
    ctx.body = metadata.document;
  };
}

/** The principal of a request behind `requireAuth`. Throws when there is none. */
export function getAuth(ctx: Context): Principal {
  return rememberedPrincipal(ctx);
}

function authMiddleware(
  verifier: Verifier,
  presence: 'required' | 'optional',
  options: AuthOptions,
): Middleware {
  return async (ctx, next) => {
    const form: unknown = ctx.is('application/x-www-form-urlencoded') ? Object(ctx.request).body : undefined;
    const request = {
      method: ctx.method,
      headers: () => ctx.req.headers,
      origin: () => `${ctx.protocol}://${ctx.host}`,
      pathAndQuery: ctx.originalUrl,
      socket: () => ctx.req.socket,
    };
    const carrier = { authorization: authorizationLines(ctx.req), url: ctx.originalUrl, form, request };
    const outcome = await authenticate(ctx, carrier, { verifier, presence, options });
    if (outcome.kind === 'pass') ctx.state.auth = outcome.principal;
    return finish(ctx, outcome, next);
  };
}

function requirementMiddleware(requirement: Requirement): Middleware {
  return async (ctx, next) => finish(ctx, checkRequirement(ctx, requirement), next);
}

async function finish(ctx: Context, outcome: GuardOutcome, next: () => Promise<unknown>): Promise<void> {
  if (outcome.kind === 'pass') {
    await next();
    return;
  }
  const { status, headers, body } = outcome.response;
  ctx.set({ ...headers });
  ctx.status = status;
  ctx.body = body;
}
