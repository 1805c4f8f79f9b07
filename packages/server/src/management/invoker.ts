import { type Operation, type OperationId, operations } from '@latchkey/contract';
import { type Change, findPlace, type Place } from '@latchkey/store';
import type { Deps } from '../platform/deps.ts';
import { ApiError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';
import { settingsIn } from '../platform/settings.ts';
import { notFound } from './admit.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import type { InvokableId, InvokedInput, Invoker } from './invoked.ts';
import { refuseStrongerIn } from './strength.ts';

/** A handler whose call has been parsed by the schemas of its own operation. */
export type AnyHandler = (call: Call<unknown, unknown, unknown>) => Promise<unknown>;

/** What an invoker stands on. The caller must have been allowed everything in the instance. */
export interface InvokerHome {
  readonly context: RequestContext;
  readonly caller: Caller;
  readonly handlerOf: (id: OperationId) => AnyHandler;
}

function parsed(operation: Operation, input: InvokedInput): { path: unknown; query: unknown; body: unknown } {
  const part = (name: 'path' | 'query' | 'body'): unknown => {
    const schema = operation[name];
    if (schema === undefined) return {};
    const result = schema.safeParse(input[name] ?? {});
    if (result.success) return result.data;
    const errors = result.error.issues.map((issue) => ({
      pointer: issue.path.map((each) => `/${String(each)}`).join(''),
      detail: issue.message,
    }));
    throw new ApiError('invalid-input', errors[0]?.detail ?? 'is wrong', { errors });
  };
  return { path: part('path'), query: part('query'), body: part('body') };
}

function textAt(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof found === 'string' ? found : undefined;
}

async function placeFor(
  change: Change,
  { target }: Operation,
  input: { readonly path: unknown; readonly body: unknown },
): Promise<Place | undefined> {
  if (target.kind !== 'object' && target.kind !== 'parent') return undefined;
  const id = textAt(target.kind === 'object' ? input.path : input.body, target.name) ?? '';
  const place = await findPlace(change.trx, change.scope, target.object, id);
  if (place === undefined) throw notFound(target.object, id);
  return place;
}

/** An invoker for one change: everything is read and written in its transaction. */
export function createInvoker(home: InvokerHome, change: Change): Invoker {
  const { context, caller, handlerOf } = home;
  // Reads that handlers make outside a change of theirs are part of this one.
  const { store, lockout } = context.deps;
  const deps: Deps = {
    ...context.deps,
    store: { ...store, db: change.trx },
    settings: {
      ...context.deps.settings,
      of: (scope, organizationId) => settingsIn(change.trx, scope, organizationId, lockout),
    },
  };
  const inner: RequestContext = { ...context, deps };
  const run = async (id: InvokableId, input: InvokedInput): Promise<unknown> => {
    const operation: Operation = operations[id];
    const { path, query, body } = parsed(operation, input);
    const place = await placeFor(change, operation, { path, body });
    const acting = { instance: context.instance, caller };
    const user = await refuseStrongerIn(change, acting, operation, place);
    const cursor = textAt(query, 'cursor');
    return await handlerOf(id)({
      ...{ deps, context: inner, instance: context.instance, caller, path, query, body },
      nowMs: change.nowMs,
      get place() {
        if (place === undefined) throw new Error(`the operation ${id} has no object`);
        return place;
      },
      reach: { kind: 'instance' },
      change: (work) => work(change, user),
      checkVersion: () => undefined,
      requireAt: async (_, kind, objectId) => {
        const found = await findPlace(change.trx, change.scope, kind, objectId);
        if (found === undefined) throw notFound(kind, objectId);
        return found;
      },
      cursorAfter: (position) => JSON.stringify(position),
      position: cursor === undefined ? undefined : JSON.parse(cursor),
      within: () => createInvoker(home, change),
    });
  };
  const all = async (id: InvokableId, input: InvokedInput = {}): Promise<unknown[]> => {
    const items: unknown[] = [];
    let cursor: string | undefined;
    do {
      const query = { ...input.query, limit: 200, ...(cursor === undefined ? {} : { cursor }) };
      const page = await run(id, { ...input, query });
      // cast: lists answer items and, when there is more, a cursor
      const { items: found, nextCursor } = page as { items: unknown[]; nextCursor?: string };
      items.push(...found);
      cursor = nextCursor;
    } while (cursor !== undefined);
    return items;
  };
  return {
    // cast: the handler answers what the operation's schema says
    call: (async (id: InvokableId, input: InvokedInput = {}) => await run(id, input)) as Invoker['call'],
    all: all as Invoker['all'], // cast: as above
  };
}
