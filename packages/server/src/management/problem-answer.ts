import { apiBase, type ProblemBody, type ProblemCode, problems } from '@latchkey/contract';
import { DatabaseUnavailable } from '@latchkey/store';
import { ApiError, OAuthError, type ProblemExtras } from '../platform/errors.ts';
import { type Answer, BodyTooLarge, MalformedBody, type RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { StaleState } from '../platform/live-state.ts';
import { RequestCutOff } from '../platform/node-requests.ts';
import { PasswordPoolBusy } from '../platform/password-pool.ts';
import { uniqueClashOf } from './unique-clash.ts';

/** Headers of every answer of the API: nobody keeps it, any origin may read it, since it travels without cookies. */
export const apiHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Date, ETag, Location, Retry-After, X-Request-Id, Idempotency-Replayed, WWW-Authenticate',
} as const;

interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly extras?: ProblemExtras;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A problem as an answer (RFC 9457 §3). */
export function problemAnswer(context: RequestContext, problem: Problem): Answer {
  const { status, title, next } = problems[problem.code];
  const body: ProblemBody = {
    type: `${publicUrl(context.instance, `${apiBase}/docs`)}#problem-${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.detail,
    next,
    instance: context.requestId,
    ...problem.extras,
  };
  return {
    status,
    headers: {
      ...apiHeaders,
      'content-type': 'application/problem+json',
      'x-request-id': context.requestId,
      ...problem.headers,
    },
    body: JSON.stringify(body),
  };
}

function toProblem(context: RequestContext, error: unknown): Problem {
  const { log, metrics } = context.deps;
  if (error instanceof ApiError)
    return { code: error.code, detail: error.message, extras: error.extras, headers: error.headers };
  // What reading the access token threw; its challenge travels along (RFC 6750 §3).
  if (error instanceof OAuthError) {
    const detail = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
    return {
      code: error.status === 400 ? 'invalid-input' : 'unauthenticated',
      detail,
      headers: error.headers,
    };
  }
  if (error instanceof BodyTooLarge) return { code: 'too-large', detail: 'The body is larger than 1 MB.' };
  if (error instanceof MalformedBody)
    return { code: 'malformed-json', detail: 'The body is not valid UTF-8.' };
  if (error instanceof RequestCutOff) return { code: 'invalid-input', detail: 'The request was not whole.' };
  // Counted, not logged: a flood must not flood the log too.
  if (error instanceof PasswordPoolBusy) {
    metrics.countTurnedAway('password');
    return {
      code: 'unavailable',
      detail: 'Too many passwords are being hashed; nothing was changed.',
      headers: { 'retry-after': '1' },
    };
  }
  if (error instanceof DatabaseUnavailable || error instanceof StaleState) {
    log.warn({ err: error, requestId: context.requestId, path: context.path }, 'answered 503');
    return { code: 'unavailable', detail: 'The server cannot answer now.', headers: { 'retry-after': '1' } };
  }
  const clash = uniqueClashOf(error);
  if (clash !== undefined) {
    const { detail, pointer } = clash;
    const errors = pointer === undefined ? [] : [{ pointer, detail: 'is taken; choose another' }];
    return { code: 'already-exists', detail, extras: errors.length === 0 ? {} : { errors } };
  }
  log.error({ err: error, requestId: context.requestId, path: context.path }, 'unexpected error');
  return {
    code: 'internal',
    detail: `An unexpected error happened; its request id is ${context.requestId}.`,
  };
}

/** Turns whatever a handler threw into a problem. */
export function problemOf(context: RequestContext, error: unknown): Answer {
  return problemAnswer(context, toProblem(context, error));
}
