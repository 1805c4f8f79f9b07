import { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import {
  getAuth,
  optionalAuth,
  requireAcr,
  requireAuth,
  requirePermission,
  requireRole,
  requireScope,
  serveResourceMetadata,
} from '../hono.ts';
import { authOptions, behindProxy, metadata, runningServer, type StartApp } from './running-app.ts';

export const startHono: StartApp = async (verifier) => {
  const app = new Hono();
  app.onError((_error, c) => c.json({ bug: true }, 500));
  app.get(metadata.path, serveResourceMetadata(metadata));
  app.get('/scope-first', requireScope('x'), (c) => c.json({}));
  app.get('/open', optionalAuth(verifier), (c) => c.json({ who: c.get('auth')?.subject ?? null }));
  app.get('/open-scope', optionalAuth(verifier), requireScope('x'), (c) => c.json({}));
  app.get('/open-get', optionalAuth(verifier), (c) => c.json({ who: getAuth(c).subject }));
  app.get('/proxied', requireAuth(verifier, behindProxy), (c) => c.json({}));
  app.use(requireAuth(verifier, authOptions));
  app.all('/me', (c) => c.json({ who: getAuth(c).subject, same: c.var.auth === getAuth(c) }));
  app.get('/news', requireScope('news:read news:list'), (c) => c.json({}));
  app.get('/edit', requireRole('editor'), (c) => c.json({}));
  app.get('/edit-org', requireRole('editor', { organization: 'org-2' }), (c) => c.json({}));
  app.get('/permit', requirePermission('p'), (c) => c.json({}));
  app.get('/strong', requireAcr('mfa'), (c) => c.json({}));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  if (!(server instanceof Server)) throw new Error('no HTTP/1 server');
  return runningServer(server);
};
