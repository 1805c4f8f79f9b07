import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** A key that wraps the data keys. It never enters the database. */
export interface MasterKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** The master keys of this process: the first wraps, all unwrap. */
export type MasterKeyRing = readonly MasterKey[];

/** The configured master keys cannot be used; the message says what to do. */
export class MasterKeyProblem extends Error {
  override readonly name = 'MasterKeyProblem';
}

// 32 random bytes hold about 30 different ones; fewer than 16 do not occur (below 10^-11).
const leastDifferentBytes = 16;

/** Whether bytes can have been drawn at random: not all zero, not one byte or a short pattern repeated. */
function looksRandom(bytes: Buffer): boolean {
  return new Set(bytes).size >= leastDifferentBytes;
}

/**
 * Reads master keys written as `id:base64` pairs separated by commas, the one to encrypt with first.
 * Throws `MasterKeyProblem` when there is none, one is not 32 bytes, or the first was not drawn at random.
 */
export function parseMasterKeys(text: string): MasterKeyRing {
  const ring = text.split(',').map((entry): MasterKey => {
    const [, id, encoded] = /^\s*([A-Za-z0-9._-]{1,32}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(entry) ?? [];
    const bytes = Buffer.from(encoded ?? '', 'base64');
    if (id === undefined || bytes.length !== 32) {
      throw new MasterKeyProblem(
        'A master key must be written as id:base64 of 32 random bytes, for example the output of: echo "k1:$(openssl rand -base64 32)"',
      );
    }
    return { id, key: createSecretKey(bytes) };
  });
  if (new Set(ring.map((key) => key.id)).size !== ring.length)
    throw new MasterKeyProblem('Two master keys have the same id.');
  const [first] = ring;
  if (first !== undefined && !looksRandom(first.key.export()))
    throw new MasterKeyProblem(
      `The master key ${first.id} is not random: its bytes repeat. Make one: echo "k2:$(openssl rand -base64 32)". If data was encrypted with ${first.id}, put the new key before it and keep ${first.id} after it.`,
    );
  return ring;
}

function context(instanceId: string, version: number): Buffer {
  return Buffer.from(`instance_data_keys|wrapped|${instanceId}|${version}`);
}

/** A data key as it is stored. */
export interface WrappedDataKey {
  readonly masterKeyId: string;
  readonly wrapped: Buffer;
}

/** Makes a new data key of 256 bits and wraps it with the first master key. */
export function createDataKey(ring: MasterKeyRing, instanceId: string, version: number): WrappedDataKey {
  return wrapDataKey(ring, instanceId, version, randomBytes(32));
}

/** Wraps a data key with the first master key. */
export function wrapDataKey(
  ring: MasterKeyRing,
  instanceId: string,
  version: number,
  bytes: Buffer,
): WrappedDataKey {
  const [master] = ring;
  if (master === undefined) throw new MasterKeyProblem('There is no master key.');
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', master.key, nonce).setAAD(context(instanceId, version));
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return { masterKeyId: master.id, wrapped: Buffer.concat([nonce, sealed, cipher.getAuthTag()]) };
}

/** Unwraps a data key. Throws `MasterKeyProblem` when its master key is missing or another. */
export function unwrapDataKey(
  ring: MasterKeyRing,
  instanceId: string,
  row: { readonly version: number; readonly masterKeyId: string; readonly wrapped: Buffer },
): Buffer {
  const master = ring.find((key) => key.id === row.masterKeyId);
  if (master === undefined) {
    throw new MasterKeyProblem(
      `The data was encrypted with the master key ${row.masterKeyId}, which is not configured. Add it to LATCHKEY_MASTER_KEYS.`,
    );
  }
  try {
    const decipher = createDecipheriv('aes-256-gcm', master.key, row.wrapped.subarray(0, 12)).setAAD(
      context(instanceId, row.version),
    );
    decipher.setAuthTag(row.wrapped.subarray(-16));
    return Buffer.concat([decipher.update(row.wrapped.subarray(12, -16)), decipher.final()]);
  } catch (cause) {
    throw new MasterKeyProblem(
      `The master key ${master.id} is not the one this data was encrypted with. Restore the original key.`,
      { cause },
    );
  }
}
