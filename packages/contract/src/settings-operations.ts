import type { Operation } from './operation.ts';

/** Operations of this chapter. */
export const settingsOperations = {} as const satisfies Readonly<Record<string, Operation>>;
