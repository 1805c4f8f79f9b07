import { base64url, CompactEncrypt, compactDecrypt } from 'jose';
import { ConfigurationError } from './bff-error.ts';
import { isRecord, type JsonObject, parseJson } from './json.ts';

/** What a sealed value is for. Each has a key of its own, so a value of one kind is never taken for another. */
export type SealPurpose = 'session' | 'stored-session' | 'transaction' | 'notice';

/** Encrypts and authenticates what leaves this process (RFC 7516 `dir` with A256GCM). */
export interface Sealer {
  seal(purpose: SealPurpose, value: JsonObject): Promise<string>;
  /** What was sealed; undefined for anything else: tampered, of another purpose, under a secret that is gone. */
  open(purpose: SealPurpose, sealed: string): Promise<JsonObject | undefined>;
}

interface DerivedKey {
  readonly id: string;
  readonly key: Uint8Array;
}

const MIN_SECRET_CHARACTERS = 32;
const encoder = new TextEncoder();

/** Seals with the first secret and opens with each. Throws `ConfigurationError` for a secret that is too short. */
export function createSealer(cookieSecret: string | readonly string[]): Sealer {
  const secrets = typeof cookieSecret === 'string' ? [cookieSecret] : cookieSecret;
  if (secrets.length === 0 || secrets.some((secret) => secret.length < MIN_SECRET_CHARACTERS)) {
    throw new ConfigurationError(
      'weak_cookie_secret',
      `cookieSecret needs ${MIN_SECRET_CHARACTERS} or more random characters. Make one with: openssl rand -base64 32`,
    );
  }
  const derived = new Map<SealPurpose, Promise<readonly DerivedKey[]>>();
  const keysFor = (purpose: SealPurpose): Promise<readonly DerivedKey[]> => {
    const known = derived.get(purpose) ?? Promise.all(secrets.map((secret) => deriveKey(secret, purpose)));
    derived.set(purpose, known);
    return known;
  };
  return {
    async seal(purpose, value) {
      const [first] = await keysFor(purpose);
      if (first === undefined) throw new ConfigurationError('weak_cookie_secret', 'cookieSecret is empty.');
      return new CompactEncrypt(encoder.encode(JSON.stringify(value)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.id })
        .encrypt(first.key);
    },
    async open(purpose, sealed) {
      const keys = await keysFor(purpose);
      try {
        const { plaintext } = await compactDecrypt(
          sealed,
          ({ kid }) => {
            const found = keys.find(({ id }) => id === kid);
            if (found === undefined) throw new Error('sealed under a secret that is not known');
            return found.key;
          },
          { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
        );
        const value = parseJson(new TextDecoder().decode(plaintext));
        return isRecord(value) ? value : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

// RFC 5869. The ID tells which secret sealed a value; it is derived like a key, so it gives nothing away.
async function deriveKey(secret: string, purpose: SealPurpose): Promise<DerivedKey> {
  const material = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, [
    'deriveBits',
  ]);
  const derive = (info: string, bits: number) =>
    crypto.subtle.deriveBits(
      {
        name: 'HKDF',
        hash: 'SHA-256',
        salt: new Uint8Array(),
        info: encoder.encode(`latchkey-bff/1/${info}`),
      },
      material,
      bits,
    );
  const [key, id] = await Promise.all([derive(purpose, 256), derive(`${purpose}/id`, 48)]);
  return { id: base64url.encode(new Uint8Array(id)), key: new Uint8Array(key) };
}

/** SHA-256 as base64url: a name for something secret. */
export async function digestOf(text: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))));
}

/** So many random bytes as base64url. */
export function randomText(bytes: number): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)));
}
