import { type EpochMs, epochMs, type KeyState, type SigningAlgorithm } from '@latchkey/protocol';
import {
  type Actor,
  activateSigningKey,
  insertSigningKey,
  isUniqueViolation,
  listSigningKeys,
  removeSigningKey,
  type Store,
} from '@latchkey/store';
import type { Clock } from './clock.ts';
import type { InstanceContext } from './instances.ts';
import { defaultRotationPolicy } from './key-rotation.ts';
import { createSigningKey, type RsaBits, rsaBitsOf } from './signing-keys.ts';

/** A signing key as operators see it. */
export interface WebKey {
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  readonly state: KeyState;
  readonly sinceMs: EpochMs;
  /** When the next thing happens by itself: it may sign, another follows it, or it is taken out. */
  readonly nextAtMs: EpochMs | undefined;
  readonly rsaBits: RsaBits | undefined;
}

const { activeMs, publishAheadMs, retireMs } = defaultRotationPolicy;
const spans: Readonly<Record<KeyState, number | undefined>> = {
  next: publishAheadMs,
  active: activeMs,
  retiring: retireMs,
  removed: undefined,
};

/** What changing keys needs. */
export interface WebKeyContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly instance: Pick<InstanceContext, 'scope' | 'sealer'>;
  readonly actor: Actor;
}

/** What came of a change of keys. */
export type WebKeyOutcome =
  | { readonly kind: 'published' | 'signing' | 'withdrawn' | 'retired'; readonly keyId: string }
  | { readonly kind: 'revoked'; readonly keyId: string; readonly replacedBy?: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'next-exists'; readonly keyId: string }
  | { readonly kind: 'no-successor' }
  | { readonly kind: 'contended' }
  | { readonly kind: 'wrong-state'; readonly state: KeyState }
  | { readonly kind: 'too-young'; readonly usableAtMs: number };

/** The keys of an instance that still matter, newest first. */
export async function listWebKeys({
  store,
  instance,
}: Pick<WebKeyContext, 'store' | 'instance'>): Promise<readonly WebKey[]> {
  const rows = await listSigningKeys(store.db, instance.scope);
  return rows.map((row) => {
    const span = spans[row.state];
    return {
      keyId: row.id,
      algorithm: row.algorithm,
      state: row.state,
      sinceMs: epochMs(row.sinceMs),
      nextAtMs: span === undefined ? undefined : epochMs(row.sinceMs + span),
      rsaBits: rsaBitsOf(row.publicJwk),
    };
  });
}

function changeOf({ store, clock, instance, actor }: WebKeyContext) {
  const context = { scope: instance.scope, actor, nowMs: clock.now() };
  return <T>(work: Parameters<typeof store.change<T>>[1]) => store.change<T>(context, work);
}

/**
 * Makes a key. It is published only, until it is activated; the first of an algorithm signs at once, since nothing was ever
 * signed by that algorithm that somebody could fail to verify. Without a wish it is as long as the one it follows. Source:
 * OpenID Connect Core §10.1.1.
 */
export async function createWebKey(
  context: WebKeyContext,
  wish: { readonly algorithm: SigningAlgorithm; readonly rsaBits?: RsaBits },
): Promise<WebKeyOutcome> {
  const { algorithm, rsaBits } = wish;
  const keys = (await listWebKeys(context)).filter((key) => key.algorithm === algorithm);
  const next = keys.find((key) => key.state === 'next');
  if (next !== undefined) return { kind: 'next-exists', keyId: next.keyId };
  const active = keys.find((key) => key.state === 'active');
  const state = active === undefined ? 'active' : 'next';
  const { sealer } = context.instance;
  const key = await createSigningKey(algorithm, sealer, rsaBits ?? active?.rsaBits);
  try {
    await changeOf(context)((change) => insertSigningKey(change, { ...key, state }));
  } catch (error) {
    // Another node or operator was quicker.
    if (isUniqueViolation(error)) return { kind: 'next-exists', keyId: key.id };
    throw error;
  }
  return { kind: state === 'next' ? 'published' : 'signing', keyId: key.id };
}

function usableAtMs(key: WebKey): number {
  return key.sinceMs + publishAheadMs;
}

/**
 * Lets a published key sign; the one before it retires. Refused until the key has been published for as long as key sets are
 * kept by those who verify, unless `haste` says that they may fail for a while. Source: OpenID Connect Core §10.1.1.
 */
export async function activateWebKey(
  context: WebKeyContext,
  keyId: string,
  haste: 'when-known' | 'now',
): Promise<WebKeyOutcome> {
  const key = (await listWebKeys(context)).find((candidate) => candidate.keyId === keyId);
  if (key === undefined) return { kind: 'not-found' };
  if (key.state !== 'next') return { kind: 'wrong-state', state: key.state };
  const readyAtMs = usableAtMs(key);
  if (haste === 'when-known' && context.clock.now() < readyAtMs)
    return { kind: 'too-young', usableAtMs: readyAtMs };
  await changeOf(context)((change) => activateSigningKey(change, keyId, key.algorithm));
  return { kind: 'signing', keyId };
}

/**
 * Takes a key out of use in peace: one that signs hands over to the next, which must be known already, and stays published
 * while tokens it signed live; one that never signed is withdrawn.
 */
export async function retireWebKey(context: WebKeyContext, keyId: string): Promise<WebKeyOutcome> {
  const keys = await listWebKeys(context);
  const key = keys.find((candidate) => candidate.keyId === keyId);
  if (key === undefined) return { kind: 'not-found' };
  if (key.state === 'next') {
    await changeOf(context)((change) => removeSigningKey(change, keyId));
    return { kind: 'withdrawn', keyId };
  }
  if (key.state !== 'active') return { kind: 'wrong-state', state: key.state };
  const next = keys.find(({ algorithm, state }) => algorithm === key.algorithm && state === 'next');
  if (next === undefined) return { kind: 'no-successor' };
  const outcome = await activateWebKey(context, next.keyId, 'when-known');
  return outcome.kind === 'signing' ? { kind: 'retired', keyId } : outcome;
}

/**
 * Takes a key out of use at once, for a private half that somebody may have: it is no longer published, every token it signed
 * is dead within a second, and if it was signing a new key signs from the same transaction on. Verifiers that keep the old
 * key set believe its signatures until they fetch it again.
 */
export async function revokeWebKey(context: WebKeyContext, keyId: string): Promise<WebKeyOutcome> {
  // Rotation may move the key between reading and writing; what is read the second time is what came between.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const key = (await listWebKeys(context)).find((candidate) => candidate.keyId === keyId);
    if (key === undefined) return { kind: 'not-found' };
    const fresh =
      key.state === 'active'
        ? await createSigningKey(key.algorithm, context.instance.sealer, key.rsaBits)
        : undefined;
    try {
      await changeOf(context)(async (change) => {
        await removeSigningKey(change, keyId);
        if (fresh !== undefined) await insertSigningKey(change, { ...fresh, state: 'active' });
      });
      return { kind: 'revoked', keyId, ...(fresh === undefined ? {} : { replacedBy: fresh.id }) };
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  }
  return { kind: 'contended' };
}
