import type { PageErrorCode } from '@latchkey/login-ui';
import { endpointPaths, errorFields, printable } from '@latchkey/protocol';
import { DatabaseUnavailable, isUniqueViolation } from '@latchkey/store';
import { authorizeResponse } from './platform/authorize-answer.ts';
import { busyPage } from './platform/busy-page.ts';
import { OAuthError, PageError, RedirectError } from './platform/errors.ts';
import { type Answer, BodyTooLarge, json, MalformedBody, type RequestContext } from './platform/http.ts';
import { StaleState } from './platform/live-state.ts';
import { RequestCutOff } from './platform/node-requests.ts';
import { pageResponse } from './platform/pages.ts';
import { PasswordPoolBusy } from './platform/password-pool.ts';
import { activityAt, type WaysOn, waysOnFrom } from './platform/way-on.ts';
import type { Route } from './route-table.ts';

/** Shows an error to a person, on our own origin. */
export function errorPage(
  context: RequestContext,
  status: number,
  code: PageErrorCode,
  detail?: string,
  retryAfterSeconds?: number,
  onward: { readonly ways?: WaysOn; readonly locale?: string | undefined } = {},
): Answer {
  const { ways, locale } = onward;
  return pageResponse(
    context,
    {
      kind: 'error',
      code,
      activity: activityAt(context.path),
      ...(ways === undefined ? {} : { ways: ways.ways }),
      requestId: context.requestId,
      ...(detail === undefined ? {} : { detail }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
    {
      status,
      ...(locale === undefined ? {} : { locale }),
      ...(ways?.applicationName === undefined ? {} : { applicationName: ways.applicationName }),
      ...(retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }),
    },
  );
}

const endsHere: ReadonlySet<PageErrorCode> = new Set([
  'request-invalid',
  'request-expired',
  'other-browser',
  'forbidden-origin',
  'client-unknown',
  'not-found',
]);

/** An error with ways on: from wherever a sign-in, a sign-out or an approval can end. */
async function stoppedPage(context: RequestContext, error: PageError): Promise<Answer> {
  const { code, status, message, retryAfterSeconds, stopped = {} } = error;
  // A request that is wrong before anybody is asked says nothing that could be trusted about where to go.
  const isUnknown = context.path === endpointPaths.authorize && stopped.clientId === undefined;
  if (!endsHere.has(code) || isUnknown) return errorPage(context, status, code, message, retryAfterSeconds);
  const order = code === 'other-browser' ? 'application-first' : 'again-first';
  const ways = await waysOnFrom(context, stopped, order);
  return errorPage(context, status, code, message, retryAfterSeconds, { ways, locale: stopped.locale });
}

function oauthError(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(status, { error, error_description: printable(description) }, headers);
}

function isUnavailable(error: unknown): boolean {
  return (
    error instanceof DatabaseUnavailable ||
    error instanceof StaleState ||
    // Another request took the same name at the same moment: the next try finds it.
    isUniqueViolation(error)
  );
}

/** Refuses a request that would wait too long: it is told to come again in a second, and nothing of it was done. */
export function busyAnswer(context: RequestContext, route: Route, kind: 'password' | 'database'): Answer {
  context.deps.metrics.countTurnedAway(kind);
  return route.answers === 'json'
    ? oauthError(503, 'temporarily_unavailable', 'too many requests at once; try again in a second', {
        'retry-after': '1',
      })
    : busyPage(context.deps, context.instance, context);
}

function unexpected(context: RequestContext, route: Route, error: unknown): Answer {
  if (error instanceof BodyTooLarge) {
    return route.answers === 'json'
      ? oauthError(413, 'invalid_request', 'the body is larger than 64 kB')
      : errorPage(context, 413, 'too-large');
  }
  if (error instanceof MalformedBody) {
    return route.answers === 'json'
      ? oauthError(400, 'invalid_request', error.message)
      : errorPage(context, 400, 'request-invalid', error.message);
  }
  // A flood must not flood the log too; the metrics count these.
  if (error instanceof PasswordPoolBusy) return busyAnswer(context, route, 'password');
  if (error instanceof DatabaseUnavailable && error.reason === 'share-full')
    return busyAnswer(context, route, 'database');
  if (isUnavailable(error)) {
    context.deps.log.warn({ err: error, requestId: context.requestId, route: route.path }, 'answered 503');
    return route.answers === 'json'
      ? oauthError(503, 'temporarily_unavailable', 'the server cannot answer now; try again in a moment', {
          'retry-after': '1',
        })
      : errorPage(context, 503, 'unavailable', undefined, 1);
  }
  context.deps.log.error({ err: error, requestId: context.requestId, route: route.path }, 'unexpected error');
  return route.answers === 'json'
    ? oauthError(500, 'server_error', `an unexpected error happened; its request id is ${context.requestId}`)
    : errorPage(context, 500, 'internal');
}

/** Turns whatever a handler threw into an answer, and logs what the operator should know. The only place that does. */
export async function renderError(context: RequestContext, route: Route, error: unknown): Promise<Answer> {
  const { log } = context.deps;
  if (error instanceof OAuthError) {
    log.debug(
      {
        error: error.code,
        internal: error.internal,
        detail: error.message,
        route: route.path,
        requestId: context.requestId,
      },
      'refused',
    );
    if (route.answers === 'page') return errorPage(context, error.status, 'request-invalid', error.message);
    return oauthError(error.status, error.code, error.message, error.headers);
  }
  if (error instanceof RedirectError) {
    log.debug(
      { error: error.code, detail: error.message, requestId: context.requestId },
      'refused to the client',
    );
    const fields = errorFields(error.target, context.instance.origin, error.code, error.message);
    return await authorizeResponse(context, error.target, fields);
  }
  if (error instanceof PageError) {
    log.debug(
      { error: error.code, detail: error.message, requestId: context.requestId },
      'refused on a page',
    );
    return await stoppedPage(context, error);
  }
  if (error instanceof RequestCutOff) {
    log.debug({ route: route.path, requestId: context.requestId }, 'the client went away');
    return oauthError(400, 'invalid_request', 'the request was not whole');
  }
  return unexpected(context, route, error);
}
