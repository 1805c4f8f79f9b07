import { createCipheriv, createHmac, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import { verifySync } from '@node-rs/argon2';
import bcrypt from 'bcryptjs';
import { cryptDigit, md5Crypt, phpass, shaCrypt } from './crypt-hashes.ts';

/** A password hash of one of the systems people come from, with its cost within bounds. */
export type PasswordHash =
  /** `wordpress`: bcrypt of a keyed digest of the password; `text` is the bcrypt hash. */
  | { readonly kind: 'argon2' | 'bcrypt' | 'wordpress'; readonly text: string }
  | {
      readonly kind: 'md5-crypt';
      readonly magic: '$1$' | '$apr1$';
      readonly salt: Buffer;
      readonly hashed: string;
    }
  | {
      readonly kind: 'sha-crypt';
      readonly digest: 'sha256' | 'sha512';
      readonly rounds: number;
      readonly salt: Buffer;
      readonly hashed: string;
    }
  | {
      readonly kind: 'phpass';
      readonly digest: 'md5' | 'sha512';
      readonly log2Rounds: number;
      readonly salt: Buffer;
      readonly hashed: string;
      /** WordPress takes spaces off both ends of a password. */
      readonly isTrimmed: boolean;
    }
  | {
      readonly kind: 'firebase';
      readonly cost: number;
      readonly blockSize: number;
      readonly parallelism: number;
      readonly salt: Buffer;
      readonly signerKey: Buffer;
      readonly digest: Buffer;
    }
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
  reason:
    'is in no form this server reads: bcrypt, Argon2, scrypt, PBKDF2, Firebase, phpass, WordPress, md5-crypt, sha-crypt, Werkzeug or ASP.NET Identity',
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
  shaCryptRounds: 700_000,
  phpassLog2: 18,
  // The password is part of each of up to a million digests.
  iteratedPasswordBytes: 256,
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

function readBcrypt(text: string): PasswordHashReading | undefined {
  const [, prefix, bare] = /^(\$wp)?(\$2[aby]\$\d\d\$[./A-Za-z0-9]{53})$/.exec(text) ?? [];
  if (bare === undefined) return undefined;
  const cost = Number(bare.slice(4, 6));
  if (cost < 4) return unknown;
  if (cost > limits.bcryptCost) return tooDear;
  return { kind: 'read', hash: { kind: prefix === undefined ? 'bcrypt' : 'wordpress', text: bare } };
}

function readAnyArgon2(text: string): PasswordHashReading | undefined {
  const found = /^\$argon2(?:id|i|d)\$v=19\$([mtp=,\d]+)\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$/.exec(text);
  return found === null ? undefined : readArgon2(text, found[1] ?? '');
}

// PHC as passlib writes it, Django's, and Werkzeug's.
function readAnyScrypt(text: string): PasswordHashReading | undefined {
  const parts = text.split('$');
  const [first = '', second = '', third = '', fourth = '', fifth = '', sixth = ''] = parts;
  if (first === '' && second === 'scrypt' && parts.length === 5) {
    const found = /^ln=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4})$/.exec(third);
    if (found === null) return unknown;
    const [cost, blockSize, parallelism] = [2 ** Number(found[1]), Number(found[2]), Number(found[3])];
    return readScrypt({ cost, blockSize, parallelism, salt: bytes(fourth), digest: bytes(fifth) });
  }
  if (first === 'scrypt' && parts.length === 6) {
    const [cost, blockSize, parallelism] = [Number(second), Number(fourth), Number(fifth)];
    return readScrypt({ cost, blockSize, parallelism, salt: Buffer.from(third), digest: bytes(sixth) });
  }
  const werkzeug = /^scrypt:(\d{1,8}):(\d{1,4}):(\d{1,4})$/.exec(first);
  if (werkzeug === null || parts.length !== 3 || !isHex(third)) return undefined;
  const [cost, blockSize, parallelism] = [Number(werkzeug[1]), Number(werkzeug[2]), Number(werkzeug[3])];
  const digest = Buffer.from(third, 'hex');
  return readScrypt({ cost, blockSize, parallelism, salt: Buffer.from(second), digest });
}

