import { findIdempotentRequest, saveIdempotentAnswer } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { sha256Hex } from '../platform/random.ts';

/** How long an answer is kept for repetitions, in milliseconds. */
export const keepAnswersMs = 86_400_000;

/** A request with an `Idempotency-Key`. */
export interface IdempotentCall {
  readonly callerId: string;
  readonly key: string;
  /** Says whether a repetition asks for the same. */
  readonly fingerprint: string;
}

/** The key has been taken by a request that runs at the same time; its answer is looked up again. */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';
}

function placeOf({ callerId, key }: IdempotentCall): string {
  return `idempotency_keys|answer_sealed|${callerId}|${key}`;
}

/** The key of a POST, if it has one. Throws `invalid-input` for one that is too long. */
export function idempotentCallOf(
  context: RequestContext,
  callerId: string,
  bodyText: string,
): IdempotentCall | undefined {
  const key = context.request.headers.get('idempotency-key');
  if (key === null || context.request.method !== 'POST') return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new ApiError(
      'invalid-input',
      'Idempotency-Key must be 1 to 200 printable characters without spaces.',
    );
  return { callerId, key, fingerprint: sha256Hex(`${context.path}?${context.query}\n${bodyText}`) };
}

/** What was answered before; `undefined` when the key is new. Throws when it was used for something else. */
export async function answerBefore(
  context: RequestContext,
  call: IdempotentCall,
): Promise<Answer | undefined> {
  const { deps, instance } = context;
  const found = await findIdempotentRequest(deps.store.db, instance.scope, call, deps.clock.now());
  if (found === undefined) return undefined;
  if (found.fingerprint !== call.fingerprint)
    throw new ApiError('idempotency-key-reused', 'The key came with another body or address before.');
  if (found.answerSealed === null || found.status === null)
    throw new ApiError('idempotency-in-doubt', 'The first request with this key has not left an answer.');
  const body = instance.sealer.openAtRest(placeOf(call), found.answerSealed).toString('utf8');
  return {
    status: found.status,
    headers: { 'content-type': 'application/json', 'idempotency-replayed': 'true' },
    body,
  };
}

/** Keeps an answer for repetitions. */
export async function keepAnswer(
  context: RequestContext,
  call: IdempotentCall,
  answer: Answer,
): Promise<void> {
  const { deps, instance } = context;
  await saveIdempotentAnswer(deps.store.db, instance.scope, call, {
    status: answer.status,
    answerSealed: instance.sealer.sealAtRest(placeOf(call), Buffer.from(answer.body)),
  });
}
