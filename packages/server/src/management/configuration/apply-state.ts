import { attempt, note, type Run } from './run.ts';

/** Something that is active or not, and how it becomes either. */
export interface Switched {
  readonly pointer: string;
  readonly kind: string;
  readonly path: string;
  readonly present: string;
  readonly activate: () => Promise<unknown>;
  readonly deactivate: () => Promise<unknown>;
}

/** Makes something active or not, as a file says; what says nothing stays as it is. */
export async function applyState(
  run: Run,
  { pointer, kind, path, present, activate, deactivate }: Switched,
  wanted: 'active' | 'inactive' | undefined,
): Promise<void> {
  if (wanted === undefined || wanted === present) return;
  await attempt(run, `${pointer}/state`, async () => {
    await (wanted === 'active' ? activate() : deactivate());
    note(run, 'change', kind, path, [{ field: 'state', from: present, to: wanted }]);
  });
}
