import type { Context, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { FieldProblem, Problem, ProblemCode } from '../contract.ts';

/** The status of each problem. */
export const problemStatuses = {
  'invalid-input': 400,
  'invalid-cursor': 400,
  'missing-token': 401,
  'invalid-token': 401,
  'invalid-dpop-proof': 401,
  'fresh-sign-in-required': 401,
  'insufficient-role': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'slug-taken': 409,
  'version-conflict': 409,
  'too-large': 413,
  'version-required': 428,
  'internal-error': 500,
  'issuer-unavailable': 503,
} as const satisfies Record<ProblemCode, number>;

const titles: Record<ProblemCode, string> = {
  'invalid-input': 'Invalid input',
  'invalid-cursor': 'Invalid cursor',
  'missing-token': 'Missing access token',
  'invalid-token': 'Invalid access token',
  'invalid-dpop-proof': 'Invalid DPoP proof',
  'fresh-sign-in-required': 'Recent sign-in required',
  'insufficient-role': 'Insufficient role',
  'not-found': 'Not found',
  'method-not-allowed': 'Method not allowed',
  'slug-taken': 'Slug already taken',
  'version-conflict': 'Changed in the meantime',
  'too-large': 'Request too large',
  'version-required': 'Version required',
  'internal-error': 'Internal error',
  'issuer-unavailable': 'Access tokens cannot be checked',
};

/** What a problem says besides its code and detail. */
export interface ProblemExtras {
  readonly status?: 412;
  readonly errors?: readonly FieldProblem[];
  readonly maxAge?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal on its way to the caller; `app.onError` turns it into the response. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.extras = extras;
  }
}

/** The response of a problem (RFC 9457). */
export function problemResponse(code: ProblemCode, detail: string, extras: ProblemExtras = {}): Response {
  const { errors, maxAge, headers } = extras;
  const status = extras.status ?? problemStatuses[code];
  const problem: Problem = {
    type: 'about:blank',
    title: titles[code],
    status,
    code,
    detail,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(maxAge === undefined ? {} : { maxAge }),
  };
  const response = new Response(JSON.stringify(problem), { status, headers: { ...headers } });
  response.headers.set('Cache-Control', 'no-store');
  response.headers.set('Content-Type', 'application/problem+json');
  return response;
}

/** Input that does not fit its schema, every wrong field listed. */
export function invalidInput(error: z.core.$ZodError, place: 'body' | 'query'): ProblemError {
  const errors = error.issues.flatMap((issue): FieldProblem[] => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ pointer: pointerOf(issue.path, place), detail: issue.message }];
    }
    return issue.keys.map((key) => ({
      pointer: pointerOf([...issue.path, key], place),
      detail: 'Unknown field',
    }));
  });
  return new ProblemError(
    'invalid-input',
    `Fix the ${place === 'body' ? 'fields' : 'parameters'} listed in errors.`,
    {
      errors,
    },
  );
}

// RFC 6901 §3
function pointerOf(path: readonly PropertyKey[], place: 'body' | 'query'): string {
  if (place === 'query') return path.map(String).join('.');
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const Refusal = z.object({ error: z.string(), error_description: z.string() });

const codes: Readonly<Record<string, ProblemCode>> = {
  missing_token: 'missing-token',
  invalid_token: 'invalid-token',
  invalid_dpop_proof: 'invalid-dpop-proof',
  invalid_request: 'invalid-input',
  insufficient_scope: 'insufficient-role',
  temporarily_unavailable: 'issuer-unavailable',
};

/** Turns the refusals of `requireAuth` and `requireRole` into problems; status and `WWW-Authenticate` stay as they are. */
export const refusalsAsProblems: MiddlewareHandler = async (c: Context, next) => {
  await next();
  if (c.res.status < 400 || c.res.headers.get('content-type') !== 'application/json') return;
  const { error, error_description: detail } = Refusal.parse(await c.res.json());
  const headers = Object.fromEntries([...c.res.headers].filter(([name]) => !name.startsWith('content-')));
  // Assigning over a response would merge the headers of the old one into the new one.
  c.res = undefined;
  c.res = problemResponse(codes[error] ?? 'internal-error', detail, { headers });
};
