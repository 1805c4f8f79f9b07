import type { IncomingMessage, ServerResponse } from 'node:http';
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
import { nodeCarrier, sendErrorResponse, sendResourceMetadata } from './node-request.ts';
import type { Principal, RoleQuery } from './principal.ts';
import type { ResourceMetadata } from './resource-metadata.ts';
import type { Verifier } from './verifier.ts';

export type { AuthOptions } from './guards.ts';

/** A request listener of `node:http`. */
export type NodeHandler = (req: IncomingMessage, res: ServerResponse) => unknown;

/**
 * Wraps a listener: it runs only when the check passes, otherwise the refusal is sent. The wrapped listener rejects
 * when the inner one does.
 */
export type NodeGuard = (
  handler: NodeHandler,
) => (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** Lets a request through with a good access token only; `getAuth(req)` then says whose. */
export function requireAuth(verifier: Verifier, options: AuthOptions = {}): NodeGuard {
  return authGuard(verifier, 'required', options);
}

/** As `requireAuth`, but a request without a token passes; one with a bad token is still refused. */
export function optionalAuth(verifier: Verifier, options: AuthOptions = {}): NodeGuard {
  return authGuard(verifier, 'optional', options);
}

/** Inside `requireAuth`: 403 unless the token has the scope, or all of several separated by spaces. */
export function requireScope(scope: string): NodeGuard {
  return requirementGuard(scopeRequirement(scope));
}

/** Inside `requireAuth`: 403 unless the user has the role, granted by the organization if one is named. */
export function requireRole(role: string, query?: RoleQuery): NodeGuard {
  return requirementGuard(roleRequirement(role, query));
}

/** Inside `requireAuth`: 403 unless the `permissions` claim holds the permission. */
export function requirePermission(permission: string): NodeGuard {
  return requirementGuard(permissionRequirement(permission));
}

/** Inside `requireAuth`: 401 `insufficient_user_authentication` unless the token's `acr` is this one (RFC 9470 §3). */
export function requireAcr(acr: string): NodeGuard {
  return requirementGuard(acrRequirement(acr));
}

/** Answers with the API's metadata (RFC 9728 §3.2). Call it for requests of `metadata.path`, outside `requireAuth`. */
export function serveResourceMetadata(
  metadata: ResourceMetadata,
): (req: IncomingMessage, res: ServerResponse) => void {
  return (_req, res) => sendResourceMetadata(res, metadata);
}

/** The principal of a request inside `requireAuth`. Throws when there is none. */
export function getAuth(req: IncomingMessage): Principal {
  return rememberedPrincipal(req);
}

/** The principal of a request inside `optionalAuth`, `undefined` when it came without a token. */
export function findAuth(req: IncomingMessage): Principal | undefined {
  return findPrincipal(req);
}

function authGuard(verifier: Verifier, presence: 'required' | 'optional', options: AuthOptions): NodeGuard {
  return (handler) => async (req, res) =>
    finish(await authenticate(req, nodeCarrier(req), { verifier, presence, options }), handler, req, res);
}

function requirementGuard(requirement: Requirement): NodeGuard {
  return (handler) => async (req, res) => finish(checkRequirement(req, requirement), handler, req, res);
}

async function finish(
  outcome: GuardOutcome,
  handler: NodeHandler,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (outcome.kind === 'respond') sendErrorResponse(res, outcome.response);
  else await handler(req, res);
}