// passlib's, with or without `i=`, Django's, and Werkzeug's.
function readAnyPbkdf2(text: string): PasswordHashReading | undefined {
  const parts = text.split('$');
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = parts;
  const phc = /^pbkdf2-?(sha\d+)?$/.exec(second);
  if (first === '' && phc !== null && parts.length === 5) {
    const iterations = /^(?:i=)?(\d{1,9})(?:,l=\d+)?$/.exec(third)?.[1];
    return readPbkdf2(phc[1] ?? '', Number(iterations ?? 0), bytes(fourth), bytes(fifth));
  }
  const django = /^pbkdf2_(sha\d+)$/.exec(first);
  if (django !== null && parts.length === 4)
    return readPbkdf2(django[1] ?? '', Number(second), Buffer.from(third), bytes(fourth));
  const werkzeug = /^pbkdf2:(sha\d+):(\d{1,9})$/.exec(first);
  if (werkzeug === null || parts.length !== 3 || !isHex(third)) return undefined;
  const digest = Buffer.from(third, 'hex');
  return readPbkdf2(werkzeug[1] ?? '', Number(werkzeug[2]), Buffer.from(second), digest);
}

function isHex(text: string): boolean {
  return /^(?:[0-9a-f]{2})+$/i.test(text);
}

function readCrypt(text: string): PasswordHashReading | undefined {
  const md5 = /^(\$1\$|\$apr1\$)([^$]{0,8})\$([./A-Za-z0-9]{22})$/.exec(text);
  if (md5 !== null) {
    const magic = md5[1] === '$1$' ? '$1$' : '$apr1$';
    return {
      kind: 'read',
      hash: { kind: 'md5-crypt', magic, salt: Buffer.from(md5[2] ?? ''), hashed: md5[3] ?? '' },
    };
  }
  const sha = /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$]{0,16})\$([./A-Za-z0-9]+)$/.exec(text);
  if (sha === null) return undefined;
  const digest = sha[1] === '5' ? 'sha256' : 'sha512';
  const hashed = sha[4] ?? '';
  if (hashed.length !== (digest === 'sha256' ? 43 : 86)) return tooShort;
  const rounds = sha[2] === undefined ? 5000 : Math.max(1000, Number(sha[2]));
  if (rounds > limits.shaCryptRounds) return tooDear;
  return {
    kind: 'read',
    hash: { kind: 'sha-crypt', digest, rounds, salt: Buffer.from(sha[3] ?? ''), hashed },
  };
}

// `$P$` WordPress before 6.8 and others, `$H$` phpBB, `$S$` Drupal 7.
function readPhpass(text: string): PasswordHashReading | undefined {
  const found = /^\$([PHS])\$([./A-Za-z0-9])([./A-Za-z0-9]{8})([./A-Za-z0-9]+)$/.exec(text);
  if (found === null) return undefined;
  const digest = found[1] === 'S' ? 'sha512' : 'md5';
  const log2Rounds = cryptDigit(found[2] ?? '');
  const hashed = found[4] ?? '';
  if (hashed.length !== (digest === 'md5' ? 22 : 43)) return tooShort;
  if (log2Rounds < 7 || log2Rounds > 30) return unknown;
  if (log2Rounds > limits.phpassLog2) return tooDear;
  const salt = Buffer.from(found[3] ?? '');
  return {
    kind: 'read',
    hash: { kind: 'phpass', digest, log2Rounds, salt, hashed, isTrimmed: found[1] === 'P' },
  };
}

// Firebase keeps the parameters of a project apart; these forms carry them: Ory's, ZITADEL's and Supabase's.
function readFirebase(text: string): PasswordHashReading | undefined {
  const dollars =
    /^\$fire(?:base)?scrypt\$ln=(\d{1,2}),r=(\d{1,4})(?:,p=(\d{1,4}))?\$([^$]+)\$([^$]+)\$([^$]*)\$([^$]+)$/.exec(
      text,
    );
  const supabase =
    /^\$fbscrypt\$v=1,n=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4}),ss=([^$,]*),sk=([^$,]+)\$([^$]+)\$([^$]+)$/.exec(
      text,
    );
  if (dollars === null && supabase === null) return undefined;
  const found = dollars ?? supabase ?? [];
  const [salt, digest, separator, key] =
    dollars === null ? [found[6], found[7], found[4], found[5]] : [found[4], found[5], found[6], found[7]];
  const [cost, blockSize, parallelism] = [2 ** Number(found[1]), Number(found[2]), Number(found[3] ?? 1)];
  const signerKey = base64(key ?? '');
  const wanted = base64(digest ?? '');
  const salted = Buffer.concat([base64(salt ?? ''), base64(separator ?? '')]);
  const reading = readScrypt({ cost, blockSize, parallelism, salt: salted, digest: wanted });
  if (reading.kind === 'refused') return reading;
  if (wanted.length !== signerKey.length) return tooShort;
  const parameters = { cost, blockSize, parallelism, salt: salted, signerKey, digest: wanted };
  return { kind: 'read', hash: { kind: 'firebase', ...parameters } };
}

