import type { FailedCall } from '@latchkey/store';
import type { Deps } from './deps.ts';
import { FetchRefused, type SafeFetchOptions } from './safe-fetch.ts';

/** How a try to deliver a message ended. Reasons go to the log: no secrets, nothing of the other side's answer. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** It will never be taken: not tried again. */
  | { readonly kind: 'refused'; readonly reason: string; readonly call?: FailedCall }
  | { readonly kind: 'failed'; readonly reason: string; readonly call?: FailedCall };

/**
 * Why no answer came. A name that leads to a private address is told as unreachable: who registers addresses must not learn
 * what names stand for inside the operator's network.
 */
function failureWithoutAnswer({ outboundRules }: Pick<Deps, 'outboundRules'>, address: string): FailedCall {
  return { address, reason: outboundRules.findProblem(address)?.kind ?? 'unreachable' };
}

/**
 * Posts a message to an address an application registered, by the one door for such calls; `judge` says what a status
 * means.
 */
export async function callApplication(
  deps: Pick<Deps, 'safeFetch' | 'outboundRules' | 'log'>,
  address: string,
  request: SafeFetchOptions,
  judge: (status: number) => DeliveryOutcome['kind'],
): Promise<DeliveryOutcome> {
  try {
    const { status } = await deps.safeFetch(address, { ...request, method: 'POST' });
    const kind = judge(status);
    return kind === 'delivered'
      ? { kind }
      : { kind, reason: `the application answered ${status}`, call: { address, reason: 'answered', status } };
  } catch (error) {
    if (!(error instanceof FetchRefused)) throw error;
    deps.log.debug({ err: error, address }, 'a message could not be sent to an application');
    const call = failureWithoutAnswer(deps, address);
    const reason =
      call.reason === 'unreachable'
        ? 'the address could not be reached'
        : 'the outbound rules of the server refuse the address';
    return { kind: 'failed', reason, call };
  }
}
