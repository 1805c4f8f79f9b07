import { Server } from 'node:http';
import { serve } from '@hono/node-server';
import {
  findAuth,
  getAuth,
  optionalAuth,
  requireAcr,
  requireAuth,
  requirePermission,
  requireRole,
  requireScope,
  serveResourceMetadata,
} from '../fetch.ts';
import { authOptions, behindProxy, metadata, runningServer, type StartApp } from './running-app.ts';

type Handler = (request: Request) => Response | Promise<Response>;

const empty = (_request: Request) => Response.json({});

export const startFetch: StartApp = async (verifier) => {
  const optional = optionalAuth(verifier);
  const required = requireAuth(verifier, authOptions);
  const routes: Readonly<Record<string, Handler>> = {
    [metadata.path]: serveResourceMetadata(metadata),
    '/scope-first': requireScope('x')(empty),
    '/open': optional((request: Request) => Response.json({ who: findAuth(request)?.subject ?? null })),
    '/open-scope': optional(requireScope('x')(empty)),
    '/open-get': optional((request: Request) => Response.json({ who: getAuth(request).subject })),
    '/proxied': requireAuth(verifier, behindProxy)(empty),
    '/me': required((request: Request) =>
      Response.json({ who: getAuth(request).subject, same: findAuth(request) === getAuth(request) }),
    ),
    '/news': required(requireScope('news:read news:list')(empty)),
    '/edit': required(requireRole('editor')(empty)),
    '/edit-org': required(requireRole('editor', { organization: 'org-2' })(empty)),
    '/permit': required(requirePermission('p')(empty)),
    '/strong': required(requireAcr('mfa')(empty)),
  };
  const fetch = async (request: Request) => {
    try {
      return (await routes[new URL(request.url).pathname]?.(request)) ?? new Response(null, { status: 404 });
    } catch {
      return Response.json({ bug: true }, { status: 500 });
    }
  };
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' });
  if (!(server instanceof Server)) throw new Error('no HTTP/1 server');
  return runningServer(server);
};
