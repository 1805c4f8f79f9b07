import { strengthenClientSecret } from '@latchkey/store';
import type { RequestContext } from '../platform/http.ts';
import { sha256Hex } from '../platform/random.ts';

/** A secret of a client as memory holds it. */
interface KnownSecret {
  readonly id: string;
  readonly sha256: string | null;
  readonly foreignHash: string | null;
  readonly expiresAtMs: number | null;
}

interface SecretOwner {
  readonly kind: 'application' | 'user';
  readonly id: string;
}

// A secret somebody thought up is short; its plain SHA-256 could be guessed by whoever reads the database.
const shortestGenerated = 24;

/** Keeps the SHA-256 of a secret in place of the hash it came with; never a reason to refuse the client. */
async function strengthen(
  { deps, instance }: RequestContext,
  owner: SecretOwner,
  { id, foreignHash }: KnownSecret,
  secret: string,
): Promise<void> {
  if (foreignHash === null || secret.length < shortestGenerated) return;
  const { store, clock, log } = deps;
  const actor = { kind: 'system', id: 'secret-upgrade' } as const;
  const proven = {
    id,
    ownerId: owner.id,
    ownerKind: owner.kind,
    from: foreignHash,
    sha256: sha256Hex(secret),
  };
  try {
    await store.change({ scope: instance.scope, actor, nowMs: clock.now() }, (change) =>
      strengthenClientSecret(change, proven),
    );
  } catch (err) {
    log.warn({ err }, 'the hash of a client secret could not be strengthened; its next use tries again');
  }
}

/**
 * Whether a secret is one of a client's that has not expired. One that came from another system is compared with the hash it
 * has there, on the threads for passwords, until it has been used once. Rejects with `PasswordPoolBusy` when those are full.
 */
export async function isSecretOf(
  context: RequestContext,
  owner: SecretOwner,
  secrets: readonly KnownSecret[],
  secret: string,
): Promise<boolean> {
  const { clock, passwords } = context.deps;
  const nowMs = clock.now();
  const live = secrets.filter(({ expiresAtMs }) => expiresAtMs === null || expiresAtMs > nowMs);
  const given = sha256Hex(secret);
  if (live.some(({ sha256 }) => sha256 === given)) return true;
  // Whoever has failed too often gets no more hashes computed; those whose secret has been used once never come here.
  const { brakes, limits } = context.deps;
  const place = `${context.instance.id} ${owner.id}`;
  const { caller } = context;
  const since = clock.monotonicMs();
  if (Math.max(limits.clientAuth.waitMs(caller, since), brakes.clients.waitMs(place, caller, since)) > 0)
    return false;
  for (const known of live) {
    const { foreignHash } = known;
    if (foreignHash === null) continue;
    const isMatch = await passwords.admit(() => passwords.verify(secret, foreignHash));
    if (!isMatch) continue;
    await strengthen(context, owner, known, secret);
    return true;
  }
  return false;
}
