import { createHash } from 'node:crypto';
import type { Operations, ResponseOf } from '@latchkey/contract';
import { ApiError } from '../../platform/errors.ts';
import type { Invoker } from '../invoked.ts';
import type { FieldChange } from './difference.ts';

type Applied = ResponseOf<Operations['applyConfiguration']>;

/** A configuration being carried out: what it has changed so far, and what was wrong with it. */
export interface Run {
  readonly invoker: Invoker;
  readonly prune: boolean;
  readonly changes: Applied['changes'];
  readonly warnings: Applied['warnings'];
  readonly secrets: Applied['secrets'];
  readonly objects: Applied['objects'];
  readonly problems: { pointer: string; detail: string; isInput: boolean }[];
  /** Ids of users by login name in lower case. */
  readonly userIds: Map<string, string>;
  readonly organizationIds: Map<string, string>;
}

/** A run that has done nothing yet. */
export function beginRun(invoker: Invoker, prune: boolean): Run {
  return {
    ...{ invoker, prune, changes: [], warnings: [], secrets: [], objects: [] },
    problems: [],
    userIds: new Map(),
    organizationIds: new Map(),
  };
}

/** Notes a change that was made. */
export function note(
  run: Run,
  action: 'create' | 'change' | 'delete',
  kind: string,
  path: string,
  changes: readonly FieldChange[] = [],
): void {
  run.changes.push({ action, kind, path, changes: [...changes] });
}

/** Keeps what is unsafe about an application that was created or changed, or will not work. */
export function warn(
  run: Run,
  path: string,
  { compliance }: Pick<ResponseOf<Operations['getApplication']>, 'compliance'>,
): void {
  for (const { level, setting, message, fix } of compliance.problems)
    if (level === 'warning') run.warnings.push({ path, setting, message, fix });
}

const inputCodes: readonly string[] = ['invalid-input', 'unsafe-setting', 'password-refused'];

/**
 * Carries a part out. What is wrong with it is kept with its place in the document, so that everything is told at once;
 * resolves to `undefined` then.
 */
export async function attempt<T>(run: Run, pointer: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { errors = [{ pointer: '', detail: error.message }] } = error.extras;
    for (const each of errors)
      run.problems.push({
        pointer: pointer + each.pointer,
        detail: errors.length === 1 ? error.message : each.detail,
        isInput: inputCodes.includes(error.code),
      });
    return undefined;
  }
}

/** Says what is wrong at a place of the document. */
export function complain(run: Run, pointer: string, detail: string): void {
  run.problems.push({ pointer, detail, isInput: true });
}

/** Throws everything that was wrong, `invalid-input` or, where the state of things is in the way, `conflict`. */
export function refuseProblems({ problems }: Run): void {
  const [first] = problems;
  if (first === undefined) return;
  const code = problems.every(({ isInput }) => isInput) ? 'invalid-input' : 'conflict';
  const others = problems.length === 1 ? '' : ` And ${problems.length - 1} more.`;
  throw new ApiError(code, `${first.pointer}: ${first.detail}${others} Nothing was applied.`, {
    errors: problems.slice(0, 100).map(({ pointer, detail }) => ({ pointer, detail })),
  });
}

/** A text that is the same for plans that do the same. */
export function digestOf(changes: Run['changes']): string {
  return createHash('sha256').update(JSON.stringify(changes)).digest('base64url').slice(0, 32);
}
