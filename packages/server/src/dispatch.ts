import { actingAuthTime, actorIdsOf } from '@latchkey/protocol';
import { answerManagement } from './management/router.ts';
import { readPresentedToken } from './oauth/presented-token.ts';
import { busyPage } from './platform/busy-page.ts';
import { type CalledHost, readCalledHost } from './platform/called-host.ts';
import { callerKeyOf, readCallerAddress } from './platform/caller-address.ts';
import { type CallerPlaces, createCallerPlaces } from './platform/caller-places.ts';
import { preflightHeaders } from './platform/cross-origin.ts';
import type { Deps } from './platform/deps.ts';
import { withOwedNonce } from './platform/dpop-nonce.ts';
import { type Answer, type Handler, type HttpRequest, json, type RequestContext } from './platform/http.ts';
import type { InstanceContext } from './platform/instances.ts';
import { randomId } from './platform/random.ts';
import { busyAnswer, errorPage, renderError } from './render-error.ts';
import type { Method, Route } from './route-table.ts';

/** A request with what its transport knows of it. */
export interface Arrival {
  readonly request: HttpRequest;
  /** Path without query. */
  readonly path: string;
  /** The query text without `?`. */
  readonly query: string;
  /** The other end of the connection; empty where there is none. */
  readonly peerAddress: string;
}

function preflight(route: Route, arrival: Arrival): Answer {
  const methods = Object.keys(route.methods).join(', ');
  const asked = arrival.request.headers.get('access-control-request-headers');
  return { status: 204, headers: preflightHeaders(methods, asked), body: '' };
}

function isMethod(method: string): method is Method {
  return method === 'GET' || method === 'POST' || method === 'PUT' || method === 'DELETE';
}

const hostAdvice = [
  'LATCHKEY_ISSUER must be the public address, with its port where it is not the usual one.',
  'A proxy must pass on the host and port that the client called: nginx by "proxy_set_header Host $http_host;" ($host has no port),',
  'or by X-Forwarded-Host or Forwarded, with the address of the proxy in LATCHKEY_TRUSTED_PROXIES.',
].join('\n');

/** Unknown hosts get no page built from their name; there is no instance to render one for. */
function unknownHost(deps: Deps, arrival: Arrival): Answer {
  const local = deps.instances
    .all()
    .find(({ origin }) => /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(origin));
  // Only a developer's own machine is told the right address; elsewhere it would tell one tenant's name to anybody.
  const hint = local === undefined ? '' : ` This server answers at ${local.origin}.`;
  const called = calledHost(arrival, deps);
  const why = called.kind === 'contradiction' ? called.detail : 'no Latchkey instance has this host.';
  return {
    status: 421,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
    body: `Misdirected request: ${why}${hint}\n${hostAdvice}\n`,
  };
}

function contextOf(arrival: Arrival, deps: Deps, instance: InstanceContext): RequestContext {
  const ip = readCallerAddress(
    { peerAddress: arrival.peerAddress, forwardedFor: arrival.request.headers.get('x-forwarded-for') },
    deps.trustedProxies,
  );
  return {
    deps,
    instance,
    request: arrival.request,
    path: arrival.path,
    query: arrival.query,
    ip,
    caller: callerKeyOf(ip),
    peerAddress: arrival.peerAddress,
    requestId: randomId(),
  };
}

function methodNotAllowed(context: RequestContext, route: Route): Answer {
  const allow = Object.keys(route.methods).join(', ');
  if (route.answers === 'json') {
    return json(405, { error: 'invalid_request', error_description: `use ${allow} here` }, { allow });
  }
  const page = errorPage(context, 405, 'method-not-allowed', `use ${allow} here`);
  return { ...page, headers: { ...page.headers, allow } };
}

/** What routes that anybody may call are given. */
interface Share {
  /** With a store that holds a share of the connections at most. */
  readonly deps: Deps;
  /** One caller has half of the share's places at most. */
  readonly places: CallerPlaces;
}

const shares = new WeakMap<Deps, Share>();

function shareOf(deps: Deps): Share {
  const known = shares.get(deps);
  if (known !== undefined) return known;
  const { store } = deps;
  const made = {
    deps: { ...deps, store: { ...store, ...store.share } },
    places: createCallerPlaces(() => store.engine.sharePlaces() / 2),
  };
  shares.set(deps, made);
  return made;
}

/** Answers a request over the share, where its caller has a place left. */
async function answerFromShare(
  { places }: Share,
  route: Route,
  context: RequestContext,
  handler: Handler,
): Promise<Answer> {
  const giveBack = places.take(context.caller);
  if (giveBack === undefined) return busyAnswer(context, route, 'database');
  try {
    return await handler(context);
  } finally {
    giveBack();
  }
}

