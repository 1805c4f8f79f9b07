import { apiRoutes, type Operation, type OperationId, operations } from '@latchkey/contract';
import type { Estate } from './seeded-estate.ts';

/** Every operation that requires a recent sign-in, for some bodies at least. */
export const dangerousOperations: readonly (readonly [OperationId, Operation])[] = Object.entries(operations)
  .map(([id, operation]) => [id as OperationId, operation as Operation] as const) // cast: the keys of the operations are their ids
  .filter(([, { freshness }]) => freshness !== undefined);

/** A call of the management API: the method, the path after `/api/v1` and the body. */
export interface DangerousCall {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** A call of a dangerous operation on the estate, with a body that is dangerous; `userId` becomes an owner where one is named. */
export function dangerousCall(
  estate: Estate,
  [id, { body, example, target }]: readonly [OperationId, Operation],
  userId: string,
): DangerousCall {
  const [method, template] = apiRoutes[id];
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => estate.parameter(id, name));
  if (body === undefined) return { method, path };
  const parent = target.kind === 'parent' ? { [target.name]: estate.parameter(id, target.name) } : {};
  const filled: Record<string, unknown> = { ...Object(estate.fill(example ?? {})), ...parent };
  // The smallest dangerous body of those that may be harmless.
  if (id === 'updateApplication') filled.redirectUris = [];
  if (id === 'updateProject') filled.roleCheck = true;
  if (id === 'updateUser') filled.email = 'eve@example.com';
  if (id === 'createOrganization') filled.ownerUserId = userId;
  return { method, path, body: filled };
}
