import { packError } from './pack-error.ts';
import { createVault } from './vault.ts';
import type { Vault, VaultConfig } from './vault-contract.ts';
import type { VaultCall, VaultMessage } from './vault-messages.ts';

// The worker of the client, shared by the tabs of an origin or owned by one: a vault for each issuer and client, in whose
// memory the refresh tokens stay.

/** What a port of either kind of worker has in common. */
type Port = {
  postMessage(message: VaultMessage): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<VaultCall>) => void): void;
  start?(): void;
};

type Hosted = { readonly vault: Vault; listen(port: Port): () => void };
const hosted = new Map<string, Hosted>();

function vaultFor(config: VaultConfig): Hosted {
  const name = JSON.stringify(config);
  const known = hosted.get(name);
  if (known !== undefined) return known;
  const listeners = new Set<Port>();
  const created: Hosted = {
    vault: createVault(config, {
      fetch: (input, init) => fetch(input, init),
      nowMs: () => Date.now(),
      trace(kind, detail) {
        for (const port of listeners) port.postMessage({ type: 'trace', kind, detail });
      },
    }),
    // Who waits for an answer sees what travels for it.
    listen(port) {
      listeners.add(port);
      return () => listeners.delete(port);
    },
  };
  hosted.set(name, created);
  return created;
}

function serve(port: Port): void {
  port.addEventListener('message', ({ data }) => {
    if (data.type === 'ping') port.postMessage({ type: 'pong' });
    else void answer(port, data);
  });
  port.start?.();
}

async function answer(port: Port, call: Extract<VaultCall, { type: 'call' }>): Promise<void> {
  const { vault, listen } = vaultFor(call.config);
  const unlisten = listen(port);
  try {
    // cast: the page and this file are one version and share VaultCall, which pairs each method with its request.
    const work = vault[call.method] as (request: unknown) => Promise<unknown>;
    const value = await work(call.request);
    port.postMessage({ type: 'result', id: call.id, value });
  } catch (error) {
    port.postMessage({ type: 'failure', id: call.id, error: packError(error) });
  } finally {
    unlisten();
  }
}

if ('onconnect' in globalThis) {
  globalThis.addEventListener('connect', (event) => {
    // cast: the types of this file are those of a page; `connect` brings one port (HTML §10.2.6.4).
    const [port] = (event as MessageEvent).ports;
    if (port !== undefined) serve(port);
  });
} else {
  // cast: in a dedicated worker the global object is the port to the page.
  serve(globalThis as unknown as Port);
}
