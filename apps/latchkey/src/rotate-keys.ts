import { type InstanceContext, rotateSigningKeys, type TakenStep } from '@latchkey/server';
import { listSigningKeys } from '@latchkey/store';
import type { OperatorAnswer, OperatorDeps } from './operator-answer.ts';

const dayMs = 86_400_000;
const policy = { activeMs: 0, publishAheadMs: dayMs, retireMs: 2 * dayMs };

function algorithmsOf(steps: readonly TakenStep[], ...kinds: readonly TakenStep['kind'][]): string {
  const names = steps.flatMap((step) =>
    kinds.includes(step.kind) && 'algorithm' in step ? [step.algorithm] : [],
  );
  return [...new Set(names)].join(', ');
}

/** When the last of the published keys that do not sign yet may sign. */
async function usableAt(
  { store }: OperatorDeps,
  instances: readonly Pick<InstanceContext, 'scope'>[],
): Promise<string> {
  const keys = await Promise.all(instances.map(({ scope }) => listSigningKeys(store.db, scope)));
  const since = keys.flat().flatMap(({ state, sinceMs }) => (state === 'next' ? [sinceMs] : []));
  return new Date(Math.max(...since) + dayMs).toISOString();
}

/**
 * Publishes the next signing keys of every instance, or lets those sign that were published a day ago, and says which of
 * both it did, or that it did neither.
 */
export async function rotateKeys(
  deps: OperatorDeps,
  instances: readonly InstanceContext[],
): Promise<OperatorAnswer> {
  const steps: TakenStep[] = [];
  for (const instance of instances)
    steps.push(...(await rotateSigningKeys(deps.store, deps.clock, instance, policy)));
  const published = algorithmsOf(steps, 'create-next');
  const signing = algorithmsOf(steps, 'activate', 'create-active');
  const sentences = [
    ...(signing === ''
      ? []
      : [`New signing keys sign now: ${signing}. Those before stay published for two days.`]),
    ...(published === '' ? [] : [`The next signing keys are published: ${published}.`]),
    ...(steps.length === 0 ? ['Nothing was changed: the next signing keys are published already.'] : []),
    ...(published === '' && steps.length > 0
      ? []
      : [
          `Run the command again from ${await usableAt(deps, instances)} on, when key sets kept by clients have aged out: then they sign. Without that they sign when the present keys are 90 days old.`,
        ]),
  ];
  return { kind: 'done', message: sentences.join(' ') };
}
