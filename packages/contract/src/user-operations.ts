import type { Operation } from './operation.ts';

/** Operations of this chapter. */
export const userOperations = {} as const satisfies Readonly<Record<string, Operation>>;
