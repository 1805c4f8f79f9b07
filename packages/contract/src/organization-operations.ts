import type { Operation } from './operation.ts';

/** Operations of this chapter. */
export const organizationOperations = {} as const satisfies Readonly<Record<string, Operation>>;
