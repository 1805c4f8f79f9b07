import type { RequestListener } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { apiBase } from '@latchkey/contract';
import { type Context, Hono } from 'hono';
import { type ConsoleFiles, environmentOf } from './console-files.ts';
import { type Arrival, answerApi, answerElsewhere, answerRoute, instanceOf } from './dispatch.ts';
import type { Deps } from './platform/deps.ts';
import { maximumFormBytes } from './platform/http.ts';
import { fromNodeRequest, sendAnswer } from './platform/node-requests.ts';
import { fromWebRequest, toWebResponse } from './platform/web-requests.ts';
import { routes } from './route-table.ts';

type AppContext = Context<{ Bindings: HttpBindings }>;
type App = Hono<{ Bindings: HttpBindings }>;

/** Whether the process may take traffic; `draining` once it has been asked to stop. */
export interface Lifecycle {
  readonly isReady: () => Promise<boolean>;
  readonly isDraining: () => boolean;
  /** Whether the event loop was blocked for too long at a time within the last seconds. */
  readonly isLate: () => boolean;
  /** What `/metrics` shows (Prometheus text). */
  readonly metricsText: () => Promise<string>;
}

function arrivalOf(c: AppContext): Arrival {
  const { url } = c.req;
  const queryStart = url.indexOf('?');
  return {
    request: fromWebRequest(c.req.raw, c.env?.incoming?.socket),
    path: c.req.path,
    query: queryStart < 0 ? '' : url.slice(queryStart + 1),
    peerAddress: c.env?.incoming?.socket.remoteAddress ?? '',
  };
}

function operations(app: App, deps: Deps, lifecycle: Lifecycle): void {
  const plain = (status: number, text: string): Response =>
    new Response(`${text}\n`, {
      status,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    });
  const live = (): Response => plain(200, 'ok');
  const ready = async (): Promise<Response> => {
    if (lifecycle.isDraining()) return plain(503, 'draining');
    if (lifecycle.isLate()) return plain(503, 'the event loop was blocked for too long');
    return (await lifecycle.isReady()) ? plain(200, 'ready') : plain(503, 'the database is away');
  };
  const metrics = async (): Promise<Response> =>
    new Response(await lifecycle.metricsText(), { headers: { 'content-type': deps.metrics.contentType } });
  const at = (paths: readonly string[], answer: () => Response | Promise<Response>): void => {
    // A proxy that keeps these from the internet compares what is written, so no other spelling leads here.
    for (const path of paths)
      app.get(path, (c, next) => (writtenPathOf(c.env?.incoming?.url ?? path) === path ? answer() : next()));
  };
  at(['/healthz', '/livez', '/debug/healthz'], live);
  at(['/readyz', '/ready', '/debug/ready'], ready);
  at(['/metrics', '/debug/metrics'], metrics);
}

/** The path of a request target as it was written, without query and, in absolute form, without origin (RFC 9112 §3.2). */
function writtenPathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
}

/** `.` and `..` as a segment, which a URL parser takes away (RFC 3986 §5.2.4), also percent-encoded. */
const dotSegment = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** The page of all routes. Requests in, responses out; knows nothing of sockets. */
export function createApp(deps: Deps, lifecycle: Lifecycle, consoleFiles: ConsoleFiles): App {
  const app: App = new Hono();
  operations(app, deps, lifecycle);
  for (const route of routes) {
    app.all(route.path.replace(/\*$/, ':segment'), async (c) =>
      toWebResponse(await answerRoute(deps, route, arrivalOf(c))),
    );
  }
  app.get('/console', (c) => c.redirect('/console/', 302));
  app.get('/console/*', (c) => consoleFiles.answer(c.req.path, c.req.header('accept-encoding') ?? ''));
  // Where the dialect has its console.
  app.get('/ui/console/assets/environment.json', (c) => {
    const instance = instanceOf(arrivalOf(c), deps);
    return instance === undefined ? c.notFound() : c.json(environmentOf(instance.origin));
  });
  for (const path of ['/ui/console', '/ui/console/*']) app.get(path, (c) => c.redirect('/console/', 302));
  app.all(`${apiBase}/*`, async (c) => toWebResponse(await answerApi(deps, arrivalOf(c))));
  app.all('*', (c) => toWebResponse(answerElsewhere(deps, arrivalOf(c))));
  return app;
}

/**
 * The app as `node:http` calls it. A GET or POST of ordinary size to the exact address of a route goes straight to it,
 * since objects of the Fetch standard cost more than checking a token does; everything else goes through the app.
 */
export function createListener(app: App, deps: Deps): RequestListener {
  const byPath = new Map(routes.map((route) => [route.path, route]));
  // HTTP/1.0 knows no Host, and health checks of load balancers speak it; instances are not found by this name.
  const throughApp = getRequestListener(app.fetch, { hostname: 'localhost' });
  return (incoming, outgoing) => {
    const { url = '', method, headers } = incoming;
    const queryStart = url.indexOf('?');
    const path = queryStart < 0 ? url : url.slice(0, queryStart);
    const route = byPath.get(path);
    const isPlain =
      (method === 'GET' || method === 'POST') &&
      headers['transfer-encoding'] === undefined &&
      Number(headers['content-length'] ?? 0) <= maximumFormBytes &&
      !url.includes('#');
    const isElsewhere = route === undefined && dotSegment.test(writtenPathOf(url));
    if (!isElsewhere && (route === undefined || !isPlain)) {
      void throughApp(incoming, outgoing);
      return;
    }
    const arrival = {
      request: fromNodeRequest(incoming),
      path,
      query: queryStart < 0 ? '' : url.slice(queryStart + 1),
      peerAddress: incoming.socket.remoteAddress ?? '',
    };
    // Removing dot segments would lead to an address that no proxy in front has looked at.
    const answer = route === undefined ? answerElsewhere(deps, arrival) : answerRoute(deps, route, arrival);
    if (!(answer instanceof Promise)) {
      sendAnswer(outgoing, answer, deps.clock.now());
      return;
    }
    answer.then(
      (made) => sendAnswer(outgoing, made, deps.clock.now()),
      (err: unknown) => {
        deps.log.error({ err, route: path }, 'a request could not be answered');
        outgoing.destroy();
      },
    );
  };
}
