import { hash, randomBytes, randomInt } from 'node:crypto';
import type { EpochMs } from '@latchkey/protocol';

// 2025-01-01T00:00:00Z: ids count from here, so that they fit 63 bits for the next 69 years.
const idEpochMs = 1_735_689_600_000n;
const sequenceBits = 22n;
const last = { ms: 0n, sequence: 0n };

/**
 * A new id: a decimal number of about 18 digits, ordered by time within this process, never given twice. Forty-one bits
 * are milliseconds; the other 22 start at a random place each millisecond and count up.
 */
export function newId(now: EpochMs): string {
  const ms = BigInt(Math.max(0, Math.floor(now))) - idEpochMs;
  if (ms > last.ms) {
    last.ms = ms;
    last.sequence = BigInt(randomInt(2 ** 21));
  } else {
    last.sequence += 1n;
    if (last.sequence >= 1n << sequenceBits) {
      last.ms += 1n;
      last.sequence = 0n;
    }
  }
  return ((last.ms << sequenceBits) | last.sequence).toString();
}

const pool = { bytes: Buffer.alloc(0), used: 0 };

/** `size` random bytes (at most 64), taken from a buffer that is filled a few kilobytes at a time. */
export function randomSlice(size: number): Buffer {
  if (pool.used + size > pool.bytes.length) {
    pool.bytes = randomBytes(4096);
    pool.used = 0;
  }
  const slice = pool.bytes.subarray(pool.used, pool.used + size);
  pool.used += size;
  return slice;
}

/** A random text of 128 bits, base64url. */
export function randomId(): string {
  return randomSlice(16).toString('base64url');
}

/** A new secret of 256 bits with a prefix that secret scanners can find, such as `lk_sec_`. */
export function newSecret(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** SHA-256 in hex: how generated secrets are stored and compared. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** SHA-256 in base64url: code challenges and token hashes. */
export function sha256Base64Url(text: string): string {
  return Buffer.from(hash('sha256', text, 'hex'), 'hex').toString('base64url');
}
