import { listDataKeysToRewrap, listMasterKeyUses, replaceWrapping, type Store } from '@latchkey/store';
import type { Clock } from './clock.ts';
import { MasterKeyProblem, type MasterKeyRing, unwrapDataKey, wrapDataKey } from './master-keys.ts';

/** What rewrapping needs. */
export interface RewrapDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly masterKeys: MasterKeyRing;
}

const batchSize = 100;

/**
 * Wraps every data key with the first master key that another one wraps. Each is a transaction of its own, so it may be interrupted
 * and called again, also by several processes at once, while others go on using the keys. Resolves to how many this call wrapped.
 * Throws `MasterKeyProblem` when one cannot be unwrapped.
 */
export async function rewrapDataKeys({ store, clock, masterKeys }: RewrapDeps): Promise<number> {
  const [first] = masterKeys;
  if (first === undefined) throw new MasterKeyProblem('There is no master key.');
  let count = 0;
  for (;;) {
    const batch = await listDataKeysToRewrap(store.db, first.id, batchSize);
    if (batch.length === 0) return count;
    for (const key of batch) {
      const { instanceId, version } = key;
      const bytes = unwrapDataKey(masterKeys, instanceId, key);
      const next = { instanceId, version, ...wrapDataKey(masterKeys, instanceId, version, bytes) };
      const context = {
        scope: { instanceId },
        actor: { kind: 'operator', id: 'command-line' } as const,
        nowMs: clock.now(),
      };
      const isMine = await store.change(context, (change) => replaceWrapping(change, next, key.masterKeyId));
      if (isMine) count += 1;
    }
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Throws `MasterKeyProblem` when something is wrapped with a master key that is not configured; the message says what, and what to do. */
export async function checkMasterKeys(store: Store, ring: MasterKeyRing): Promise<void> {
  const uses = await listMasterKeyUses(store.db);
  const missing = uses.find(({ masterKeyId }) => ring.every(({ id }) => id !== masterKeyId));
  if (missing === undefined) return;
  const { masterKeyId, dataKeys, instances } = missing;
  throw new MasterKeyProblem(
    `The master key ${masterKeyId} is not configured, but still wraps ${counted(dataKeys, 'data key')} of ${counted(instances, 'instance')}. Add it to the end of LATCHKEY_MASTER_KEYS. To retire it, run \`latchkey keys rewrap\` before you remove it.`,
  );
}
