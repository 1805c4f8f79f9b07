import { isDocumentClientId } from '@latchkey/protocol';
import type { ApplicationRecord } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { isAllowed } from './access.ts';
import type { Caller } from './caller.ts';

const permission = 'instance.write';

/**
 * Throws `forbidden` where an application has or gets access to the management API and the caller may not administer the
 * instance: whoever changes its redirect URIs or credentials takes the tokens of every administrator who uses it.
 */
export function refuseManagementClient(
  { memberships }: Caller,
  ...states: readonly { readonly isManagementClient: boolean }[]
): void {
  if (!states.some(({ isManagementClient }) => isManagementClient)) return;
  if (isAllowed(memberships, 'instance', permission)) return;
  throw new ApiError(
    'forbidden',
    `Applications with access to the management API are for instance administrators: requires permission ${permission}.`,
    { permission },
  );
}

/** Throws `conflict` for an application that registered itself or is known by a document: it changes without asking. */
export function refuseSelfRegistered(
  record: Pick<ApplicationRecord, 'registrationTokenSha256' | 'clientId'>,
): void {
  if (record.registrationTokenSha256 === null && !isDocumentClientId(record.clientId)) return;
  throw new ApiError(
    'conflict',
    'A self-registered application cannot have access to the management API; create an application for it.',
    {
      errors: [
        { pointer: '/isManagementClient', detail: 'is not possible for a self-registered application' },
      ],
    },
  );
}
