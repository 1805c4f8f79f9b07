import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';
import { securityHeaders } from './security-headers.ts';
import type { PublicConfig } from './web-config.ts';

/**
 * Serves the built page: `/` (also with the query the issuer sends people back with), its assets and
 * `/config.json`. Any other path is a 404, because the page has one address.
 * `root` is the folder `vite build` wrote.
 */
export function createWebApp(page: PublicConfig, root: string): Hono {
  const headers = Object.entries(securityHeaders(page));
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of headers) c.header(name, value);
  });
  app.get('/config.json', (c) => c.json(page, 200, { 'Cache-Control': 'no-store' }));
  // The file names of assets carry a hash of their content.
  app.get('/assets/*', cacheControl('public, max-age=31536000, immutable'), serveStatic({ root }));
  app.get('/favicon.svg', cacheControl('no-cache'), serveStatic({ root }));
  app.get('/', cacheControl('no-cache'), serveStatic({ root, path: 'index.html' }));
  app.notFound((c) => c.text('There is nothing at this address. The page is at /.', 404));
  return app;
}

function cacheControl(value: string): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (c.res.ok) c.header('Cache-Control', value);
  };
}
