import type {
  BodyOf,
  OperationId,
  Operations,
  PathOf,
  Permission,
  QueryOf,
  ResponseOf,
} from '@latchkey/contract';
import type { Change, Place, UserRecord } from '@latchkey/store';
import type { z } from 'zod';
import type { Deps } from '../platform/deps.ts';
import type { RequestContext } from '../platform/http.ts';
import type { InstanceContext } from '../platform/instances.ts';
import type { Reach } from './access.ts';
import type { Caller } from './caller.ts';
import type { Invoker } from './invoked.ts';

/** One call of an operation, after the router has let it in. */
export interface Call<Path, Query, Body> {
  readonly deps: Deps;
  readonly instance: InstanceContext;
  readonly context: RequestContext;
  readonly caller: Caller;
  readonly nowMs: number;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** The object the permission was checked at. Throws for operations whose target is none. */
  readonly place: Place;
  /** What the caller may see, for lists. */
  readonly reach: Reach;
  /**
   * Runs the change of state in one transaction, in the caller's name. An `Idempotency-Key` is taken in the same
   * transaction, so make one change a call. Where the operation acts on a user (`actsOn`), the user is locked and given to
   * the work; `undefined` when they are gone by then.
   */
  readonly change: <T>(work: (change: Change, user: UserRecord | undefined) => Promise<T>) => Promise<T>;
  /**
   * Compares If-Match with the present representation, read under a lock in the change. Throws `stale-version`.
   * `schema` is the response schema of the operation that reads it.
   */
  readonly checkVersion: (schema: z.ZodType, representation: unknown) => void;
  /** Throws `forbidden` or `not-found` unless the caller has a permission at another object as well, such as a second parent. */
  readonly requireAt: (permission: Permission, kind: Place['kind'], id: string) => Promise<Place>;
  /** Operations inside a change, by the same handlers; for callers who may do everything in the instance. */
  readonly within: (change: Change) => Invoker;
  /** A cursor for the row a page ends with, bound to this list, its filters and the caller. */
  readonly cursorAfter: (position: readonly (string | number)[]) => string;
  /** Where the page begins, as `cursorAfter` was told; `undefined` for the first. Throws `cursor-invalid`. */
  readonly position: readonly (string | number)[] | undefined;
}

/** A call of an operation by its id. */
export type CallOf<Id extends OperationId & keyof Operations> = Call<
  PathOf<Operations[Id]>,
  QueryOf<Operations[Id]>,
  BodyOf<Operations[Id]>
>;

/** Carries operations out. Handlers return the answer; the router cuts it to the schema. They throw `ApiError`. */
export type Handlers<Ids extends OperationId & keyof Operations> = {
  readonly [Id in Ids]: (call: CallOf<Id>) => Promise<ResponseOf<Operations[Id]>>;
};
