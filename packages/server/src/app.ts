import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Deps } from './platform/deps.ts';
import { json, type RequestContext } from './platform/http.ts';
import type { InstanceContext } from './platform/instances.ts';
import { randomId } from './platform/random.ts';
import { errorPage, renderError } from './render-error.ts';
import { type Route, routes } from './route-table.ts';

type AppContext = Context<{ Bindings: HttpBindings }>;

/** Whether the process may take traffic; `draining` once it has been asked to stop. */
export interface Lifecycle {
  readonly isReady: () => Promise<boolean>;
  readonly isDraining: () => boolean;
}

const preflightHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'Authorization, Content-Type, Accept, Accept-Language, X-Requested-With',
  'access-control-max-age': '600',
} as const;

/** The address of the caller: the connection's, or what trusted proxies say, read from the right (RFC 7239 §5.2). */
function callerAddress(c: AppContext, deps: Deps): string {
  let address = c.env?.incoming?.socket.remoteAddress ?? '';
  if (!deps.trustedProxies(address)) return address;
  const hops = (c.req.header('x-forwarded-for') ?? '')
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
  for (const hop of hops.reverse()) {
    address = hop;
    if (!deps.trustedProxies(hop)) break;
  }
  return address;
}

/** Unknown hosts get no page built from their name; there is no instance to render one for. */
function unknownHost(deps: Deps): Response {
  const local = deps.instances
    .all()
    .find(({ origin }) => /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(origin));
  // Only a developer's own machine is told the right address; elsewhere it would tell one tenant's name to anybody.
  const hint =
    local === undefined ? '' : ` This server answers at ${local.origin}; LATCHKEY_ISSUER changes that.`;
  return new Response(`Misdirected request: no Latchkey instance has this host.${hint}\n`, {
    status: 421,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}

function contextOf(c: AppContext, deps: Deps, instance: InstanceContext): RequestContext {
  const { url } = c.req;
  const queryStart = url.indexOf('?');
  return {
    deps,
    instance,
    request: c.req.raw,
    path: c.req.path,
    query: queryStart < 0 ? '' : url.slice(queryStart + 1),
    ip: callerAddress(c, deps),
    requestId: randomId(),
  };
}

function methodNotAllowed(context: RequestContext, route: Route): Response {
  const allow = Object.keys(route.methods).join(', ');
  if (route.answers === 'json') {
    return json(405, { error: 'invalid_request', error_description: `use ${allow} here` }, { allow });
  }
  const page = errorPage(context, 405, 'method-not-allowed', `use ${allow} here`);
  page.headers.set('allow', allow);
  return page;
}

async function answer(c: AppContext, deps: Deps, route: Route): Promise<Response> {
  const instance = deps.instances.byHost((c.req.header('host') ?? '').toLowerCase());
  if (instance === undefined) return unknownHost(deps);
  const context = contextOf(c, deps, instance);
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  if (method === 'OPTIONS' && route.answers === 'json')
    return new Response(null, { status: 204, headers: preflightHeaders });
  const handler = method === 'GET' || method === 'POST' ? route.methods[method] : undefined;
  if (handler === undefined) return methodNotAllowed(context, route);
  try {
    return await handler(context);
  } catch (error) {
    return renderError(context, route, error);
  }
}

function operations(app: Hono<{ Bindings: HttpBindings }>, deps: Deps, lifecycle: Lifecycle): void {
  const plain = (status: number, text: string): Response =>
    new Response(`${text}\n`, {
      status,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    });
  const live = (): Response => plain(200, 'ok');
  const ready = async (): Promise<Response> => {
    if (lifecycle.isDraining()) return plain(503, 'draining');
    return (await lifecycle.isReady()) ? plain(200, 'ready') : plain(503, 'the database is away');
  };
  for (const path of ['/healthz', '/livez', '/debug/healthz']) app.get(path, live);
  for (const path of ['/readyz', '/ready', '/debug/ready']) app.get(path, ready);
  for (const path of ['/metrics', '/debug/metrics']) {
    app.get(
      path,
      async () =>
        new Response(await deps.metrics.text(), { headers: { 'content-type': deps.metrics.contentType } }),
    );
  }
}

/** The page of all routes. Requests in, responses out; knows nothing of sockets. */
export function createApp(deps: Deps, lifecycle: Lifecycle): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  operations(app, deps, lifecycle);
  for (const route of routes) {
    app.all(route.path, async (c) => {
      const startedAt = performance.now();
      const response = await answer(c, deps, route);
      deps.metrics.observeRequest(route.path, response.status, (performance.now() - startedAt) / 1000);
      return response;
    });
  }
  app.all('*', (c) => {
    const instance = deps.instances.byHost((c.req.header('host') ?? '').toLowerCase());
    if (instance === undefined) return unknownHost(deps);
    if (c.req.path === '/' && c.req.method === 'GET') return c.redirect(`${instance.origin}/login`, 302);
    const context = contextOf(c, deps, instance);
    const wantsPage = (c.req.header('accept') ?? '').includes('text/html');
    return wantsPage
      ? errorPage(context, 404, 'not-found')
      : json(404, { error: 'invalid_request', error_description: 'there is nothing at this address' });
  });
  return app;
}
