import { createPublicKey, type KeyObject } from 'node:crypto';
import { type ApplicationFacts, parseJwkSet } from '@latchkey/protocol';
import {
  type ClientKey,
  fingerprintOf,
  isAmong,
  isSoundKey,
  type KeyUse,
  type SoughtKey,
  toClientKeys,
} from './client-key.ts';
import type { RequestContext } from './http.ts';
import { fitsAlgorithm } from './jws.ts';

/** Which keys are wanted. */
export interface WantedKey {
  /** The `kid` of the JOSE header; without one all fitting keys are candidates. */
  readonly kid?: string | undefined;
  /** The algorithm it must fit; any without it. */
  readonly alg?: string | undefined;
  readonly use: KeyUse;
}

type KeyHolder = Pick<ApplicationFacts, 'keys' | 'jwks' | 'jwksUri'>;
type KeyContext = Pick<RequestContext, 'deps' | 'instance'>;

// Without a kid so many keys are tried: each costs a verification.
const maximumCandidates = 8;

// Facts live in memory until they change, so what was read from them can be remembered beside them.
const readKeyFiles = new WeakMap<object, ClientKey | null>();
const readSets = new WeakMap<object, readonly ClientKey[]>();

function readKeyFile(stored: ApplicationFacts['keys'][number]): ClientKey | null {
  let key: KeyObject;
  try {
    key = createPublicKey(stored.publicKeyPem);
  } catch {
    return null;
  }
  if (!isSoundKey(key)) return null;
  return {
    keyId: stored.keyId,
    algorithm: undefined,
    uses: ['sig'],
    key,
    fingerprint: fingerprintOf(key),
    certificateDer: undefined,
    origin: 'key-file',
  };
}

function keyFilesOf(application: KeyHolder, nowMs: number): readonly ClientKey[] {
  return application.keys.flatMap((stored) => {
    if (stored.expiresAtMs !== null && stored.expiresAtMs <= nowMs) return [];
    const known = readKeyFiles.get(stored);
    const key = known === undefined ? readKeyFile(stored) : known;
    if (known === undefined) readKeyFiles.set(stored, key);
    return key === null ? [] : [key];
  });
}

function inlineKeysOf({ jwks }: KeyHolder): readonly ClientKey[] {
  if (typeof jwks !== 'object' || jwks === null) return [];
  const known = readSets.get(jwks);
  if (known !== undefined) return known;
  const set = parseJwkSet(jwks);
  const keys = set.kind === 'keys' ? toClientKeys(set.keys) : [];
  readSets.set(jwks, keys);
  return keys;
}

function isWanted(key: ClientKey, { kid, alg, use }: WantedKey): boolean {
  if (!key.uses.includes(use)) return false;
  if (kid !== undefined && key.keyId !== kid) return false;
  if (alg === undefined) return true;
  if (key.algorithm !== undefined && key.algorithm !== alg) return false;
  return use === 'enc' ? fitsEncryption(key.key, alg) : fitsAlgorithm(key.key, alg);
}

/** Key management algorithms of RFC 7518 §4.1 by the kind of key they need. */
function fitsEncryption(key: KeyObject, alg: string): boolean {
  if (alg.startsWith('RSA-OAEP')) return key.asymmetricKeyType === 'rsa';
  return alg.startsWith('ECDH-ES') && (key.asymmetricKeyType === 'ec' || key.asymmetricKeyType === 'x25519');
}

/**
 * All sound keys of a client: key files that have not expired, its inline JWK Set, and where it has none the set it
 * publishes, fetched anew when the one in memory lacks what is sought. Source: OpenID Connect Core §10.1.1, RFC 7517 §5.
 */
export async function listClientKeys(
  { deps, instance }: KeyContext,
  application: KeyHolder,
  sought: SoughtKey,
): Promise<readonly ClientKey[]> {
  const own = [...keyFilesOf(application, deps.clock.now()), ...inlineKeysOf(application)];
  const { jwks, jwksUri } = application;
  const isPublished = jwksUri !== null && (jwks === null || jwks === undefined);
  if (!isPublished || isAmong(own, sought)) return own;
  return [...own, ...(await deps.clientKeySets.load(instance.id, jwksUri, sought))];
}

/**
 * The public keys of a client that a `kid`, an algorithm and a use allow, best first; empty when there is none. Few
 * enough to try them all. Source: OpenID Connect Core §10.1, §10.2; RFC 7517 §4.
 */
export async function findClientKeys(
  context: KeyContext,
  application: KeyHolder,
  wanted: WantedKey,
): Promise<readonly ClientKey[]> {
  const keys = await listClientKeys(context, application, { kid: wanted.kid });
  return keys.filter((key) => isWanted(key, wanted)).slice(0, maximumCandidates);
}
