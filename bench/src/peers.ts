import { fileURLToPath } from 'node:url';
import { end, nextMessage, startNode } from './processes.ts';

/** A process that Latchkey is measured beside. */
export interface Peer {
  readonly port: number;
  readonly pid: () => number | undefined;
  readonly stop: () => Promise<void>;
}

/** node-oidc-provider with tokens it has made. */
export interface ProviderPeer extends Peer {
  readonly client: {
    readonly client_id: string;
    readonly client_secret: string;
    readonly redirect_uris: readonly string[];
  };
  /** What its JWTs are for. */
  readonly resource: string;
  readonly accessTokens: readonly string[];
  readonly refreshTokens: readonly string[];
  /** Browsers with a session, and access tokens bound to a key. */
  readonly signedIn: {
    readonly cookies: readonly string[];
    readonly proofKeyPem: string;
    readonly boundTokens: readonly string[];
  };
}

async function startPeer<T>(script: string, args: readonly string[]): Promise<T & Peer> {
  const path = fileURLToPath(new URL(`../peers/${script}`, import.meta.url));
  const child = startNode('server', [path, ...args], { env: { NODE_ENV: 'production' } });
  const told = (await nextMessage(child)) as T & { readonly port: number };
  return { ...told, pid: () => child.pid, stop: () => end(child) };
}

/** Starts node-oidc-provider. */
export function startProvider(tokenCount: number, connections: number): Promise<ProviderPeer> {
  return startPeer('oidc-provider.mjs', [String(tokenCount), String(connections)]);
}

/** Starts the bare `node:http` server. */
export function startEcho(): Promise<Peer> {
  return startPeer('echo.mjs', []);
}
