import type { Context, MiddlewareHandler } from 'hono';
import type { Bff } from './bff.ts';

/** Answers what belongs to the backend for frontend: `app.use(serveBff(bff))`. */
export function serveBff(bff: Bff): MiddlewareHandler {
  return async (c, next) => {
    const response = await bff.handle(requestOf(c));
    if (response !== undefined) return response;
    await next();
    return undefined;
  };
}

/** The request as `bff.getSession`, `bff.getAccessToken` and `bff.fetch` take it; the same object each time. */
export function requestOf(c: Context): Request {
  return c.req.raw;
}
