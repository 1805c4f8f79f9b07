import { serveStatic } from '@hono/node-server/serve-static';
import type { Bff } from '@latchkey/bff';
import { serveBff } from '@latchkey/bff/hono';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { securityHeaders } from './security-headers.ts';
import type { PublicConfig } from './web-config.ts';

/** The pages of `src/routes.tsx`. The app decides whether the article or topic of an address exists. */
const pages = [
  '/latest',
  '/for-you',
  '/topics/:key',
  '/sources',
  '/sources/:key',
  '/search',
  '/saved',
  '/history',
  '/preferences',
  '/welcome',
  '/desk',
  '/desk/new',
  '/desk/:slug',
];

/**
 * Serves the built app: the same document for every page, its assets and `/config.json`. Any other path gets the
 * document with 404, in which the app says that the page does not exist. `root` is the folder `vite build` wrote. With a `bff`
 * it also answers `/auth/…`, and `/api/…` from the API.
 */
export function createWebApp(page: PublicConfig, root: string, bff?: Bff): Hono {
  const headers = Object.entries(securityHeaders(page));
  const app = new Hono();
  if (bff !== undefined) app.use(serveBff(bff));
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of headers) c.header(name, value);
  });
  app.get('/config.json', (c) => c.json(page, 200, { 'Cache-Control': 'no-store' }));
  // The file names of assets carry a hash of their content.
  app.get('/assets/*', cacheControl('public, max-age=31536000, immutable'), serveStatic({ root }), (c) =>
    c.text('Not found', 404),
  );
  for (const path of ['/favicon.svg', '/theme.js'])
    app.get(path, cacheControl('no-cache'), serveStatic({ root }));

  const document = [cacheControl('no-cache'), serveStatic({ root, path: 'index.html' })] as const;
  app.get(
    '/',
    preload(page, () => ['/api/articles?limit=50', '/api/topics']),
    ...document,
  );
  app.get(
    '/articles/:slug',
    preload(page, (c) => [`/api/articles/${encodeURIComponent(c.req.param('slug') ?? '')}`, '/api/topics']),
    ...document,
  );
  for (const path of pages)
    app.get(
      path,
      preload(page, () => ['/api/topics']),
      ...document,
    );
  app.get('*', status(404), ...document);
  return app;
}

function cacheControl(value: string): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (c.res.ok) c.header('Cache-Control', value);
  };
}

function status(code: 404): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.res = new Response(c.res.body, { status: code, headers: c.res.headers });
  };
}

// The browser asks the API for what the page begins with while it still fetches the script. The hidden frame of a silent
// sign-in shows no page, so it needs nothing of it.
function preload(page: PublicConfig, paths: (c: Context) => readonly string[]): MiddlewareHandler {
  const apiUrl = page.mode === 'bff' ? '' : page.apiUrl;
  return async (c, next) => {
    await next();
    if (c.req.header('sec-fetch-dest') === 'iframe') return;
    const links = paths(c).map((path) => `<${apiUrl}${path}>; rel=preload; as=fetch; crossorigin`);
    c.header('Link', links.join(', '));
  };
}
