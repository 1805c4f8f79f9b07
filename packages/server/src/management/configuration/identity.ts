import { complain, type Run } from './run.ts';

/** What a file may name an object by besides its name. */
export interface Identity {
  readonly id?: string | undefined;
  readonly name: string;
}

/** The present object a file means: the one with its id, else the one with its name. */
export function findMeant<T extends { readonly id: string; readonly name: string }>(
  present: readonly T[],
  { id, name }: Identity,
): T | undefined {
  const byId = id === undefined ? undefined : present.find((each) => each.id === id);
  return byId ?? present.find((each) => each.name === name);
}

/** Complains where a file gives something an id that it does not have: ids never change. */
export function isOtherId(
  run: Run,
  pointer: string,
  path: string,
  { wanted, present }: { readonly wanted: string | undefined; readonly present: string },
): boolean {
  if (wanted === undefined || wanted === present) return false;
  complain(run, `${pointer}/id`, `${path} has the id ${present}, which never changes; take id out`);
  return true;
}

/** The keys of a file that are to be added to something that is there: those by id, since one without cannot be told apart. */
export function missingKeys<T extends { readonly id?: string | undefined }>(
  wanted: readonly T[],
  present: readonly { readonly id: string }[],
): T[] {
  return wanted.filter(({ id }) => id !== undefined && !present.some((each) => each.id === id));
}
