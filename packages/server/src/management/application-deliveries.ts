import type { Operations, ResponseOf } from '@latchkey/contract';
import { type DeliveryRecord, findApplicationRecord, listDeliveries } from '@latchkey/store';
import { notFound } from './admit.ts';
import type { CallOf } from './call.ts';

type Deliveries = ResponseOf<Operations['listApplicationDeliveries']>;
type Failure = NonNullable<DeliveryRecord['lastFailure']>;

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function messageOf({ reason, status, address }: Failure): string {
  switch (reason) {
    case 'answered':
      return `${address} answered ${status}.`;
    case 'unreachable':
      return `${address} could not be reached: no answer came in time, or its name does not lead to a public address.`;
    case 'not-https':
      return `The server does not call ${address}, which is not https. Use https, or allow it in LATCHKEY_OUTBOUND_ALLOW.`;
    case 'not-public':
      return `The server does not call ${address}, which is not a public address. Use one that is, or allow it in LATCHKEY_OUTBOUND_ALLOW.`;
    case 'not-callable':
      return `The server cannot call ${address}. Use an absolute https URL of at most 2048 characters.`;
  }
}

function toFailure(failure: Failure) {
  const { address, reason, status, isGivenUp } = failure;
  return {
    ...{ address, reason, status, isGivenUp },
    at: new Date(failure.failedAtMs).toISOString(),
    message: messageOf(failure),
    deliveredAt: iso(failure.deliveredAtMs),
  };
}

/** Tells how messages to an application fare: what waits, and what did not arrive last. */
export async function listApplicationDeliveries({
  deps,
  instance,
  path,
}: CallOf<'listApplicationDeliveries'>): Promise<Deliveries> {
  const { applicationId } = path;
  const record = await findApplicationRecord(deps.store.db, instance.scope, applicationId);
  if (record === undefined) throw notFound('application', applicationId);
  const addresses = {
    'backchannel-logout': record.backchannelLogoutUri,
    'ciba-ping': record.cibaDeliveryMode === 'ping' ? record.cibaNotificationEndpoint : null,
  } as const;
  const rows = await listDeliveries(deps.store.db, instance.scope, applicationId);
  return {
    items: rows.map(({ kind, waiting, oldestWaitingAtMs, nextAttemptAtMs, lastFailure }) => ({
      ...{ kind, waiting },
      address: addresses[kind],
      oldestWaitingAt: iso(oldestWaitingAtMs),
      nextAttemptAt: iso(nextAttemptAtMs),
      lastFailure: lastFailure === undefined ? null : toFailure(lastFailure),
    })),
  };
}
