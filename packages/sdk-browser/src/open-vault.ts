import { loadPart } from './load-part.ts';
import { workerOpeners } from './open-worker.ts';
import type { Trace } from './trace.ts';
import { type Vault, type VaultConfig, VaultError } from './vault-contract.ts';
import { connectVault } from './worker-vault.ts';

const MAX_WORKERS = 3;
const loadVault = loadPart(() => import('./vault.ts'));

/** How a vault is opened. */
export type OpenVault = {
  readonly nowMs: () => number;
  readonly workerUrl: string | undefined;
  readonly config: Omit<VaultConfig, 'holdsRefreshToken'>;
  /** `page` where the app keeps the refresh token in storage or brings its own `fetch`: neither reaches a worker. */
  readonly place: 'worker' | 'page';
  readonly fetch: typeof globalThis.fetch;
  readonly trace: Trace;
};

/**
 * The vault of this page, opened on first use: in a worker, or in the page itself where there is none, which the trace
 * says once. A worker that dies is replaced; its refresh tokens are gone then.
 */
export function openVault(
  { nowMs, config, place, workerUrl, fetch, trace }: OpenVault,
  openers = workerOpeners,
): Vault {
  let opened: Promise<Vault> | undefined;
  let workers = 0;
  const openInWorker = async (): Promise<Vault | undefined> => {
    const reasons: string[] = [];
    for (const open of place === 'worker' && workers < MAX_WORKERS ? openers(workerUrl) : []) {
      try {
        const vault = await connectVault(open(), { ...config, holdsRefreshToken: true }, trace);
        workers += 1;
        return vault;
      } catch (error) {
        reasons.push(String(error));
      }
    }
    if (place === 'worker') trace('worker', { state: 'unavailable', reasons });
    return undefined;
  };
  const open = async (): Promise<Vault> => {
    const inWorker = await openInWorker();
    if (inWorker !== undefined) return inWorker;
    const { createVault } = await loadVault();
    return createVault({ ...config, holdsRefreshToken: false }, { fetch, trace, nowMs });
  };
  const run = async <Result>(
    work: (vault: Vault) => Promise<Result>,
    isRepeated = false,
  ): Promise<Result> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    const mine = opened;
    try {
      return await work(await mine);
    } catch (error) {
      const isLost = error instanceof VaultError && error.code === 'worker_lost';
      if (!isLost || isRepeated) throw error;
      if (opened === mine) opened = undefined;
      trace('worker', { state: 'lost', reasons: [error.message] });
      return run(work, true);
    }
  };
  return {
    prepare: () => run((vault) => vault.prepare()),
    redeem: (request) => run((vault) => vault.redeem(request)),
    refresh: (request) => run((vault) => vault.refresh(request)),
    revoke: (request) => run((vault) => vault.revoke(request)),
    sign: (request) => run((vault) => vault.sign(request)),
  };
}
