import { encodeBase64Url, randomText, sha256 } from './base64url.ts';

/** The key that binds tokens (RFC 9449): ES256, its private half not extractable. */
export type DpopKey = {
  readonly pair: CryptoKeyPair;
  /** `kty`, `crv`, `x`, `y`. */
  readonly publicJwk: Readonly<Record<'kty' | 'crv' | 'x' | 'y', string | undefined>>;
  readonly thumbprint: string;
  /** True when IndexedDB keeps it, so that all tabs and later visits have the same. */
  readonly isKept: boolean;
};

const DATABASE = 'latchkey';
const STORE = 'keys';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const DATABASE_TIMEOUT_MS = 3_000;

/**
 * The key of this name: the one all tabs of this origin share, made on first use. Where IndexedDB is missing, blocked, full
 * or hangs, a key that lives as long as the caller.
 */
export async function openDpopKey(name: string): Promise<DpopKey> {
  const fresh = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const kept = await keepFirst(name, fresh).catch(() => undefined);
  const pair = kept ?? fresh;
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  return {
    pair,
    publicJwk: { kty, crv, x, y },
    // RFC 7638 §3.2: these members, in this order.
    thumbprint: await sha256(JSON.stringify({ crv, kty, x, y })),
    isKept: kept !== undefined,
  };
}

// One transaction reads and writes, so that of two tabs that begin at once the first one's key serves both.
function keepFirst(name: string, fresh: CryptoKeyPair): Promise<CryptoKeyPair> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('IndexedDB does not answer')), DATABASE_TIMEOUT_MS);
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      database.onversionchange = () => database.close();
      const transaction = database.transaction(STORE, 'readwrite');
      const store = transaction.objectStore(STORE);
      const reading = store.get(name);
      let pair = fresh;
      reading.onsuccess = () => {
        if (isKeyPair(reading.result)) pair = reading.result;
        else store.put({ privateKey: fresh.privateKey, publicKey: fresh.publicKey }, name);
      };
      transaction.oncomplete = () => {
        database.close();
        resolve(pair);
      };
      transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}

function isKeyPair(value: unknown): value is CryptoKeyPair {
  if (typeof value !== 'object' || value === null) return false;
  const { privateKey, publicKey } = value as Partial<CryptoKeyPair>; // cast: both are checked in the next line
  return privateKey instanceof CryptoKey && publicKey instanceof CryptoKey && !privateKey.extractable;
}

/** Signs a proof for one request that carries `accessToken`. RFC 9449 §4.2. */
export async function signProof(
  key: DpopKey,
  request: {
    readonly method: string;
    readonly url: string;
    readonly accessToken: string;
    readonly nonce: string | undefined;
    readonly nowMs: number;
  },
): Promise<string> {
  const { origin, pathname } = new URL(request.url);
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk };
  const claims = {
    jti: randomText(),
    htm: request.method,
    htu: origin + pathname,
    iat: Math.floor(request.nowMs / 1000),
    ath: await sha256(request.accessToken),
    nonce: request.nonce,
  };
  const encode = (value: unknown) => encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
  const input = `${encode(header)}.${encode(claims)}`;
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    key.pair.privateKey,
    new TextEncoder().encode(input),
  );
  return `${input}.${encodeBase64Url(new Uint8Array(signature))}`;
}
