import { type Change, claimGivenId } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { newId } from '../platform/random.ts';
import { isAllowed } from './access.ts';
import type { Call } from './call.ts';

/** The id of a new object, and how it is taken within the change that makes the object. */
export interface ChosenId {
  readonly id: string;
  /** Throws `already-exists` when anything in the instance has or had the id. */
  readonly claim: (change: Change) => Promise<void>;
}

type Asking = Pick<Call<unknown, unknown, unknown>, 'caller' | 'deps'>;

/** Throws `forbidden` unless the caller owns the instance: tokens name objects by id, so ids reach beyond organizations. */
export function refuseChoiceOfId({ caller }: Pick<Asking, 'caller'>, field: string): void {
  if (isAllowed(caller.memberships, 'instance', 'instance.write')) return;
  throw new ApiError('forbidden', `Only owners of the instance may choose an ID; leave ${field} out.`, {
    permission: 'instance.write',
  });
}

/** Throws `already-exists` at a field whose id is taken. */
export function refuseTakenId(id: string, field: string): never {
  throw new ApiError('already-exists', `The ID ${id} is taken, or was taken by something that is removed.`, {
    errors: [
      { pointer: `/${field}`, detail: 'is taken; IDs are never given twice, not even after a removal' },
    ],
  });
}

/** The id a caller gave for a new object, or a new one. Throws `forbidden` for callers who may not choose. */
export function chosenId(call: Asking, given: string | undefined, field = 'id'): ChosenId {
  if (given === undefined) return { id: newId(call.deps.clock.now()), claim: async () => undefined };
  refuseChoiceOfId(call, field);
  return {
    id: given,
    claim: async (change) => {
      if ((await claimGivenId(change, given)) === 'taken') refuseTakenId(given, field);
    },
  };
}
