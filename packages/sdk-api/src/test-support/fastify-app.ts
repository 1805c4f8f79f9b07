import fastify from 'fastify';
import {
  getAuth,
  optionalAuth,
  requireAcr,
  requireAuth,
  requirePermission,
  requireRole,
  requireScope,
  serveResourceMetadata,
} from '../fastify.ts';
import { authOptions, behindProxy, metadata, type StartApp } from './running-app.ts';

export const startFastify: StartApp = async (verifier) => {
  const app = fastify();
  app.setErrorHandler((_error, _request, reply) => reply.code(500).send({ bug: true }));
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.get(metadata.path, serveResourceMetadata(metadata));
  app.get('/scope-first', { onRequest: requireScope('x') }, async () => ({}));
  app.get('/open', { onRequest: optionalAuth(verifier) }, async (request) => ({
    who: request.auth?.subject ?? null,
  }));
  app.get('/open-scope', { onRequest: [optionalAuth(verifier), requireScope('x')] }, async () => ({}));
  app.get('/open-get', { onRequest: optionalAuth(verifier) }, async (request) => ({
    who: getAuth(request).subject,
  }));
  app.get('/proxied', { onRequest: requireAuth(verifier, behindProxy) }, async () => ({}));
  app.register(async (closed) => {
    closed.addHook('preHandler', requireAuth(verifier, authOptions));
    closed.all('/me', async (request) => ({
      who: getAuth(request).subject,
      same: request.auth === getAuth(request),
    }));
    closed.get('/news', { preHandler: requireScope('news:read news:list') }, async () => ({}));
    closed.get('/edit', { preHandler: requireRole('editor') }, async () => ({}));
    closed.get(
      '/edit-org',
      { preHandler: requireRole('editor', { organization: 'org-2' }) },
      async () => ({}),
    );
    closed.get('/permit', { preHandler: requirePermission('p') }, async () => ({}));
    closed.get('/strong', { preHandler: requireAcr('mfa') }, async () => ({}));
  });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { origin, close: () => app.close() };
};