// Base64 and base64url alike.
function base64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

const identityPrfs = ['sha1', 'sha256', 'sha512'] as const;

/** ASP.NET Identity: base64 of a version byte, for version 3 of PRF, iterations and salt length, then salt and subkey. */
function readAspNetIdentity(text: string): PasswordHashReading | undefined {
  if (!/^A[A-Q][A-Za-z0-9+/]{46,398}={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  const blob = base64(text);
  if (blob[0] === 0)
    return blob.length === 49 ? readPbkdf2('sha1', 1000, blob.subarray(1, 17), blob.subarray(17)) : unknown;
  if (blob[0] !== 1 || blob.length < 29) return unknown;
  const prf = identityPrfs[blob.readUInt32BE(1)];
  const saltBytes = blob.readUInt32BE(9);
  if (prf === undefined || saltBytes > blob.length - 13) return unknown;
  const salt = blob.subarray(13, 13 + saltBytes);
  return readPbkdf2(prf, blob.readUInt32BE(5), salt, blob.subarray(13 + saltBytes));
}

const readers: readonly ((text: string) => PasswordHashReading | undefined)[] = [
  readBcrypt,
  readAnyArgon2,
  readAnyScrypt,
  readAnyPbkdf2,
  readFirebase,
  readPhpass,
  readCrypt,
  readAspNetIdentity,
];

/**
 * Reads a password hash in any form that docs/management-api.md lists. One that would cost too much to check is refused, and
 * one that is cut off.
 */
export function readPasswordHash(text: string): PasswordHashReading {
  for (const read of readers) {
    const reading = read(text);
    if (reading !== undefined) return reading;
  }
  return unknown;
}

function isSame(made: Buffer, wanted: Buffer): boolean {
  return made.length === wanted.length && timingSafeEqual(made, wanted);
}

function isSameText(made: string, wanted: string): boolean {
  return isSame(Buffer.from(made), Buffer.from(wanted));
}

type Of<K extends PasswordHash['kind']> = Extract<PasswordHash, { readonly kind: K }>;

function scryptOf(
  password: string,
  { cost: N, blockSize: r, parallelism: p, salt }: Omit<Of<'scrypt'>, 'kind' | 'digest'>,
  length: number,
): Buffer {
  const maxmem = limits.scryptMemory + 1_048_576 + 128 * r * p;
  return scryptSync(password, salt, length, { N, r, p, maxmem });
}

// Firebase encrypts the signer key of the project by what scrypt makes of the password.
function isFirebase(password: string, hash: Of<'firebase'>): boolean {
  const cipher = createCipheriv('aes-256-ctr', scryptOf(password, hash, 32), Buffer.alloc(16));
  return isSame(Buffer.concat([cipher.update(hash.signerKey), cipher.final()]), hash.digest);
}

function isWordPress(password: string, text: string): boolean {
  const keyed = createHmac('sha384', 'wp-sha384').update(password.trim()).digest('base64');
  return bcrypt.compareSync(keyed, text);
}

/** Schemes whose every round digests the password: long ones, which nobody there has, are not tried. */
function isIterated(password: string, hash: Of<'md5-crypt' | 'sha-crypt' | 'phpass'>): boolean {
  const typed = Buffer.from(hash.kind === 'phpass' && hash.isTrimmed ? password.trim() : password);
  if (typed.length > limits.iteratedPasswordBytes) return false;
  switch (hash.kind) {
    case 'md5-crypt':
      return isSameText(md5Crypt(typed, hash.salt, hash.magic), hash.hashed);
    case 'sha-crypt':
      return isSameText(shaCrypt(hash.digest, typed, hash.salt, hash.rounds), hash.hashed);
    case 'phpass':
      return isSameText(phpass(hash.digest, typed, hash.salt, hash.log2Rounds), hash.hashed);
  }
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
    case 'wordpress':
      return isWordPress(password, hash.text);
    case 'scrypt':
      return isSame(scryptOf(password, hash, hash.digest.length), hash.digest);
    case 'firebase':
      return isFirebase(password, hash);
    case 'md5-crypt':
    case 'sha-crypt':
    case 'phpass':
      return isIterated(password, hash);
    case 'pbkdf2':
      return isSame(
        pbkdf2Sync(password, hash.salt, hash.iterations, hash.digest.length, hash.algorithm),
        hash.digest,
      );
  }
}
