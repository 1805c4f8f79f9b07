import type { MiddlewareHandler } from 'hono';

const PREFLIGHT_MAX_AGE_SECONDS = '600';

/**
 * Lets pages of exactly one origin read the answers; every other origin gets no CORS header at all.
 * It wraps all other middleware, so a page can read a 401 or a 503 too.
 */
export function allowOrigin(webOrigin: string): MiddlewareHandler {
  return async (c, next) => {
    const allowed = c.req.header('origin') === webOrigin;
    const isPreflight =
      c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined;
    if (isPreflight) {
      c.res = new Response(null, { status: 204 });
      if (allowed) {
        c.header('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE');
        c.header('Access-Control-Allow-Headers', 'Authorization, Content-Type, DPoP, If-Match');
        c.header('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_SECONDS);
      }
    } else {
      await next();
    }
    if (allowed) {
      c.header('Access-Control-Allow-Origin', webOrigin);
      c.header(
        'Access-Control-Expose-Headers',
        'Date, DPoP-Nonce, ETag, Location, Retry-After, WWW-Authenticate',
      );
    }
    c.header('Vary', 'Origin', { append: true });
    return c.res;
  };
}
