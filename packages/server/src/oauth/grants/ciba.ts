import { grantTypes } from '@latchkey/protocol';
import { findBackchannelAuthentication } from '@latchkey/store';
import { awaitedCodeHash } from '../../platform/awaited-codes.ts';
import { OAuthError } from '../../platform/errors.ts';
import { answerPoll, pollingApplication } from './awaited.ts';
import type { Grant } from './grant.ts';

/** A client asks whether the person has approved, in poll mode or after a ping (OpenID CIBA Core §10.1). */
export const cibaGrant: Grant = async (context, client, params, confirmation) => {
  const grantType = grantTypes.ciba;
  const facts = pollingApplication(client, grantType);
  const authReqId = params.get('auth_req_id');
  if (authReqId === undefined) throw new OAuthError('invalid_request', 'auth_req_id is missing');
  const { deps, instance } = context;
  const codeHash = awaitedCodeHash(instance, authReqId);
  const request = await findBackchannelAuthentication(deps.store.db, instance.scope, codeHash);
  return await answerPoll(context, { kind: 'backchannel', grantType, facts, params, confirmation, request });
};
