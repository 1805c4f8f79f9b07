/** Why a request was refused. Stable; sent as `code` and in the header `x-latchkey-error`. */
export type ProblemCode =
  | 'login_required'
  | 'csrf'
  | 'invalid_request'
  | 'not_found'
  | 'method_not_allowed'
  | 'invalid_path'
  | 'api_unavailable'
  | 'api_timeout'
  | 'issuer_unavailable'
  | 'configuration'
  | 'session_too_large'
  | 'retry';

/** The header by which a front end tells a refusal of this server from one of an API behind it. */
export const ERROR_HEADER = 'x-latchkey-error';

const titles: Readonly<Record<ProblemCode, readonly [number, string]>> = {
  login_required: [401, 'Sign-in required'],
  csrf: [403, 'Cross-site request refused'],
  invalid_request: [400, 'Invalid request'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  invalid_path: [400, 'Invalid path'],
  api_unavailable: [502, 'The API does not answer'],
  api_timeout: [504, 'The API does not answer in time'],
  issuer_unavailable: [503, 'The issuer does not answer'],
  configuration: [500, 'Configuration error'],
  session_too_large: [500, 'The session does not fit into cookies'],
  retry: [503, 'Send the request again'],
};

/** Headers of every answer that says something about a user or a sign-in. */
export const privateHeaders = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** A refusal as problem details (RFC 9457 §3). */
export function problemResponse(
  code: ProblemCode,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const [status, title] = titles[code];
  return new Response(JSON.stringify({ type: 'about:blank', title, status, code, detail }), {
    status,
    headers: {
      ...privateHeaders,
      'content-type': 'application/problem+json',
      [ERROR_HEADER]: code,
      ...headers,
    },
  });
}

/** A JSON answer nobody may keep. */
export function jsonResponse(body: unknown): Response {
  return new Response(JSON.stringify(body), {
    headers: { ...privateHeaders, 'content-type': 'application/json' },
  });
}

/** Sends the browser elsewhere, as a GET. */
export function redirectResponse(location: string): Response {
  return new Response(null, { status: 303, headers: { ...privateHeaders, location } });
}
