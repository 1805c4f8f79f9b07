import type { Operation } from './operation.ts';

/** Operations of this chapter. */
export const applicationOperations = {} as const satisfies Readonly<Record<string, Operation>>;
