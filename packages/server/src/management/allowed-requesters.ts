import { isDocumentClientId } from '@latchkey/protocol';
import { type Change, findUnknownAllowed } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';

/** The lists of a project that say who else may obtain tokens for it, as they are given. */
export interface GivenAllowed {
  readonly allowedClientIds?: readonly string[] | undefined;
  readonly allowedOrganizationIds?: readonly string[] | undefined;
}

/** Each entry once. */
export function uniqueAllowed({ allowedClientIds, allowedOrganizationIds }: GivenAllowed) {
  return {
    ...(allowedClientIds === undefined ? {} : { allowedClientIds: [...new Set(allowedClientIds)] }),
    ...(allowedOrganizationIds === undefined
      ? {}
      : { allowedOrganizationIds: [...new Set(allowedOrganizationIds)] }),
  };
}

/**
 * Throws `invalid-input` for a client ID or organization that does not exist: another application could take the ID
 * later. What the list has already stays, and so do addresses of client ID metadata documents, which belong to whoever
 * has the domain.
 */
export async function refuseUnknownAllowed(
  change: Change,
  given: GivenAllowed,
  before: Required<GivenAllowed> = { allowedClientIds: [], allowedOrganizationIds: [] },
): Promise<void> {
  const { allowedClientIds = [], allowedOrganizationIds = [] } = given;
  const isNewClient = (id: string): boolean =>
    !isDocumentClientId(id) && before.allowedClientIds?.includes(id) !== true;
  const unknown = await findUnknownAllowed(change.trx, change.scope, {
    clientIds: allowedClientIds.filter(isNewClient),
    organizationIds: allowedOrganizationIds.filter(
      (id) => before.allowedOrganizationIds?.includes(id) !== true,
    ),
  });
  const errors = [
    ...unknown.clientIds.map((id) => ({
      pointer: `/allowedClientIds/${allowedClientIds.indexOf(id)}`,
      detail: 'no application has this client ID',
    })),
    ...unknown.organizationIds.map((id) => ({
      pointer: `/allowedOrganizationIds/${allowedOrganizationIds.indexOf(id)}`,
      detail: 'there is no such organization',
    })),
  ];
  if (errors.length > 0)
    throw new ApiError('invalid-input', 'Only applications and organizations that exist can be allowed.', {
      errors,
    });
}
