import type { Request, RequestHandler, Response } from 'express';
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

declare global {
  namespace Express {
    interface Request {
      /** Set by `requireAuth` and, when a token was sent, by `optionalAuth`. */
      auth?: Principal | undefined;
    }
  }
}

/** Lets a request through with a good access token only; `req.auth` and `getAuth(req)` then say whose. */
export function requireAuth(verifier: Verifier, options: AuthOptions = {}): RequestHandler {
  return authHandler(verifier, 'required', options);
}

/** As `requireAuth`, but a request without a token passes; one with a bad token is still refused. */
export function optionalAuth(verifier: Verifier, options: AuthOptions = {}): RequestHandler {
  return authHandler(verifier, 'optional', options);
}

/** After `requireAuth`: 403 unless the token has the scope, or all of several separated by spaces. */
export function requireScope(scope: string): RequestHandler {
  return requirementHandler(scopeRequirement(scope));
}

/** After `requireAuth`: 403 unless the user has the role, granted by the organisation if one is named. */
export function requireRole(role: string, query?: RoleQuery): RequestHandler {
  return requirementHandler(roleRequirement(role, query));
}

/** After `requireAuth`: 403 unless the `permissions` claim holds the permission. */
export function requirePermission(permission: string): RequestHandler {
  return requirementHandler(permissionRequirement(permission));
}

/** After `requireAuth`: 401 `insufficient_user_authentication` unless the token's `acr` is this one (RFC 9470 §3). */
export function requireAcr(acr: string): RequestHandler {
  return requirementHandler(acrRequirement(acr));
}

/** Answers with the API's metadata (RFC 9728 §3.2): `app.get(metadata.path, serveResourceMetadata(metadata))`, before `requireAuth`. */
export function serveResourceMetadata(metadata: ResourceMetadata): RequestHandler {
  return (_req, res) => void res.set(resourceMetadataHeaders).json(metadata.document);
}

/** The principal of a request behind `requireAuth`. Throws when there is none. */
export function getAuth(req: Request): Principal {
  return rememberedPrincipal(req);
}

function authHandler(
  verifier: Verifier,
  presence: 'required' | 'optional',
  options: AuthOptions,
): RequestHandler {
  return (req, res, next) => {
    const form: unknown = req.is('application/x-www-form-urlencoded') ? req.body : undefined;
    const request = {
      method: req.method,
      headers: () => req.headers,
      origin: () => `${req.protocol}://${req.get('host') ?? ''}`,
      pathAndQuery: req.originalUrl,
      socket: () => req.socket,
    };
    const carrier = { authorization: authorizationLines(req), url: req.originalUrl, form, request };
    // Express 4 does not look at promises, so failures are handed on by hand.
    authenticate(req, carrier, { verifier, presence, options })
      .then((outcome) => {
        if (outcome.kind === 'pass') req.auth = outcome.principal;
        finish(res, outcome, next);
      })
      .catch(next);
  };
}

function requirementHandler(requirement: Requirement): RequestHandler {
  return (req, res, next) => finish(res, checkRequirement(req, requirement), next);
}

function finish(res: Response, outcome: GuardOutcome, next: () => void): void {
  if (outcome.kind === 'pass') {
    next();
    return;
  }
  const { status, headers, body } = outcome.response;
  res
    .status(status)
    .set({ ...headers })
    .json(body);
}
