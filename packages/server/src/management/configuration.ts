import type { ConfigurationDocument, Operations, ResponseOf } from '@latchkey/contract';
import type { Change } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import type { Handlers } from './call.ts';
import { applyDocument } from './configuration/apply-document.ts';
import { exportDocument } from './configuration/export-document.ts';
import { digestOf, type Run } from './configuration/run.ts';
import type { Invoker } from './invoked.ts';

type Applied = ResponseOf<Operations['applyConfiguration']>;

/** Ends a change that was made to be looked at. */
class OnlyLookedAt extends Error {
  override readonly name = 'OnlyLookedAt';
  readonly run: Run;

  constructor(run: Run) {
    super('the plan is known; nothing is kept');
    this.run = run;
  }
}

/** What carrying a configuration out needs: changes, and the operations inside one. */
export interface ConfigurationHome {
  readonly change: <T>(work: (change: Change) => Promise<T>) => Promise<T>;
  readonly within: (change: Change) => Invoker;
}

/** What applying a document would change: it is applied, looked at and rolled back, so that a plan never differs. */
export async function planConfiguration(
  home: ConfigurationHome,
  document: ConfigurationDocument,
): Promise<Pick<Applied, 'changes' | 'warnings' | 'digest'>> {
  try {
    return await home.change(async (change) => {
      throw new OnlyLookedAt(await applyDocument(home.within(change), document));
    });
  } catch (error) {
    if (!(error instanceof OnlyLookedAt)) throw error;
    const { changes, warnings } = error.run;
    return { changes, warnings, digest: digestOf(changes) };
  }
}

/** Applies a document in one transaction. With a digest it must do what the plan said; otherwise nothing is applied. */
export async function applyConfiguration(
  home: ConfigurationHome,
  document: ConfigurationDocument,
  digest?: string,
): Promise<Applied> {
  return await home.change(async (change) => {
    const run = await applyDocument(home.within(change), document);
    const { changes, warnings, secrets, objects } = run;
    const done = digestOf(changes);
    if (digest !== undefined && digest !== done)
      throw new ApiError(
        'conflict',
        'Things have changed since the plan was made; look at a new plan. Nothing was applied.',
      );
    return { changes, warnings, secrets, objects, digest: done };
  });
}

/** Carries the operations about the configuration as a whole out. */
export const configurationHandlers: Handlers<
  'exportConfiguration' | 'planConfiguration' | 'applyConfiguration'
> = {
  exportConfiguration: (call) =>
    call.change((change) => exportDocument(call.within(change), { users: call.query.users })),
  planConfiguration: (call) => planConfiguration(call, call.body),
  applyConfiguration: (call) => applyConfiguration(call, call.body.document, call.body.digest),
};
