import { createServer, type ServerResponse } from 'node:http';
import {
  findAuth,
  getAuth,
  type NodeHandler,
  optionalAuth,
  requireAcr,
  requireAuth,
  requirePermission,
  requireRole,
  requireScope,
  serveResourceMetadata,
} from '../node.ts';
import { authOptions, behindProxy, metadata, runningServer, type StartApp } from './running-app.ts';

function json(res: ServerResponse, body: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const empty: NodeHandler = (_req, res) => json(res, {});

export const startNode: StartApp = async (verifier) => {
  const optional = optionalAuth(verifier);
  const required = requireAuth(verifier, authOptions);
  const routes: Readonly<Record<string, NodeHandler>> = {
    [metadata.path]: serveResourceMetadata(metadata),
    '/scope-first': requireScope('x')(empty),
    '/open': optional((req, res) => json(res, { who: findAuth(req)?.subject ?? null })),
    '/open-scope': optional(requireScope('x')(empty)),
    '/open-get': optional((req, res) => json(res, { who: getAuth(req).subject })),
    '/proxied': requireAuth(verifier, behindProxy)(empty),
    '/me': required((req, res) =>
      json(res, { who: getAuth(req).subject, same: findAuth(req) === getAuth(req) }),
    ),
    '/news': required(requireScope('news:read news:list')(empty)),
    '/edit': required(requireRole('editor')(empty)),
    '/edit-org': required(requireRole('editor', { organization: 'org-2' })(empty)),
    '/permit': required(requirePermission('p')(empty)),
    '/strong': required(requireAcr('mfa')(empty)),
  };
  const server = createServer(async (req, res) => {
    try {
      await routes[new URL(req.url ?? '/', 'http://localhost').pathname]?.(req, res);
    } catch {
      json(res, { bug: true }, 500);
    }
  });
  return runningServer(server.listen(0, '127.0.0.1'));
};
