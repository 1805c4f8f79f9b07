import type { Operations, ResponseOf } from '@latchkey/contract/client';

/** A user as the pages show it. */
export type User = ResponseOf<Operations['getUser']>;
