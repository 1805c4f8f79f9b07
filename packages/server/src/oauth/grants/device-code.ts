import { grantTypes } from '@latchkey/protocol';
import { findDeviceAuthorization } from '@latchkey/store';
import { awaitedCodeHash } from '../../platform/awaited-codes.ts';
import { OAuthError } from '../../platform/errors.ts';
import { answerPoll, pollingApplication } from './awaited.ts';
import type { Grant } from './grant.ts';

/** A device asks whether its person has approved (RFC 8628 §3.4). */
export const deviceCodeGrant: Grant = async (context, client, params, confirmation) => {
  const grantType = grantTypes.deviceCode;
  const facts = pollingApplication(client, grantType);
  const code = params.get('device_code');
  if (code === undefined) throw new OAuthError('invalid_request', 'device_code is missing');
  const { deps, instance } = context;
  const codeHash = awaitedCodeHash(instance, code);
  const request = await findDeviceAuthorization(deps.store.db, instance.scope, codeHash);
  return await answerPoll(context, { kind: 'device', grantType, facts, params, confirmation, request });
};
