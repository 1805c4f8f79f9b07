import type { Handlers } from './call.ts';

/** Carries the operations of this chapter out. */
export const applicationHandlers: Handlers<never> = {};
