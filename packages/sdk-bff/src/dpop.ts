import * as oauth from 'oauth4webapi';
import type { Clocks } from './clocks.ts';
import { isRecord, type JsonObject } from './json.ts';

/** A key pair of a session: as it is stored, and as proofs are signed with it. */
export interface ProofKey {
  /** The private key; it is stored sealed only. */
  readonly jwk: JsonObject;
  readonly handle: oauth.DPoPHandle;
}

/** Makes and remembers proof keys. Nonces of issuer and APIs belong to the handle, so handles are kept. */
export interface ProofKeys {
  generate(): Promise<ProofKey>;
  /** Undefined when the stored key cannot be used. */
  restore(jwk: JsonObject): Promise<ProofKey | undefined>;
}

const MAX_HANDLES = 1000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** Creates the key maker for ES256 (RFC 9449 §4.2). */
export function createProofKeys(client: oauth.Client, clocks: Clocks): ProofKeys {
  const buildHandle = (pair: CryptoKeyPair) =>
    oauth.DPoP(client, pair, {
      // By the clock of whoever gets the proof; the handle itself would keep the one of its beginning.
      [oauth.modifyAssertion](_header, payload) {
        payload.iat = clocks.nowSeconds(new URL(String(payload.htu)).origin);
      },
    });
  const kept = new Map<string, ProofKey>();
  const keep = (name: string, key: ProofKey): ProofKey => {
    kept.delete(name);
    kept.set(name, key);
    const [oldest] = kept.keys();
    if (kept.size > MAX_HANDLES && oldest !== undefined) kept.delete(oldest);
    return key;
  };
  return {
    async generate() {
      const pair = await oauth.generateKeyPair('ES256', { extractable: true });
      const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', pair.privateKey);
      return keep(`${d}`, { jwk: { kty, crv, x, y, d }, handle: buildHandle(pair) });
    },
    async restore(jwk) {
      const name = String(jwk.d);
      const known = kept.get(name);
      if (known !== undefined) return keep(name, known);
      const pair = await importPair(jwk);
      return pair === undefined ? undefined : keep(name, { jwk, handle: buildHandle(pair) });
    },
  };
}

async function importPair(jwk: JsonObject): Promise<CryptoKeyPair | undefined> {
  if (!isRecord(jwk)) return undefined;
  const { d: _, ...open } = jwk;
  try {
    const [privateKey, publicKey] = await Promise.all([
      crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['sign']),
      crypto.subtle.importKey('jwk', { ...open }, algorithm, true, ['verify']),
    ]);
    return { privateKey, publicKey };
  } catch {
    return undefined;
  }
}
