import type { OperationId, Operations } from '@latchkey/contract';
import type { Handlers } from './call.ts';
import { commonHandlers } from './common.ts';

/** Who carries out which operation. */
export const handlers: Partial<Handlers<OperationId & keyof Operations>> = {
  ...commonHandlers,
};
