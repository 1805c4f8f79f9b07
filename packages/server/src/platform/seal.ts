import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { limits } from '@latchkey/protocol';
import { LRUCache } from 'lru-cache';
import { compactBytes, plainBytes, textOf } from './compact-text.ts';
import { randomSlice } from './random.ts';

/** What a sealed text may be; one kind never opens as another. */
export type SealKind =
  | 'access-token'
  | 'refresh-token'
  | 'token-id'
  | 'code'
  | 'authorize-request'
  | 'login-step'
  | 'pushed-request'
  | 'personal-access-token'
  | 'sign-out'
  | 'sign-out-hint'
  | 'known-browser';

/** Seals and opens the texts of one instance. */
export interface Sealer {
  /** Seals a payload; the result begins with the kind's prefix and is base64url after it. */
  readonly seal: (kind: SealKind, payload: string) => string;
  /** `seal` with the payload deflated where that is shorter; not for a payload that holds a secret (`compact-text.ts`). */
  readonly sealCompact: (kind: SealKind, payload: string) => string;
  /** The payload of a text sealed by `seal` or `sealCompact` for the same kind and instance; `undefined` for anything else. */
  readonly open: (kind: SealKind, text: string) => string | undefined;
  /** A keyed hash of a text, base64url, the same for as long as the instance lives; `purpose` keeps uses apart. */
  readonly digest: (purpose: string, text: string) => string;
  /** Seals bytes for a column; `place` is table|column|row, so that a ciphertext cannot be moved. */
  readonly sealAtRest: (place: string, bytes: Buffer) => Buffer;
  /** Opens what `sealAtRest` sealed for the same place. Throws when it was tampered with or moved. */
  readonly openAtRest: (place: string, sealed: Buffer) => Buffer;
  /** A number of this process: two sealers that open different texts have different ones. */
  readonly serial: number;
}

/** What is good only at the domain that gave it out: it stands for a sign-in, and its issuer is that domain. */
const domainKinds: ReadonlySet<SealKind> = new Set([
  'refresh-token',
  'code',
  'authorize-request',
  'login-step',
  'pushed-request',
  'sign-out',
  'sign-out-hint',
]);
/** Digests of codes that are good only at the domain that gave them out. */
const domainPurposes: ReadonlySet<string> = new Set(['user-code']);

const prefixes: Readonly<Record<SealKind, string>> = {
  'access-token': 'lk_at_',
  'refresh-token': 'lk_rt_',
  'token-id': '',
  code: 'lk_ac_',
  'authorize-request': '',
  'login-step': '',
  'pushed-request': '',
  'personal-access-token': 'lk_pat_',
  'sign-out': '',
  'sign-out-hint': 'lk_ih_',
  'known-browser': '',
};

/** The sealer of an instance at its first domain, from which those of further domains are made. */
export interface DomainSealer extends Sealer {
  /** `seal` with a place that `openAt` must name again. */
  readonly sealAt: (place: string | undefined, kind: SealKind, payload: Buffer) => string;
  readonly openAt: (place: string | undefined, kind: SealKind, text: string) => string | undefined;
}

const saltBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + saltBytes + nonceBytes;
// Random 96-bit nonces are safe for 2^32 messages a key (NIST SP 800-38D §8.3); a new subkey begins long before.
const messagesPerSalt = 2 ** 28;

/** A data key of the instance, already unwrapped. */
export interface DataKey {
  readonly version: number;
  readonly bytes: Buffer;
}

function derive(dataKey: DataKey, instanceId: string, salt: Buffer, kind: string): KeyObject {
  return createSecretKey(
    Buffer.from(hkdfSync('sha256', dataKey.bytes, salt, `latchkey ${instanceId} ${kind}`, 32)),
  );
}