/** The instance at the host that was called. */
export function instanceOf(arrival: Arrival, deps: Deps): InstanceContext | undefined {
  const called = calledHost(arrival, deps);
  return called.kind === 'host' ? deps.instances.byHost(called.host) : undefined;
}

function calledHost({ request, peerAddress }: Arrival, deps: Deps): CalledHost {
  return readCalledHost(request.headers, deps.trustedProxies(peerAddress) ? 'trusted-proxy' : 'anybody');
}

async function decide(deps: Deps, route: Route, arrival: Arrival): Promise<Answer> {
  // A setting that this process has heard of counts from the next request on.
  const settling = deps.instances.settled();
  if (settling !== undefined) await settling;
  const instance = instanceOf(arrival, deps);
  if (instance === undefined) return unknownHost(deps, arrival);
  const share = route.answers === 'page' || route.database === 'share' ? shareOf(deps) : undefined;
  const context = contextOf(arrival, share?.deps ?? deps, instance);
  const method = arrival.request.method === 'HEAD' ? 'GET' : arrival.request.method;
  if (method === 'OPTIONS' && route.answers === 'json') return preflight(route, arrival);
  const handler = isMethod(method) ? route.methods[method] : undefined;
  if (handler === undefined) return methodNotAllowed(context, route);
  try {
    const isBounded = share !== undefined && !(route.hashes === 'password' && method === 'POST');
    const answer = isBounded ? await answerFromShare(share, route, context, handler) : await handler(context);
    return withOwedNonce(context, answer);
  } catch (error) {
    return withOwedNonce(context, await renderError(context, route, error));
  }
}

/**
 * The refusal of a request that hashes a password, when no more of them may wait. It depends on nothing of the request but
 * its address and its language, so that a flood is refused without reading, opening or asking anything.
 */
function turnAway(deps: Deps, route: Route, arrival: Arrival): Answer | undefined {
  if (route.hashes !== 'password' || arrival.request.method !== 'POST' || !deps.passwords.isFull())
    return undefined;
  const instance = instanceOf(arrival, deps);
  if (instance === undefined) return undefined;
  deps.metrics.countTurnedAway('password');
  return busyPage(deps, instance, arrival);
}

async function answerInFull(deps: Deps, route: Route, arrival: Arrival): Promise<Answer> {
  const startedAt = performance.now();
  const answer = await decide(deps, route, arrival);
  deps.metrics.observeRequest(route.path, answer.status, (performance.now() - startedAt) / 1000);
  return answer;
}

/** The answer of a route, whatever happens; counted in the metrics. Never rejects. A refusal comes at once, not as a promise. */
export function answerRoute(deps: Deps, route: Route, arrival: Arrival): Answer | Promise<Answer> {
  const refusal = turnAway(deps, route, arrival);
  if (refusal === undefined) return answerInFull(deps, route, arrival);
  deps.metrics.observeRequest(route.path, refusal.status, 0);
  return refusal;
}

/** The answer of the management API, whatever happens; counted in the metrics. Never rejects. */
export async function answerApi(deps: Deps, arrival: Arrival): Promise<Answer> {
  const settling = deps.instances.settled();
  if (settling !== undefined) await settling;
  const instance = instanceOf(arrival, deps);
  if (instance === undefined) return unknownHost(deps, arrival);
  const startedAt = performance.now();
  const context = contextOf(arrival, deps, instance);
  const answer = await answerManagement(context, async (each) => {
    const { token, subject, client } = await readPresentedToken(each, 'header');
    const { audience, personal, actor, confirmation } = token;
    const actorIds = actor === undefined ? [] : actorIdsOf(actor);
    const authTime = actingAuthTime(token);
    const signIn = {
      scheme: confirmation?.kind === 'dpop' ? 'DPoP' : 'Bearer',
      ...(authTime === undefined ? {} : { authTime }),
    } as const;
    return { subject, client, audience, isPersonal: personal === true, actorIds, signIn };
  });
  deps.metrics.observeRequest('/api/v1/*', answer.status, (performance.now() - startedAt) / 1000);
  return withOwedNonce(context, answer);
}

/** The answer for an address that no route has. */
export function answerElsewhere(deps: Deps, arrival: Arrival): Answer {
  const instance = instanceOf(arrival, deps);
  if (instance === undefined) return unknownHost(deps, arrival);
  if (arrival.path === '/' && arrival.request.method === 'GET')
    return { status: 302, headers: { location: `${instance.origin}/login` }, body: '' };
  const wantsPage = (arrival.request.headers.get('accept') ?? '').includes('text/html');
  return wantsPage
    ? errorPage(contextOf(arrival, deps, instance), 404, 'not-found')
    : json(404, { error: 'invalid_request', error_description: 'there is nothing at this address' });
}
