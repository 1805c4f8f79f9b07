import { callApplication, type DeliveryOutcome } from '../platform/call-application.ts';
import type { InstanceContext } from '../platform/instances.ts';
import type { Delivery } from '../platform/outbox.ts';

/** What a ping tells, and the token it is sent with (OpenID CIBA Core §10.2). */
export interface Ping {
  readonly authReqId: string;
  readonly notificationToken: string;
}

function placeOf(requestId: string): string {
  return `backchannel_authentications|notification_token_sealed|${requestId}`;
}

/** Seals what the ping of a request will need: both texts are secrets between the client and this server. */
export function sealPing(instance: Pick<InstanceContext, 'sealer'>, requestId: string, ping: Ping): Buffer {
  const { authReqId, notificationToken } = ping;
  return instance.sealer.sealAtRest(
    placeOf(requestId),
    Buffer.from(JSON.stringify([authReqId, notificationToken])),
  );
}

function openPing(instance: InstanceContext, requestId: string, sealedHex: string): Ping | undefined {
  const bytes = instance.sealer.openAtRest(placeOf(requestId), Buffer.from(sealedHex, 'hex'));
  const value: unknown = JSON.parse(bytes.toString());
  if (!Array.isArray(value)) return undefined;
  const [authReqId, notificationToken]: unknown[] = value;
  return typeof authReqId === 'string' && typeof notificationToken === 'string'
    ? { authReqId, notificationToken }
    : undefined;
}

interface PingPayload {
  readonly requestId: string;
  readonly clientId: string;
  readonly expiresAtMs: number;
  readonly sealedHex: string;
}

function isPayload(payload: unknown): payload is PingPayload {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'requestId' in payload &&
    typeof payload.requestId === 'string' &&
    'clientId' in payload &&
    typeof payload.clientId === 'string' &&
    'expiresAtMs' in payload &&
    typeof payload.expiresAtMs === 'number' &&
    'sealedHex' in payload &&
    typeof payload.sealedHex === 'string'
  );
}

/** What an answer to a ping means: another try may help when the client is down or asks to come later. */
function judgeAnswer(status: number): DeliveryOutcome['kind'] {
  if (status >= 200 && status < 300) return 'delivered';
  return status >= 500 || status === 408 || status === 429 ? 'failed' : 'refused';
}

/**
 * Tells a client that the person has decided, at the address it has registered by now (OpenID CIBA Core §10.2). Not sent
 * any more once the request has expired, since there is nothing to fetch then.
 */
export const deliverCibaPing: Delivery = async (deps, instance, payload) => {
  if (!isPayload(payload)) return { kind: 'refused', reason: 'the message is not a CIBA ping' };
  if (payload.expiresAtMs <= deps.clock.now()) return { kind: 'refused', reason: 'the request has expired' };
  const client = await deps.facts.clients.load(instance.scope, payload.clientId);
  const endpoint = client?.application.cibaNotificationEndpoint ?? undefined;
  if (client?.application.cibaDeliveryMode !== 'ping' || endpoint === undefined)
    return { kind: 'refused', reason: 'the application wants no pings any more' };
  const ping = openPing(instance, payload.requestId, payload.sealedHex);
  if (ping === undefined) return { kind: 'refused', reason: 'the message is not a CIBA ping' };
  const request = {
    headers: { authorization: `Bearer ${ping.notificationToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ auth_req_id: ping.authReqId }),
    instanceId: instance.id,
  };
  return await callApplication(deps, endpoint, request, judgeAnswer);
};