function createCipherBox(instanceId: string, dataKeys: readonly DataKey[]) {
  const [current] = dataKeys;
  if (current === undefined || current.version > 255)
    throw new Error(`instance ${instanceId} has no usable data key`);
  const subkeys = new LRUCache<string, KeyObject>({ max: 2000 });
  const sending = { salt: Buffer.from(randomSlice(saltBytes)), used: 0 };

  function subkey(dataKey: DataKey, salt: Buffer, kind: string): KeyObject {
    const name = `${dataKey.version}${kind}${salt.toString('latin1')}`;
    const known = subkeys.get(name);
    if (known !== undefined) return known;
    const made = derive(dataKey, instanceId, salt, kind);
    subkeys.set(name, made);
    return made;
  }

  function encrypt(kind: string, plain: Buffer): Buffer {
    if (current === undefined) throw new Error('no data key');
    sending.used += 1;
    if (sending.used > messagesPerSalt) {
      sending.salt = Buffer.from(randomSlice(saltBytes));
      sending.used = 1;
    }
    const nonce = randomSlice(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', subkey(current, sending.salt, kind), nonce);
    cipher.setAAD(Buffer.from(`${kind}|${instanceId}|${current.version}`));
    const body = cipher.update(plain);
    return Buffer.concat([
      Buffer.of(current.version),
      sending.salt,
      nonce,
      body,
      cipher.final(),
      cipher.getAuthTag(),
    ]);
  }

  function decrypt(kind: string, bytes: Buffer, oldestVersion: number): Buffer | undefined {
    if (bytes.length < headBytes + tagBytes) return undefined;
    const dataKey = dataKeys.find((key) => key.version === bytes[0]);
    if (dataKey === undefined || dataKey.version < oldestVersion) return undefined;
    const key = subkey(dataKey, bytes.subarray(1, 1 + saltBytes), kind);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1 + saltBytes, headBytes));
    decipher.setAAD(Buffer.from(`${kind}|${instanceId}|${dataKey.version}`));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const body = decipher.update(bytes.subarray(headBytes, -tagBytes));
    try {
      decipher.final();
      return body;
    } catch {
      return undefined;
    }
  }
  return { encrypt, decrypt };
}

/**
 * The sealer of a further domain of an instance: what stands for a sign-in opens at that domain alone, all else at every
 * domain of the instance. The first domain has no such mark, so that an instance with one domain keeps what it gave out.
 */
export function sealerOfDomain(sealer: DomainSealer, origin: string): Sealer {
  const placeOf = (kind: SealKind): string | undefined => (domainKinds.has(kind) ? origin : undefined);
  return {
    ...sealer,
    seal: (kind, payload) => sealer.sealAt(placeOf(kind), kind, plainBytes(payload)),
    sealCompact: (kind, payload) => sealer.sealAt(placeOf(kind), kind, compactBytes(payload)),
    open: (kind, text) => sealer.openAt(placeOf(kind), kind, text),
    digest: (purpose, text) =>
      sealer.digest(domainPurposes.has(purpose) ? `${purpose}@${origin}` : purpose, text),
  };
}

let lastSerial = 0;

/**
 * The sealer of one instance over its data keys, newest first. Each process seals with a subkey of its own
 * (HKDF over a random salt that travels in the text), so that nonces of many processes cannot meet.
 * Texts sealed by a data key older than `oldestAccepted` do not open: they were given out before a backup was restored.
 * Columns sealed at rest open by every data key.
 */
export function createSealer(
  instanceId: string,
  dataKeys: readonly DataKey[],
  oldestAccepted = 1,
): DomainSealer {
  const box = createCipherBox(instanceId, dataKeys);
  // The oldest data key stays for as long as anything sealed by it does, so what is derived from it never changes.
  const oldest = dataKeys.at(-1)?.bytes ?? Buffer.alloc(0);
  const digestKey = Buffer.from(hkdfSync('sha256', oldest, instanceId, 'latchkey digest', 32));
  const labelOf = (place: string | undefined, kind: SealKind): string =>
    place === undefined ? kind : `${kind}@${place}`;
  const sealAt: DomainSealer['sealAt'] = (place, kind, payload) =>
    prefixes[kind] + box.encrypt(labelOf(place, kind), payload).toString('base64url');
  const openAt: DomainSealer['openAt'] = (place, kind, text) => {
    const prefix = prefixes[kind];
    if (text.length > limits.readText || !text.startsWith(prefix)) return undefined;
    const encoded = text.slice(prefix.length);
    const bytes = Buffer.from(encoded, 'base64url');
    // One token has one spelling: nothing may be added, padded or written otherwise.
    if (bytes.toString('base64url') !== encoded) return undefined;
    const payload = box.decrypt(labelOf(place, kind), bytes, oldestAccepted);
    return payload === undefined ? undefined : textOf(payload);
  };
  lastSerial += 1;
  return {
    serial: lastSerial,
    sealAt,
    openAt,
    seal: (kind, payload) => sealAt(undefined, kind, plainBytes(payload)),
    sealCompact: (kind, payload) => sealAt(undefined, kind, compactBytes(payload)),
    open: (kind, text) => openAt(undefined, kind, text),
    digest: (purpose, text) =>
      createHmac('sha256', digestKey).update(`${purpose}|${text}`).digest('base64url'),
    sealAtRest: (place, bytes) => box.encrypt(`at-rest|${place}`, bytes),
    openAtRest: (place, sealed) => {
      const bytes = box.decrypt(`at-rest|${place}`, sealed, 0);
      if (bytes === undefined)
        throw new Error(`what is stored at ${place} of instance ${instanceId} cannot be decrypted`);
      return bytes;
    },
  };
}
