import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  HttpException,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { authorizationLines } from './authorization-lines.ts';
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
import { sendResourceMetadata } from './node-request.ts';
import type { Principal, RoleQuery } from './principal.ts';
import type { ResourceMetadata } from './resource-metadata.ts';
import type { Verifier } from './verifier.ts';

export type { AuthOptions } from './guards.ts';

/** What the requests of Nest's platforms, Express and Fastify, have in common. */
interface PlatformRequest {
  /** Node's request under Fastify's. */
  readonly raw?: IncomingMessage;
  readonly method: string;
  readonly protocol: string;
  readonly originalUrl: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders?: readonly string[];
  readonly socket: unknown;
  readonly body?: unknown;
  auth?: Principal | undefined;
}

type RouteDecorator = MethodDecorator & ClassDecorator;

const publicRoute = 'latchkey:public';
const reflector = new Reflector();

/**
 * A guard that lets a request through with a good access token only; `@Auth()`, `request.auth` and `getAuth(request)`
 * then say whose. Give it to `@UseGuards` or, for all routes but those marked `@Public()`, to `app.useGlobalGuards`.
 */
export function requireAuth(verifier: Verifier, options: AuthOptions = {}): CanActivate {
  return authGuard(verifier, 'required', options);
}

/** As `requireAuth`, but a request without a token passes; one with a bad token is still refused. */
export function optionalAuth(verifier: Verifier, options: AuthOptions = {}): CanActivate {
  return authGuard(verifier, 'optional', options);
}

/** A guard after `requireAuth`: 403 unless the token has the scope, or all of several separated by spaces. */
export function requireScope(scope: string): CanActivate {
  return requirementGuard(scopeRequirement(scope));
}

/** A guard after `requireAuth`: 403 unless the user has the role, granted by the organization if one is named. */
export function requireRole(role: string, query?: RoleQuery): CanActivate {
  return requirementGuard(roleRequirement(role, query));
}

/** A guard after `requireAuth`: 403 unless the `permissions` claim holds the permission. */
export function requirePermission(permission: string): CanActivate {
  return requirementGuard(permissionRequirement(permission));
}

/** A guard after `requireAuth`: 401 `insufficient_user_authentication` unless the token's `acr` is this one (RFC 9470 §3). */
export function requireAcr(acr: string): CanActivate {
  return requirementGuard(acrRequirement(acr));
}

/** `requireScope` as a decorator of a route or a controller. */
export function RequireScope(scope: string): RouteDecorator {
  return UseGuards(requireScope(scope));
}

/** `requireRole` as a decorator of a route or a controller. */
export function RequireRole(role: string, query?: RoleQuery): RouteDecorator {
  return UseGuards(requireRole(role, query));
}

/** `requirePermission` as a decorator of a route or a controller. */
export function RequirePermission(permission: string): RouteDecorator {
  return UseGuards(requirePermission(permission));
}

/** `requireAcr` as a decorator of a route or a controller. */
export function RequireAcr(acr: string): RouteDecorator {
  return UseGuards(requireAcr(acr));
}

/** Marks a route or a controller that a `requireAuth` around it leaves open: no token is looked at. */
export function Public(): RouteDecorator {
  return SetMetadata(publicRoute, true);
}

/** The principal as a parameter of a route; `undefined` behind `optionalAuth` without a token. */
export const Auth: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => findPrincipal(requestOf(context)),
);

/** Answers requests of `metadata.path` with the API's metadata (RFC 9728 §3.2): `app.use(serveResourceMetadata(metadata))`. */
export function serveResourceMetadata(
  metadata: ResourceMetadata,
): (req: IncomingMessage, res: ServerResponse, next: () => void) => void {
  return (req, res, next) => {
    const [path] = (req.url ?? '').split('?');
    if (req.method === 'GET' && path === metadata.path) sendResourceMetadata(res, metadata);
    else next();
  };
}

/** The principal of a request behind `requireAuth`. Throws when there is none. */
export function getAuth(request: object): Principal {
  return rememberedPrincipal(request);
}

function authGuard(verifier: Verifier, presence: 'required' | 'optional', options: AuthOptions): CanActivate {
  return {
    async canActivate(context) {
      if (reflector.getAllAndOverride<unknown>(publicRoute, [context.getHandler(), context.getClass()])) {
        return true;
      }
      const request = requestOf(context);
      const outcome = await authenticate(request, carrierOf(request), { verifier, presence, options });
      if (outcome.kind === 'pass') request.auth = outcome.principal;
      return finish(context, outcome);
    },
  };
}

function requirementGuard(requirement: Requirement): CanActivate {
  return { canActivate: (context) => finish(context, checkRequirement(requestOf(context), requirement)) };
}

function requestOf(context: ExecutionContext): PlatformRequest {
  if (context.getType() !== 'http')
    throw new Error(`@latchkey/api/nestjs guards HTTP routes, and this is a ${context.getType()} handler.`);
  return context.switchToHttp().getRequest<PlatformRequest>();
}

function carrierOf(request: PlatformRequest) {
  const { headers, method, originalUrl } = request;
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return {
    authorization: authorizationLines(request.raw ?? request),
    url: originalUrl,
    form: isForm ? request.body : undefined,
    request: {
      method,
      headers: () => headers,
      origin: () => `${request.protocol}://${headers.host ?? ''}`,
      pathAndQuery: originalUrl,
      socket: () => request.raw?.socket ?? request.socket,
    },
  };
}

/** Throws Nest's own exception, so that its filters see a refusal as they see every other. */
function finish(context: ExecutionContext, outcome: GuardOutcome): true {
  if (outcome.kind === 'pass') return true;
  const { status, headers, body } = outcome.response;
  const response = context.switchToHttp().getResponse<{ header(name: string, value: string): unknown }>();
  for (const [name, value] of Object.entries(headers)) response.header(name, value);
  throw new HttpException(body, status);
}
