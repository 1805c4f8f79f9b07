import type { WorkerPort } from './open-worker.ts';
import { unpackError } from './pack-error.ts';
import type { Trace } from './trace.ts';
import { type Vault, type VaultConfig, VaultError } from './vault-contract.ts';
import type { VaultCall, VaultMessage } from './vault-messages.ts';

const START_TIMEOUT_MS = 5_000;
const HEARTBEAT_MS = 3_000;

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/**
 * A vault in a worker: posts each call and gives back the answer. Rejects when the worker does not start. A worker that dies
 * is noticed while an answer is awaited, and everything awaited rejects with `VaultError` `worker_lost`.
 */
export async function connectVault(port: WorkerPort, config: VaultConfig, trace: Trace): Promise<Vault> {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let missed = 0;
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let heard: (() => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  const post = (message: VaultCall) => port.post(message);
  const settle = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) {
      clearInterval(heartbeat);
      heartbeat = undefined;
    }
    return found;
  };
  const lose = (reason: string) => {
    const error = new VaultError('worker_lost', reason);
    failed?.(error);
    for (const id of [...waiting.keys()]) settle(id)?.reject(error);
    port.close();
  };
  const beat = () => {
    missed += 1;
    if (missed > 2) lose('it does not answer any more');
    else post({ type: 'ping' });
  };
  port.listen((data) => {
    missed = 0;
    // cast: only worker.ts of this version posts here.
    const message = data as VaultMessage;
    if (message.type === 'pong') heard?.();
    else if (message.type === 'trace') trace(message.kind, message.detail);
    else if (message.type === 'result') settle(message.id)?.resolve(message.value);
    else settle(message.id)?.reject(unpackError(message.error));
  }, lose);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => lose('it does not start'), START_TIMEOUT_MS);
    heard = () => {
      clearTimeout(timer);
      resolve();
    };
    failed = (error) => {
      clearTimeout(timer);
      reject(error);
    };
    post({ type: 'ping' });
  });
  const call = (method: keyof Vault, request?: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const id = nextId;
      nextId += 1;
      waiting.set(id, { resolve, reject });
      missed = 0;
      heartbeat ??= setInterval(beat, HEARTBEAT_MS);
      post({ type: 'call', id, config, method, request });
    });
  // cast: the worker answers each method with what its vault returns.
  return {
    prepare: () => call('prepare'),
    redeem: (request) => call('redeem', request),
    refresh: (request) => call('refresh', request),
    revoke: (request) => call('revoke', request),
    sign: (request) => call('sign', request),
  } as Vault;
}
