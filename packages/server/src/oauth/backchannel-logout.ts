import { judgeLogoutAnswer, logoutTokenClaims } from '@latchkey/protocol';
import type { BackchannelLogoutPayload } from '@latchkey/store';
import { callApplication } from '../platform/call-application.ts';
import type { Delivery } from '../platform/outbox.ts';
import { activeKey, signJwt } from '../platform/signing-keys.ts';

function isPayload(payload: unknown): payload is BackchannelLogoutPayload {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'clientId' in payload &&
    typeof payload.clientId === 'string' &&
    'subject' in payload &&
    typeof payload.subject === 'string' &&
    'sessionId' in payload &&
    typeof payload.sessionId === 'string'
  );
}

/**
 * Tells an application that a session has ended: a signed logout token, posted to the address it has registered by now
 * (OpenID Connect Back-Channel Logout 1.0 §2.5).
 */
export const deliverLogoutToken: Delivery = async (deps, instance, payload, messageId) => {
  if (!isPayload(payload)) return { kind: 'refused', reason: 'the message is not a back-channel logout' };
  const client = await deps.facts.clients.load(instance.scope, payload.clientId);
  const uri = client?.application.backchannelLogoutUri ?? undefined;
  if (client === undefined || uri === undefined)
    return { kind: 'refused', reason: 'the application has no back-channel logout address any more' };
  const claims = logoutTokenClaims({
    issuer: instance.origin,
    clientId: payload.clientId,
    subject: payload.subject,
    sessionId: payload.sessionId,
    tokenId: instance.sealer.digest('logout-token', messageId),
    now: deps.clock.now(),
  });
  const token = await signJwt(
    activeKey(instance, client.application.idTokenSigningAlg),
    claims,
    'logout+jwt',
  );
  const request = {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: token }).toString(),
    instanceId: instance.id,
  };
  return await callApplication(deps, uri, request, judgeLogoutAnswer);
};
