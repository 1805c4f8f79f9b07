import type { OperationId, Operations, ResponseOf } from '@latchkey/contract';

/** What an operation is called with from inside. */
export interface InvokedInput {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** Operations that can be called from inside. */
export type InvokableId = OperationId & keyof Operations;

/** Calls operations inside a change that is under way, by the same handlers and rules as a request would. */
export interface Invoker {
  readonly call: <K extends InvokableId>(id: K, input?: InvokedInput) => Promise<ResponseOf<Operations[K]>>;
  /** Every item of a list, page after page. */
  readonly all: <K extends InvokableId>(
    id: K,
    input?: InvokedInput,
  ) => Promise<readonly (ResponseOf<Operations[K]> extends { items: (infer Item)[] } ? Item : never)[]>;
}
