import { canonicalLoginName } from '@latchkey/identity';
import type { Alarm } from '@latchkey/store';
import { OAuthError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';

type Named = Pick<Alarm, 'objectKind' | 'objectId' | 'organizationId'>;

/** What a failure is counted at: the client it names, or the instance for all clients that do not exist. */
async function placeOf(context: RequestContext, clientId: string | undefined): Promise<Named> {
  const { facts } = context.deps;
  const { scope, id } = context.instance;
  if (clientId !== undefined) {
    const client = await facts.clients.load(scope, clientId);
    if (client !== undefined)
      return {
        objectKind: 'application',
        objectId: client.application.id,
        organizationId: client.project.organizationId,
      };
    const name = canonicalLoginName(clientId);
    const machine = name === undefined ? undefined : await facts.machines.load(scope, name);
    if (machine !== undefined) return { objectKind: 'client', objectId: machine.userId };
  }
  return { objectKind: 'instance', objectId: id };
}

/**
 * Counts a client that did not prove itself, per caller, per client and caller, and per client. Throws an error of the same
 * code with 429 when the caller must wait; who succeeds is never counted, so machine traffic is not limited.
 */
export async function countClientFailure(
  context: RequestContext,
  clientId: string | undefined,
  error: OAuthError,
): Promise<void> {
  const { deps, caller, instance } = context;
  const { clientAuth } = deps.limits;
  const { clients, alarm } = deps.brakes;
  const named = await placeOf(context, clientId);
  const place = `${instance.id} ${named.objectId}`;
  const now = deps.clock.monotonicMs();
  const waitMs = Math.max(clientAuth.waitMs(caller, now), clients.waitMs(place, caller, now));
  clientAuth.count(caller, now);
  if (clients.count(place, caller, now) === 'alarm')
    alarm(context, { kind: 'client-authentication-failures', ...named });
  if (waitMs === 0) return;
  const seconds = String(Math.ceil(waitMs / 1000));
  throw new OAuthError(error.code, `too many failed attempts; wait ${seconds} seconds`, {
    status: 429,
    headers: { 'retry-after': seconds },
    cause: error,
  });
}
