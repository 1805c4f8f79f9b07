import type { RequestRefusal } from './auth-error.ts';
import { missingToken, parseBearerToken, type TokenCarrier } from './bearer-token.ts';
import { buildErrorResponse, type ChallengeOptions, type ErrorResponse } from './error-response.ts';
import type { Principal, RoleQuery } from './principal.ts';
import type { Verifier } from './verifier.ts';
import { lazyVerifyRequest, type RequestParts } from './verify-request.ts';

/** Settings of `requireAuth` and `optionalAuth`. */
export interface AuthOptions extends ChallengeOptions {
  /**
   * Scheme and host by which clients call this API, such as `https://api.example.com`, when a proxy in front of it
   * changes them: DPoP proofs name the address the client has called.
   */
  readonly origin?: string;
}

/** What a request's authentication led to; kept beside the request for the guards that run later. */
interface AuthState {
  readonly principal: Principal | undefined;
  readonly scheme: 'Bearer' | 'DPoP';
  readonly options: AuthOptions;
}

/** `pass` lets the request through; `respond` is the answer to send instead. */
export type GuardOutcome =
  | { readonly kind: 'pass'; readonly principal: Principal | undefined }
  | { readonly kind: 'respond'; readonly response: ErrorResponse };

type Shortfall = Extract<RequestRefusal, { kind: 'insufficient-scope' | 'insufficient-authentication' }>;
type PrincipalCheck = (principal: Principal) => Shortfall | undefined;

/** A requirement that is checked after `requireAuth` or `optionalAuth`. */
export interface Requirement {
  readonly guard: string;
  readonly check: PrincipalCheck;
}

// Requests are the keys, so a state lives as long as its request and no framework's own fields are needed.
const states = new WeakMap<object, AuthState>();

/**
 * Verifies a request's token and remembers the principal. `required` refuses a request without one; with
 * `optional` it passes, but a token that was sent and is no good is refused all the same.
 */
export async function authenticate(
  request: object,
  carrier: TokenCarrier & { readonly request: RequestParts },
  how: { verifier: Verifier; presence: 'required' | 'optional'; options: AuthOptions },
): Promise<GuardOutcome> {
  const found = parseBearerToken(carrier);
  if (found.kind === 'missing-token' && how.presence === 'optional') {
    states.set(request, { principal: undefined, scheme: 'Bearer', options: how.options });
    return { kind: 'pass', principal: undefined };
  }
  if (found.kind !== 'token') return respond(found, how.options);
  const proven = lazyVerifyRequest(carrier.request, how.options.origin);
  const outcome = await how.verifier.verify(found.token, proven);
  if (outcome.kind !== 'principal') return respond(outcome, how.options);
  states.set(request, { principal: outcome, scheme: found.scheme, options: how.options });
  return { kind: 'pass', principal: outcome };
}

/** Checks a requirement against the remembered principal. Throws when no authentication ran before it. */
export function checkRequirement(request: object, requirement: Requirement): GuardOutcome {
  const state = states.get(request);
  if (state === undefined) throw new Error(misplaced(requirement.guard));
  const refusal = state.principal ? requirement.check(state.principal) : missingToken();
  if (refusal === undefined) return { kind: 'pass', principal: state.principal };
  // RFC 9449 §7.1: what was sent as DPoP is challenged as DPoP.
  const isDpop = state.scheme === 'DPoP' && refusal.kind !== 'missing-token';
  return respond(isDpop ? { ...refusal, scheme: 'DPoP' } : refusal, state.options);
}

/** The remembered principal, `undefined` behind `optionalAuth` without a token. Throws when no authentication ran. */
export function findPrincipal(request: object): Principal | undefined {
  const state = states.get(request);
  if (state === undefined) throw new Error(misplaced('findAuth'));
  return state.principal;
}

/** The remembered principal. Throws when there is none: in a handler behind `requireAuth` there always is one. */
export function rememberedPrincipal(request: object): Principal {
  const state = states.get(request);
  if (state === undefined) throw new Error(misplaced('getAuth'));
  if (state.principal === undefined) {
    throw new Error(
      'getAuth found no principal: optionalAuth let a request without a token through. Read auth instead.',
    );
  }
  return state.principal;
}

/** All of the scopes, space-separated as in a token. */
export function scopeRequirement(scope: string): Requirement {
  const wanted = scope.split(' ').filter((item) => item !== '');
  return {
    guard: 'requireScope',
    check: (principal) =>
      wanted.every((item) => principal.scopes.includes(item))
        ? undefined
        : {
            kind: 'insufficient-scope',
            message: `This needs the scope ${scope}. Get an access token with it.`,
            requiredScope: scope,
          },
  };
}

export function roleRequirement(role: string, query: RoleQuery = {}): Requirement {
  const where = query.organization === undefined ? '' : ` in organization ${query.organization}`;
  return {
    guard: 'requireRole',
    check: (principal) =>
      principal.hasRole(role, query)
        ? undefined
        : {
            kind: 'insufficient-scope',
            message: `This needs the role ${role}${where}. Ask an administrator for it, then get a new access token.`,
          },
  };
}

export function permissionRequirement(permission: string): Requirement {
  return {
    guard: 'requirePermission',
    check: (principal) =>
      principal.permissions.includes(permission)
        ? undefined
        : {
            kind: 'insufficient-scope',
            message: `This needs the permission ${permission}. Ask an administrator for it, then get a new access token.`,
          },
  };
}

/** The token's `acr` must be this one (RFC 9470). */
export function acrRequirement(acr: string): Requirement {
  return {
    guard: 'requireAcr',
    check: (principal) =>
      principal.claims.acr === acr
        ? undefined
        : {
            kind: 'insufficient-authentication',
            message: `This needs a sign-in of level ${acr}. Sign in again with acr_values=${acr}.`,
            requiredAcr: acr,
          },
  };
}

function respond(refusal: RequestRefusal, options: AuthOptions): GuardOutcome {
  return { kind: 'respond', response: buildErrorResponse(refusal, options) };
}

function misplaced(guard: string): string {
  return `${guard} ran on a request that nothing has authenticated. Put requireAuth(verifier) in front of it.`;
}
