import { grantTypes } from '@latchkey/protocol';
import { findDeviceAuthorization } from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import { sha256Hex } from '../../platform/random.ts';
import { answerPoll, pollingApplication } from './awaited.ts';
import type { Grant } from './grant.ts';

/** A device asks whether its person has approved (RFC 8628 §3.4). */
export const deviceCodeGrant: Grant = async (context, client, params, confirmation) => {
  const grantType = grantTypes.deviceCode;
  const facts = pollingApplication(client, grantType);
  const code = params.get('device_code');
  if (code === undefined) throw new OAuthError('invalid_request', 'device_code is missing');
  const { store } = context.deps;
  const request = await findDeviceAuthorization(store.db, context.instance.scope, sha256Hex(code));
  return await answerPoll(context, { kind: 'device', grantType, facts, params, confirmation, request });
};
