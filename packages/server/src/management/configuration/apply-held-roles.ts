import { applyState } from './apply-state.ts';
import { isSame } from './difference.ts';
import { isOtherId } from './identity.ts';
import { attempt, note, type Run } from './run.ts';

/** Roles of a project that somebody holds: a user by an authorization, an organization by a grant. */
export interface HeldRoles {
  readonly pointer: string;
  readonly kind: 'authorization' | 'grant';
  readonly path: string;
  readonly known:
    | { readonly id: string; readonly roleKeys: readonly string[]; readonly state: string }
    | undefined;
  readonly wanted: {
    readonly id?: string | undefined;
    readonly roles: readonly string[];
    readonly state?: 'active' | 'inactive' | undefined;
  };
  readonly create: () => Promise<{ readonly id: string }>;
  readonly update: (id: string) => Promise<unknown>;
  readonly activate: (id: string) => Promise<unknown>;
  readonly deactivate: (id: string) => Promise<unknown>;
}

/** Brings the roles somebody holds, and whether they count, to what a file says. */
export async function applyHeldRoles(run: Run, held: HeldRoles): Promise<void> {
  const { pointer, kind, path, known, wanted } = held;
  if (known !== undefined && isOtherId(run, pointer, path, { wanted: wanted.id, present: known.id })) return;
  const isKept = known !== undefined && isSame(known.roleKeys, wanted.roles);
  const id = isKept
    ? known.id
    : await attempt(run, pointer, async () => {
        const made = known ?? (await held.create());
        if (known !== undefined) await held.update(known.id);
        const change = { field: 'roles', from: known?.roleKeys ?? null, to: wanted.roles };
        note(run, known === undefined ? 'create' : 'change', kind, path, [change]);
        return made.id;
      });
  if (id === undefined) return;
  const switched = {
    ...{ pointer, kind, path, present: known?.state ?? 'active' },
    activate: () => held.activate(id),
    deactivate: () => held.deactivate(id),
  };
  await applyState(run, switched, wanted.state);
}
