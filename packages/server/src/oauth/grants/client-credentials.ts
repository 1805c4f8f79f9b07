import { OAuthError } from '../../platform/errors.ts';
import type { Grant } from './grant.ts';
import { issueToMachine } from './issue-to-machine.ts';

/** A token for a machine user by its secret (RFC 6749 §4.4). */
export const clientCredentialsGrant: Grant = async (context, client, params, confirmation) => {
  if (client.kind !== 'machine') {
    throw new OAuthError(
      'unauthorized_client',
      'client_credentials is for machine users: use the login name of one as client_id',
    );
  }
  return await issueToMachine(context, {
    grantType: 'client_credentials',
    clientId: client.clientId,
    machine: client.machine,
    params,
    confirmation,
  });
};
