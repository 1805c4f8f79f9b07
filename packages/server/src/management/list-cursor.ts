import { ApiError } from '../platform/errors.ts';
import type { InstanceContext } from '../platform/instances.ts';

/** What a cursor belongs to: it fits no other list, filter, order or caller. */
export interface CursorBinding {
  readonly operationId: string;
  readonly callerId: string;
  readonly query: unknown;
  readonly path: unknown;
}

type Position = readonly (string | number)[];

function digestOf(instance: InstanceContext, binding: CursorBinding, payload: string): string {
  const { cursor: _, limit: __, ...filters } = { ...(binding.query as Record<string, unknown>) }; // cast: a parsed query is an object
  const text = JSON.stringify([binding.operationId, binding.callerId, filters, binding.path, payload]);
  return instance.sealer.digest('list-cursor', text).slice(0, 22);
}

/** A cursor for the row a page ends with. */
export function writeCursor(instance: InstanceContext, binding: CursorBinding, position: Position): string {
  const payload = Buffer.from(JSON.stringify(position)).toString('base64url');
  return `${payload}.${digestOf(instance, binding, payload)}`;
}

/** The position a cursor stands for. Throws `cursor-invalid` for one of another list or one that was changed. */
export function readCursor(instance: InstanceContext, binding: CursorBinding, cursor: string): Position {
  const payload = cursor.slice(0, Math.max(cursor.indexOf('.'), 0));
  // The whole text is compared: nothing may be added to a cursor.
  if (cursor !== `${payload}.${digestOf(instance, binding, payload)}`)
    throw new ApiError(
      'cursor-invalid',
      'The cursor belongs to another list, other filters or another caller.',
    );
  // cast: the digest shows that we wrote it
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Position;
}
