import type { Operation } from './operation.ts';

/** Operations of this chapter. */
export const authorizationOperations = {} as const satisfies Readonly<Record<string, Operation>>;
