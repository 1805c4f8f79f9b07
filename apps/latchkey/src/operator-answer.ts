import { type Clock, type InstanceContext, loadInstances, type MasterKeyRing } from '@latchkey/server';
import type { Actor, Store } from '@latchkey/store';

/** What came of a command, in a sentence. */
export interface OperatorAnswer {
  readonly kind: 'done' | 'failed';
  readonly message: string;
  /** What a script wants to have, without words around it. */
  readonly output?: string;
}

/** What carrying a command out needs. */
export interface OperatorDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly masterKeys: MasterKeyRing;
}

/** Who the log says gave the command. */
export const operatorActor: Actor = { kind: 'operator', id: 'command-line' };

/** A command that was not carried out, and what to do instead. */
export function failed(message: string): OperatorAnswer {
  return { kind: 'failed', message };
}

/** The instance commands are about; `undefined` before the first start. */
export async function firstInstance({
  store,
  masterKeys,
}: OperatorDeps): Promise<InstanceContext | undefined> {
  const [instance] = (await loadInstances(store, masterKeys)).all();
  return instance;
}

/** The answer before the first start. */
export const noInstance: OperatorAnswer = failed('The database has no instance yet; start the server once.');
