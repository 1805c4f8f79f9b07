import type { RequestRefusal } from './auth-error.ts';

/** What of a request matters to finding its token. */
export interface TokenCarrier {
  /** Every `Authorization` header line of the request. */
  readonly authorization: readonly string[];
  /** Path and query as requested. */
  readonly url: string;
  /** The parsed form body, when something has parsed it already. */
  readonly form?: unknown;
}

/** The token of a request, or why it has none to check. */
export type BearerToken =
  | { readonly kind: 'token'; readonly token: string; readonly scheme: 'Bearer' | 'DPoP' }
  | Extract<RequestRefusal, { kind: 'missing-token' | 'invalid-request' }>;

/** Longest access token accepted, in characters. */
export const MAX_TOKEN_LENGTH = 16_384;

const B64_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Whether a text can be a bearer token at all (RFC 6750 §2.1 `b64token`, bounded). */
export function isTokenText(text: string): boolean {
  return text.length <= MAX_TOKEN_LENGTH && B64_TOKEN.test(text);
}

const schemes: ReadonlyMap<string, 'Bearer' | 'DPoP'> = new Map([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
]);

/**
 * Takes the access token, sent as Bearer or DPoP, from the `Authorization` header and from nowhere else. A second token in the query or
 * in an already parsed form makes the request invalid (RFC 6750 §2), as does a second or malformed header.
 */
export function parseBearerToken(carrier: TokenCarrier): BearerToken {
  const [header, ...more] = carrier.authorization;
  if (more.length > 0) return invalidRequest('The request has more than one Authorization header. Send one.');
  if (header === undefined) return missingToken();
  const value = header.trim();
  const scheme = /^[^\s]*/.exec(value)?.[0] ?? '';
  const known = schemes.get(scheme.toLowerCase());
  if (known === undefined) return missingToken();
  const token = value.slice(scheme.length).replace(/^ +/, '');
  if (!isTokenText(token)) {
    return invalidRequest(
      `The Authorization header is malformed. Send: Authorization: ${known} <access token>.`,
      known,
    );
  }
  if (hasQueryToken(carrier.url) || hasFormToken(carrier.form)) {
    return invalidRequest(
      'The request carries two access tokens. Send one, in the Authorization header, and drop access_token.',
      known,
    );
  }
  return { kind: 'token', token, scheme: known };
}

/** The refusal of a request that brought no bearer token. */
export function missingToken(): Extract<RequestRefusal, { kind: 'missing-token' }> {
  return {
    kind: 'missing-token',
    message: 'This API needs an access token. Send: Authorization: Bearer <access token>.',
  };
}

function invalidRequest(message: string, scheme: 'Bearer' | 'DPoP' = 'Bearer'): BearerToken {
  return { kind: 'invalid-request', message, ...(scheme === 'DPoP' ? { scheme } : {}) };
}

function hasQueryToken(url: string): boolean {
  const queryStart = url.indexOf('?');
  return queryStart !== -1 && new URLSearchParams(url.slice(queryStart)).has('access_token');
}

function hasFormToken(form: unknown): boolean {
  return typeof form === 'object' && form !== null && Object.hasOwn(form, 'access_token');
}
