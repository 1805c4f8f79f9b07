import { grantTypes } from '@latchkey/protocol';
import { findBackchannelAuthentication } from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import { sha256Hex } from '../../platform/random.ts';
import { answerPoll, pollingApplication } from './awaited.ts';
import type { Grant } from './grant.ts';

/** A client asks whether the person has approved, in poll mode or after a ping (OpenID CIBA Core §10.1). */
export const cibaGrant: Grant = async (context, client, params, confirmation) => {
  const grantType = grantTypes.ciba;
  const facts = pollingApplication(client, grantType);
  const authReqId = params.get('auth_req_id');
  if (authReqId === undefined) throw new OAuthError('invalid_request', 'auth_req_id is missing');
  const { store } = context.deps;
  const request = await findBackchannelAuthentication(store.db, context.instance.scope, sha256Hex(authReqId));
  return await answerPoll(context, { kind: 'backchannel', grantType, facts, params, confirmation, request });
};
