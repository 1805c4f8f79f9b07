import {
  dueRotationSteps,
  epochMs,
  type KeyFacts,
  type RotationPolicy,
  type RotationStep,
  type SigningAlgorithm,
} from '@latchkey/protocol';
import {
  activateSigningKey,
  insertSigningKey,
  isUniqueViolation,
  listSigningKeys,
  removeSigningKey,
  type Store,
} from '@latchkey/store';
import type { Clock } from './clock.ts';
import type { InstanceContext } from './instances.ts';
import { createSigningKey, type RsaBits, rsaBitsOf } from './signing-keys.ts';

const dayMs = 86_400_000;

/** A step of a rotation that this process took. */
export type TakenStep = RotationStep;

/** A key signs for 90 days, is published a day before, and stays published two days after. */
export const defaultRotationPolicy: RotationPolicy = {
  activeMs: 90 * dayMs,
  publishAheadMs: dayMs,
  retireMs: 2 * dayMs,
};

type RotatingInstance = Pick<InstanceContext, 'scope' | 'sealer'>;

async function take(
  store: Store,
  clock: Clock,
  instance: RotatingInstance,
  step: RotationStep,
  rsaBits: RsaBits | undefined,
): Promise<void> {
  const context = {
    scope: instance.scope,
    actor: { kind: 'system', id: 'key-rotation' } as const,
    nowMs: clock.now(),
  };
  switch (step.kind) {
    case 'create-active':
    case 'create-next': {
      const key = await createSigningKey(step.algorithm, instance.sealer, rsaBits);
      return await store.change(context, (change) =>
        insertSigningKey(change, { ...key, state: step.kind === 'create-active' ? 'active' : 'next' }),
      );
    }
    case 'activate':
      return await store.change(context, (change) => activateSigningKey(change, step.keyId, step.algorithm));
    case 'remove':
      return await store.change(context, (change) => removeSigningKey(change, step.keyId));
  }
}

/**
 * Takes the rotation steps that are due for an instance. Of several nodes that do so at once one wins each step, by a
 * unique index; the others find it done. Resolves to the steps taken here.
 */
export async function rotateSigningKeys(
  store: Store,
  clock: Clock,
  instance: RotatingInstance,
  policy: RotationPolicy = defaultRotationPolicy,
): Promise<readonly TakenStep[]> {
  const rows = await listSigningKeys(store.db, instance.scope);
  const keys = rows.map(
    (row): KeyFacts => ({
      keyId: row.id,
      algorithm: row.algorithm,
      state: row.state,
      since: epochMs(row.sinceMs),
    }),
  );
  // What an instance once signed by it goes on signing by; RS256, which every client must take, is always there.
  const algorithms = [...new Set<SigningAlgorithm>(['RS256', 'ES256', ...keys.map((key) => key.algorithm)])];
  const steps = dueRotationSteps(algorithms, keys, policy, clock.now());
  const taken: TakenStep[] = [];
  for (const step of steps) {
    try {
      // The next key is as long as the one it follows.
      const before =
        'algorithm' in step
          ? rows.find(({ algorithm, state }) => algorithm === step.algorithm && state === 'active')
          : undefined;
      await take(store, clock, instance, step, rsaBitsOf(before?.publicJwk));
      taken.push(step);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  }
  return taken;
}
