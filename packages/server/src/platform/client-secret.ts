import { type Change, insertClientSecret } from '@latchkey/store';
import { ApiError } from './errors.ts';
import type { InstanceContext } from './instances.ts';
import { readPasswordHash } from './password-formats.ts';
import { newSecret, sha256Hex } from './random.ts';

/** A client secret as it is given out, and what is stored of it. */
export interface MadeSecret {
  readonly text: string;
  readonly store: (
    change: Change,
    ownerId: string,
    options?: { readonly expiresAtMs?: number; readonly ownerKind?: 'application' | 'user' },
  ) => Promise<void>;
}

/** A new secret; one that signs (client_secret_jwt) is sealed besides its hash. */
export function makeSecret(instance: InstanceContext, id: string, authMethod: string): MadeSecret {
  // RFC 7518 §3.2: a secret that signs must be as long as the longest hash.
  const text = newSecret('lk_sec_') + (authMethod === 'client_secret_jwt' ? newSecret('') : '');
  const sealed =
    authMethod === 'client_secret_jwt'
      ? { sealed: instance.sealer.sealAtRest(`client_secrets|sealed|${id}`, Buffer.from(text)) }
      : {};
  return {
    text,
    store: (change, ownerId, options = {}) =>
      insertClientSecret(change, { id, ownerId, sha256: sha256Hex(text), ...sealed, ...options }),
  };
}

/**
 * Keeps a secret of another system by the hash it has there, until it is used. Throws `invalid-input` at `secretHash` for a
 * hash that `readPasswordHash` refuses.
 */
export function keepSecretHash(id: string, foreignHash: string): Pick<MadeSecret, 'store'> {
  const reading = readPasswordHash(foreignHash);
  if (reading.kind === 'refused')
    throw new ApiError('invalid-input', `secretHash ${reading.reason}.`, {
      errors: [{ pointer: '/secretHash', detail: reading.reason }],
    });
  return {
    store: (change, ownerId, options = {}) =>
      insertClientSecret(change, { id, ownerId, sha256: null, foreignHash, ...options }),
  };
}
