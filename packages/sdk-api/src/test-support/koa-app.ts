import Koa, { type Middleware } from 'koa';
import {
  getAuth,
  optionalAuth,
  requireAcr,
  requireAuth,
  requirePermission,
  requireRole,
  requireScope,
  serveResourceMetadata,
} from '../koa.ts';
import { authOptions, behindProxy, metadata, runningServer, type StartApp } from './running-app.ts';

/** Koa has no router of its own: the middleware of one path, in order. */
function at(path: string, ...steps: Middleware[]): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== path) return next();
    const run = async (index: number): Promise<void> => {
      await steps[index]?.(ctx, () => run(index + 1));
    };
    await run(0);
  };
}

const empty: Middleware = (ctx) => {
  ctx.body = {};
};

/** As koa-bodyparser does: the form becomes `ctx.request.body`. */
const parseForm: Middleware = async (ctx, next) => {
  if (ctx.is('application/x-www-form-urlencoded')) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    const body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    Object.assign(ctx.request, { body });
  }
  await next();
};

export const startKoa: StartApp = async (verifier) => {
  const app = new Koa();
  app.use(async (ctx, next) => {
    try {
      await next();
    } catch {
      ctx.status = 500;
      ctx.body = { bug: true };
    }
  });
  app.use(parseForm);
  app.use(serveResourceMetadata(metadata));
  app.use(at('/scope-first', requireScope('x'), empty));
  app.use(
    at('/open', optionalAuth(verifier), (ctx) => {
      ctx.body = { who: ctx.state.auth?.subject ?? null };
    }),
  );
  app.use(at('/open-scope', optionalAuth(verifier), requireScope('x'), empty));
  app.use(
    at('/open-get', optionalAuth(verifier), (ctx) => {
      ctx.body = { who: getAuth(ctx).subject };
    }),
  );
  app.use(at('/proxied', requireAuth(verifier, behindProxy), empty));
  app.use(requireAuth(verifier, authOptions));
  app.use(
    at('/me', (ctx) => {
      ctx.body = { who: getAuth(ctx).subject, same: ctx.state.auth === getAuth(ctx) };
    }),
  );
  app.use(at('/news', requireScope('news:read news:list'), empty));
  app.use(at('/edit', requireRole('editor'), empty));
  app.use(at('/edit-org', requireRole('editor', { organization: 'org-2' }), empty));
  app.use(at('/permit', requirePermission('p'), empty));
  app.use(at('/strong', requireAcr('mfa'), empty));
  return runningServer(app.listen(0, '127.0.0.1'));
};
