import express from 'express';
import {
  getAuth,
  optionalAuth,
  requireAcr,
  requireAuth,
  requirePermission,
  requireRole,
  requireScope,
  serveResourceMetadata,
} from '../express.ts';
import { authOptions, behindProxy, metadata, runningServer, type StartApp } from './running-app.ts';

export const startExpress: StartApp = async (verifier) => {
  const app = express();
  app.use(express.urlencoded());
  app.get(metadata.path, serveResourceMetadata(metadata));
  app.get('/scope-first', requireScope('x'), (_req, res) => void res.json({}));
  app.get('/open', optionalAuth(verifier), (req, res) => void res.json({ who: req.auth?.subject ?? null }));
  app.get('/open-scope', optionalAuth(verifier), requireScope('x'), (_req, res) => void res.json({}));
  app.get('/open-get', optionalAuth(verifier), (req, res) => void res.json({ who: getAuth(req).subject }));
  app.get('/proxied', requireAuth(verifier, behindProxy), (_req, res) => void res.json({}));
  app.use(requireAuth(verifier, authOptions));
  app.all('/me', (req, res) => void res.json({ who: getAuth(req).subject, same: req.auth === getAuth(req) }));
  app.get('/news', requireScope('news:read news:list'), (_req, res) => void res.json({}));
  app.get('/edit', requireRole('editor'), (_req, res) => void res.json({}));
  app.get('/edit-org', requireRole('editor', { organization: 'org-2' }), (_req, res) => void res.json({}));
  app.get('/permit', requirePermission('p'), (_req, res) => void res.json({}));
  app.get('/strong', requireAcr('mfa'), (_req, res) => void res.json({}));
  // Four parameters make it an error handler.
  const onError: express.ErrorRequestHandler = (_error, _req, res, _next) =>
    void res.status(500).json({ bug: true });
  app.use(onError);
  return runningServer(app.listen(0, '127.0.0.1'));
};
