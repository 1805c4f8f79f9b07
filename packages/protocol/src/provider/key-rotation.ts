import type { EpochMs } from '../brands.ts';
import type { SigningAlgorithm } from '../wire/names.ts';

/** The life of a signing key: published ahead, signing, still verifying, gone. */
export type KeyState = 'next' | 'active' | 'retiring' | 'removed';

/** A signing key as rotation sees it. */
export interface KeyFacts {
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  readonly state: KeyState;
  /** When the present state began. */
  readonly since: EpochMs;
}

/** Times of rotation. */
export interface RotationPolicy {
  /** How long a key signs. */
  readonly activeMs: number;
  /** How long a key is published before it signs: at least twice the JWKS max-age. */
  readonly publishAheadMs: number;
  /** How long a key that signs no more stays published: the longest token life plus skew. */
  readonly retireMs: number;
}

/** A step to take. `activate` retires the key of the same algorithm that is active, if any, in the same transaction. */
export type RotationStep =
  | { readonly kind: 'create-active'; readonly algorithm: SigningAlgorithm }
  | { readonly kind: 'create-next'; readonly algorithm: SigningAlgorithm }
  | { readonly kind: 'activate'; readonly keyId: string; readonly algorithm: SigningAlgorithm }
  | { readonly kind: 'remove'; readonly keyId: string };

function stepsFor(
  algorithm: SigningAlgorithm,
  keys: readonly KeyFacts[],
  policy: RotationPolicy,
  now: EpochMs,
): RotationStep[] {
  const active = keys.find((key) => key.state === 'active');
  const next = keys.find((key) => key.state === 'next');
  if (active === undefined) {
    // Verifiers may know the published key already; a new one they cannot know.
    return next === undefined
      ? [{ kind: 'create-active', algorithm }]
      : [{ kind: 'activate', keyId: next.keyId, algorithm }];
  }
  const age = now - active.since;
  if (next === undefined)
    return age >= policy.activeMs - policy.publishAheadMs ? [{ kind: 'create-next', algorithm }] : [];
  const isPublishedLongEnough = now - next.since >= policy.publishAheadMs;
  return age >= policy.activeMs && isPublishedLongEnough
    ? [{ kind: 'activate', keyId: next.keyId, algorithm }]
    : [];
}

/**
 * The steps that are due for the keys of one instance.
 * @see OpenID Connect Core §10.1.1 (rotation of asymmetric signing keys)
 */
export function dueRotationSteps(
  algorithms: readonly SigningAlgorithm[],
  keys: readonly KeyFacts[],
  policy: RotationPolicy,
  now: EpochMs,
): readonly RotationStep[] {
  const steps = algorithms.flatMap((algorithm) =>
    stepsFor(
      algorithm,
      keys.filter((key) => key.algorithm === algorithm),
      policy,
      now,
    ),
  );
  const removals = keys
    .filter((key) => key.state === 'retiring' && now - key.since >= policy.retireMs)
    .map((key): RotationStep => ({ kind: 'remove', keyId: key.keyId }));
  return [...steps, ...removals];
}
