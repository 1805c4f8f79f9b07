import type { RequestRefusal } from './auth-error.ts';
import { PROOF_ALGORITHMS } from './possession.ts';

/** How a refusal goes over the wire, in no framework's terms. */
export interface ErrorResponse {
  readonly status: 400 | 401 | 403 | 500 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string; readonly error_description: string };
}

/** What a challenge says about the API itself. */
export interface ChallengeOptions {
  /** The `realm` of `WWW-Authenticate`; `api` unless given. */
  readonly realm?: string;
  /** URL of this API's protected resource metadata (RFC 9728 §5.1), added to every challenge. */
  readonly resourceMetadataUrl?: string;
}

/**
 * Turns a refusal into status, headers and JSON body. A challenge carries no `error` when the request had no
 * token (RFC 6750 §3.1), has the scheme of the request (RFC 9449 §7.1), and neither 500 nor 503 carries one: another token
 * would not help.
 */
export function buildErrorResponse(refusal: RequestRefusal, options: ChallengeOptions = {}): ErrorResponse {
  const scheme = 'scheme' in refusal && refusal.scheme === 'DPoP' ? 'DPoP' : 'Bearer';
  const challenge = (attributes: Record<string, string> = {}) => ({
    'www-authenticate': buildChallenge(attributes, options, scheme),
    'cache-control': 'no-store',
  });
  const described = (status: 400 | 401 | 403, error: string, extra: Record<string, string> = {}) => ({
    status,
    headers: challenge({ error, error_description: refusal.message, ...extra }),
    body: { error, error_description: refusal.message },
  });
  switch (refusal.kind) {
    case 'missing-token':
      // The body needs a code although the challenge must not have one; a client reads the challenge.
      return {
        status: 401,
        headers: challenge(),
        body: { error: 'missing_token', error_description: refusal.message },
      };
    case 'invalid-request':
      return described(400, 'invalid_request');
    case 'invalid-token':
      return described(401, refusal.reason === 'dpop-proof' ? 'invalid_dpop_proof' : 'invalid_token');
    case 'insufficient-scope':
      return described(
        403,
        'insufficient_scope',
        refusal.requiredScope === undefined ? {} : { scope: refusal.requiredScope },
      );
    case 'insufficient-authentication':
      // RFC 9470 §3
      return described(401, 'insufficient_user_authentication', { acr_values: refusal.requiredAcr });
    case 'issuer-unavailable':
      return {
        status: 503,
        headers: { 'retry-after': String(refusal.retryAfterSeconds), 'cache-control': 'no-store' },
        body: { error: 'temporarily_unavailable', error_description: refusal.message },
      };
    case 'verifier-misconfigured':
      return {
        status: 500,
        headers: { 'cache-control': 'no-store' },
        body: { error: 'server_error', error_description: refusal.message },
      };
  }
}

function buildChallenge(
  attributes: Record<string, string>,
  options: ChallengeOptions,
  scheme: 'Bearer' | 'DPoP',
): string {
  // RFC 9449 §7.1
  const algorithms = scheme === 'DPoP' ? { algs: PROOF_ALGORITHMS.join(' ') } : {};
  const all: Record<string, string> = { realm: options.realm ?? 'api', ...algorithms, ...attributes };
  if (options.resourceMetadataUrl !== undefined) all.resource_metadata = options.resourceMetadataUrl;
  const parts = Object.entries(all).map(([name, value]) => `${name}="${quotable(value)}"`);
  return `${scheme} ${parts.join(', ')}`;
}

// RFC 6750 §3: error_description holds %x20-21 / %x23-5B / %x5D-7E, so neither quotes nor backslashes nor line breaks.
function quotable(value: string): string {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ');
}
