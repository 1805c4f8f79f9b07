import { once } from 'node:events';
import type { Server } from 'node:http';
import { protectedResourceMetadata } from '../resource-metadata.ts';
import type { Verifier } from '../verifier.ts';

/** An app of one framework on a port of its own. */
export interface RunningApp {
  readonly origin: string;
  close(): Promise<unknown>;
}

/**
 * Starts the app: open routes, and routes behind `requireAuth(verifier, authOptions)`. `/proxied` is behind another
 * `requireAuth`, told the origin that clients call.
 */
export type StartApp = (verifier: Verifier) => Promise<RunningApp>;

/** Metadata of a resource with a path, which every app serves. */
export const metadata = protectedResourceMetadata({
  resource: 'https://api.test/mcp',
  authorizationServers: ['https://id.example.com/'],
  scopes: ['openid', 'quotes:read'],
  name: 'Quotes',
  documentation: 'https://api.test/docs',
  dpop: 'required',
});
export const authOptions = { realm: 'quotes', resourceMetadataUrl: metadata.url };
export const behindProxy = { origin: 'https://api.example.com' };

/** Waits until a server of Node listens on 127.0.0.1. */
export async function runningServer(server: Server): Promise<RunningApp> {
  if (!server.listening) await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
