import type { Store } from '@latchkey/store';
import {
  type EndedByRestore,
  endIssued,
  isUniqueViolation,
  listRestorableInstances,
  listSigningKeys,
  type RestorableInstance,
} from '@latchkey/store';
import type { Clock } from './platform/clock.ts';
import { createDataKey, type MasterKeyRing, unwrapDataKey } from './platform/master-keys.ts';
import { createSealer } from './platform/seal.ts';
import { createSigningKey, rsaBitsOf } from './platform/signing-keys.ts';

/** What ending needs. */
export interface RestoredDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly masterKeys: MasterKeyRing;
}

// A data key's version travels in one byte.
const lastVersion = 255;

async function replacementFor(deps: RestoredDeps, instance: RestorableInstance) {
  const { id, dataKeys } = instance;
  const version = (dataKeys[0]?.version ?? 0) + 1;
  if (version > lastVersion) throw new Error(`instance ${id} has used up its ${lastVersion} data keys`);
  const dataKey = { version, ...createDataKey(deps.masterKeys, id, version) };
  const rows = [dataKey, ...dataKeys];
  const sealer = createSealer(
    id,
    rows.map((row) => ({ version: row.version, bytes: unwrapDataKey(deps.masterKeys, id, row) })),
  );
  const active = (await listSigningKeys(deps.store.db, { instanceId: id })).filter(
    ({ state }) => state === 'active',
  );
  const signingKeys = await Promise.all(
    active.map(({ algorithm, publicJwk }) => createSigningKey(algorithm, sealer, rsaBitsOf(publicJwk))),
  );
  return { dataKey, signingKeys };
}

/**
 * Ends everything that was issued before a backup was restored, in every instance: each gets a new data key, before which
 * nothing sealed opens (access, refresh and personal access tokens, codes, pushed requests, sign-ins under way), new
 * signing keys, and no session, grant or pending request of before. Passwords, secrets and registered keys stay. May be
 * called again after it was interrupted. Throws `MasterKeyProblem` when a data key cannot be unwrapped.
 */
export async function endIssuedBeforeRestore(deps: RestoredDeps): Promise<readonly EndedByRestore[]> {
  const { store, clock } = deps;
  const ended: EndedByRestore[] = [];
  for (const instance of await listRestorableInstances(store.db)) {
    const context = {
      scope: { instanceId: instance.id },
      actor: { kind: 'operator', id: 'command-line' } as const,
      nowMs: clock.now(),
    };
    try {
      ended.push(await endIssued(store, context, await replacementFor(deps, instance)));
    } catch (error) {
      // Another process was quicker by a moment: the version of a data key is given once.
      if (!isUniqueViolation(error)) throw error;
    }
  }
  return ended;
}
