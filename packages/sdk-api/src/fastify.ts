import type { FastifyReply, FastifyRequest } from 'fastify';
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

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireAuth` and, when a token was sent, by `optionalAuth`. */
    auth?: Principal | undefined;
  }
}

/** A hook for `onRequest`, `preValidation` or `preHandler`, of the whole app or of one route. */
export type AuthHook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/** Lets a request through with a good access token only; `request.auth` and `getAuth(request)` then say whose. */
export function requireAuth(verifier: Verifier, options: AuthOptions = {}): AuthHook {
  return authHook(verifier, 'required', options);
}

/** As `requireAuth`, but a request without a token passes; one with a bad token is still refused. */
export function optionalAuth(verifier: Verifier, options: AuthOptions = {}): AuthHook {
  return authHook(verifier, 'optional', options);
}

/** After `requireAuth`: 403 unless the token has the scope, or all of several separated by spaces. */
export function requireScope(scope: string): AuthHook {
  return requirementHook(scopeRequirement(scope));
}

/** After `requireAuth`: 403 unless the user has the role, granted by the organisation if one is named. */
export function requireRole(role: string, query?: RoleQuery): AuthHook {
  return requirementHook(roleRequirement(role, query));
}

/** After `requireAuth`: 403 unless the `permissions` claim holds the permission. */
export function requirePermission(permission: string): AuthHook {
  return requirementHook(permissionRequirement(permission));
}

/** After `requireAuth`: 401 `insufficient_user_authentication` unless the token's `acr` is this one (RFC 9470 §3). */
export function requireAcr(acr: string): AuthHook {
  return requirementHook(acrRequirement(acr));
}

/** Answers with the API's metadata (RFC 9728 §3.2): `app.get(metadata.path, serveResourceMetadata(metadata))`, before `requireAuth`. */
export function serveResourceMetadata(
  metadata: ResourceMetadata,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (_request, reply) => reply.headers(resourceMetadataHeaders).send(metadata.document);
}

/** The principal of a request behind `requireAuth`. Throws when there is none. */
export function getAuth(request: FastifyRequest): Principal {
  return rememberedPrincipal(request);
}

function authHook(verifier: Verifier, presence: 'required' | 'optional', options: AuthOptions): AuthHook {
  return async (request, reply) => {
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    const form: unknown = isForm ? request.body : undefined;
    const parts = {
      method: request.method,
      headers: () => request.headers,
      // Fastify 4 calls it hostname, port and all.
      origin: () => `${request.protocol}://${request.host ?? request.hostname}`,
      pathAndQuery: request.originalUrl,
      socket: () => request.raw.socket,
    };
    const carrier = {
      authorization: authorizationLines(request.raw),
      url: request.url,
      form,
      request: parts,
    };
    const outcome = await authenticate(request, carrier, { verifier, presence, options });
    if (outcome.kind === 'pass') request.auth = outcome.principal;
    return finish(reply, outcome);
  };
}

function requirementHook(requirement: Requirement): AuthHook {
  return async (request, reply) => finish(reply, checkRequirement(request, requirement));
}

function finish(reply: FastifyReply, outcome: GuardOutcome): FastifyReply | undefined {
  if (outcome.kind === 'pass') return undefined;
  const { status, headers, body } = outcome.response;
  return reply
    .code(status)
    .headers({ ...headers })
    .send(body);
}
