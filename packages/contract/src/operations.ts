import { commonOperations } from './common-operations.ts';
import type { Operation } from './operation.ts';
import type { OperationId } from './routes.ts';

/** Every operation of the management API. */
export const operations = {
  ...commonOperations,
} as const satisfies Readonly<Partial<Record<OperationId, Operation>>>;

/** The operations, by id, as types. */
export type Operations = typeof operations;
