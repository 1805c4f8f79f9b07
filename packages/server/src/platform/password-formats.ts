import { pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import { verifySync } from '@node-rs/argon2';
import bcrypt from 'bcryptjs';

/** A password hash of one of the systems people come from, with its cost within bounds. */
export type PasswordHash =
  | { readonly kind: 'argon2' | 'bcrypt'; readonly text: string }
  | {
      readonly kind: 'scrypt';
      readonly cost: number;
      readonly blockSize: number;
      readonly parallelism: number;
      readonly salt: Buffer;
      readonly digest: Buffer;
    }
  | {
      readonly kind: 'pbkdf2';
      readonly algorithm: 'sha1' | 'sha256' | 'sha512';
      readonly iterations: number;
      readonly salt: Buffer;
      readonly digest: Buffer;
    };

/** How reading a hash went. */
export type PasswordHashReading =
  | { readonly kind: 'read'; readonly hash: PasswordHash }
  | { readonly kind: 'refused'; readonly reason: string };

const unknown: PasswordHashReading = {
  kind: 'refused',
  reason: 'is none of bcrypt, scrypt, PBKDF2 and Argon2 in a form this server reads',
};
const tooDear: PasswordHashReading = {
  kind: 'refused',
  reason: 'costs too much to check; people of such an account have to set a new password',
};
const tooShort: PasswordHashReading = { kind: 'refused', reason: 'holds no salt or a hash that is cut off' };

// About a second of one core each; a dearer hash would be a way to keep the server busy.
const limits = {
  bcryptCost: 14,
  argon2MemoryKib: 262_144,
  argon2Work: 1_048_576,
  argon2Lanes: 16,
  scryptMemory: 268_435_456,
  scryptWork: 8_388_608,
  pbkdf2Iterations: 2_000_000,
} as const;

function bytes(text: string): Buffer {
  // passlib writes `.` for `+`.
  return Buffer.from(text.replaceAll('.', '+'), 'base64');
}

function isWhole(salt: Buffer, digest: Buffer): boolean {
  return salt.length > 0 && digest.length >= 16 && digest.length <= 128;
}

function readArgon2(text: string, parameters: string): PasswordHashReading {
  const found = new Map(parameters.split(',').map((part) => [part.slice(0, 2), Number(part.slice(2))]));
  const memory = found.get('m=') ?? 0;
  const passes = found.get('t=') ?? 0;
  const lanes = found.get('p=') ?? 0;
  if (memory < 8 || passes < 1 || lanes < 1) return unknown;
  const isDear =
    memory > limits.argon2MemoryKib || memory * passes > limits.argon2Work || lanes > limits.argon2Lanes;
  return isDear ? tooDear : { kind: 'read', hash: { kind: 'argon2', text } };
}

function readScrypt(wanted: {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly digest: Buffer;
}): PasswordHashReading {
  const { cost, blockSize, parallelism, salt, digest } = wanted;
  if (cost < 2 || !Number.isInteger(Math.log2(cost)) || blockSize < 1 || parallelism < 1) return unknown;
  if (!isWhole(salt, digest)) return tooShort;
  const isDear =
    128 * cost * blockSize > limits.scryptMemory || cost * blockSize * parallelism > limits.scryptWork;
  return isDear ? tooDear : { kind: 'read', hash: { kind: 'scrypt', ...wanted } };
}

function readPbkdf2(name: string, iterations: number, salt: Buffer, digest: Buffer): PasswordHashReading {
  const algorithm = name === '' ? 'sha1' : name;
  if (algorithm !== 'sha1' && algorithm !== 'sha256' && algorithm !== 'sha512') return unknown;
  if (!isWhole(salt, digest)) return tooShort;
  if (iterations > limits.pbkdf2Iterations) return tooDear;
  if (iterations < 1) return unknown;
  return { kind: 'read', hash: { kind: 'pbkdf2', algorithm, iterations, salt, digest } };
}

/**
 * Reads a password hash: bcrypt (`$2a$`, `$2b$`, `$2y$`), Argon2 (PHC), scrypt (PHC as passlib writes it, or Django's) and
 * PBKDF2 (passlib's, with or without `i=`, or Django's). One that would cost too much to check is refused.
 */
export function readPasswordHash(text: string): PasswordHashReading {
  const cost = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text)?.[1];
  if (cost !== undefined) {
    if (Number(cost) < 4) return unknown;
    return Number(cost) > limits.bcryptCost ? tooDear : { kind: 'read', hash: { kind: 'bcrypt', text } };
  }
  const argon2 = /^\$argon2(?:id|i|d)\$v=19\$([mtp=,\d]+)\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$/.exec(
    text,
  );
  if (argon2 !== null) return readArgon2(text, argon2[1] ?? '');
  const parts = text.split('$');
  const [first = '', scheme = ''] = parts;
  if (first === '' && scheme === 'scrypt') {
    const found = /^ln=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4})$/.exec(parts[2] ?? '');
    if (found === null || parts.length !== 5) return unknown;
    return readScrypt({
      cost: 2 ** Number(found[1]),
      blockSize: Number(found[2]),
      parallelism: Number(found[3]),
      salt: bytes(parts[3] ?? ''),
      digest: bytes(parts[4] ?? ''),
    });
  }
  if (first === 'scrypt' && parts.length === 6)
    return readScrypt({
      cost: Number(parts[1]),
      salt: Buffer.from(parts[2] ?? ''),
      blockSize: Number(parts[3]),
      parallelism: Number(parts[4]),
      digest: bytes(parts[5] ?? ''),
    });
  const phc = /^pbkdf2-?(sha\d+)?$/.exec(scheme);
  if (first === '' && phc !== null && parts.length === 5) {
    const iterations = /^(?:i=)?(\d{1,9})(?:,l=\d+)?$/.exec(parts[2] ?? '')?.[1];
    return readPbkdf2(phc[1] ?? '', Number(iterations ?? 0), bytes(parts[3] ?? ''), bytes(parts[4] ?? ''));
  }
  const django = /^pbkdf2_(sha\d+)$/.exec(first);
  if (django !== null && parts.length === 4)
    return readPbkdf2(django[1] ?? '', Number(parts[1]), Buffer.from(parts[2] ?? ''), bytes(parts[3] ?? ''));
  return unknown;
}

function isSame(made: Buffer, wanted: Buffer): boolean {
  return made.length === wanted.length && timingSafeEqual(made, wanted);
}

/**
 * Whether a password matches a hash of any form that `readPasswordHash` reads. Takes up to a second of this thread: for
 * password workers. Throws for a hash it cannot read.
 */
export function verifyPasswordSync(text: string, password: string): boolean {
  const reading = readPasswordHash(text);
  if (reading.kind === 'refused') throw new Error(`the password hash ${reading.reason}`);
  const { hash } = reading;
  switch (hash.kind) {
    case 'argon2':
      return verifySync(hash.text, password);
    case 'bcrypt':
      return bcrypt.compareSync(password, hash.text);
    case 'scrypt': {
      const { cost: N, blockSize: r, parallelism: p, salt, digest } = hash;
      const maxmem = limits.scryptMemory + 1_048_576 + 128 * r * p;
      return isSame(scryptSync(password, salt, digest.length, { N, r, p, maxmem }), digest);
    }
    case 'pbkdf2':
      return isSame(
        pbkdf2Sync(password, hash.salt, hash.iterations, hash.digest.length, hash.algorithm),
        hash.digest,
      );
  }
}
