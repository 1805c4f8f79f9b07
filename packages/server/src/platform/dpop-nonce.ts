import type { EpochMs } from '@latchkey/protocol';
import type { Answer, RequestContext } from './http.ts';
import type { InstanceContext } from './instances.ts';

// A client meets a new value every five minutes and may finish what it began with the one before (RFC 9449 §8.2).
const windowMs = 300_000;

function nonceOf(instance: Pick<InstanceContext, 'sealer'>, window: number): string {
  return instance.sealer.digest('dpop-nonce', String(window));
}

/** The value proofs should repeat now: derived from the time, so that every node knows it and none keeps it. */
export function currentNonce(instance: Pick<InstanceContext, 'sealer'>, now: EpochMs): string {
  return nonceOf(instance, Math.floor(now / windowMs));
}

/** Whether a proof repeats a value of ours that is young enough; the next one counts too, for nodes whose clock runs ahead. */
export function isKnownNonce(
  instance: Pick<InstanceContext, 'sealer'>,
  nonce: string,
  now: EpochMs,
): boolean {
  const window = Math.floor(now / windowMs);
  return [window, window - 1, window + 1].some((candidate) => nonceOf(instance, candidate) === nonce);
}

const owed = new WeakMap<RequestContext, string>();

/** Notes that the answer of a request, whatever it will be, tells the nonce to use from now on (RFC 9449 §8). */
export function oweNonce(context: RequestContext): void {
  owed.set(context, currentNonce(context.instance, context.deps.clock.now()));
}

/** The headers that tell a nonce, to scripts of other origins too. */
export function nonceHeaders(nonce: string): Readonly<Record<string, string>> {
  return { 'dpop-nonce': nonce, 'access-control-expose-headers': 'Date, DPoP-Nonce, WWW-Authenticate' };
}

/** An answer with the nonce it owes, if it does. */
export function withOwedNonce(context: RequestContext, answer: Answer): Answer {
  const nonce = owed.get(context);
  return nonce === undefined ? answer : { ...answer, headers: { ...answer.headers, ...nonceHeaders(nonce) } };
}
