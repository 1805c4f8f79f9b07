/** A public key of a JWK Set, its members checked to be texts but not yet read as a key. */
export interface PublicJwk {
  readonly kty: 'RSA' | 'EC' | 'OKP';
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly keyOperations?: readonly string[];
  /** Base64 (not base64url) of the DER of the certificate of this key. */
  readonly certificate?: string;
  /** The members that make the key, and nothing else. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A JWK Set, or why it is none. */
export type JwkSetOutcome =
  | { readonly kind: 'keys'; readonly keys: readonly PublicJwk[] }
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'private'; readonly detail: string };

const maximumKeys = 50;
const maximumMember = 2048;
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

const parametersByType = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
} as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maximumMember;
}

function isKeyType(value: unknown): value is keyof typeof parametersByType {
  return typeof value === 'string' && Object.hasOwn(parametersByType, value);
}

function certificateOf(x5c: unknown): string | undefined {
  if (!Array.isArray(x5c)) return undefined;
  const [first]: readonly unknown[] = x5c;
  return typeof first === 'string' && first.length <= 16_384 ? first : undefined;
}

function parseKey(jwk: Readonly<Record<string, unknown>>): PublicJwk | undefined {
  const { kty, kid, alg, use, key_ops: operations } = jwk;
  if (!isKeyType(kty)) return undefined;
  const parameters: Record<string, string> = {};
  for (const name of parametersByType[kty]) {
    const value = jwk[name];
    if (!isShortText(value)) return undefined;
    parameters[name] = value;
  }
  const certificate = certificateOf(jwk.x5c);
  return {
    kty,
    ...(isShortText(kid) ? { kid } : {}),
    ...(isShortText(alg) ? { alg } : {}),
    ...(isShortText(use) ? { use } : {}),
    ...(Array.isArray(operations) ? { keyOperations: operations.filter(isShortText) } : {}),
    ...(certificate === undefined ? {} : { certificate }),
    parameters,
  };
}

/**
 * Reads a client's JWK Set. Keys of kinds not known here are left out; a set with a private or shared key is refused
 * whole, since whoever sent it has given the key away.
 * @see RFC 7517 §5, §4; OpenID Connect Registration §2
 */
export function parseJwkSet(value: unknown): JwkSetOutcome {
  const keys = isRecord(value) ? value.keys : undefined;
  if (!Array.isArray(keys))
    return { kind: 'malformed', detail: 'a JWK Set is an object with a list named keys' };
  if (keys.length > maximumKeys)
    return { kind: 'malformed', detail: `a JWK Set may hold ${maximumKeys} keys at most` };
  const parsed: PublicJwk[] = [];
  for (const entry of keys) {
    if (!isRecord(entry)) return { kind: 'malformed', detail: 'every key of a JWK Set is an object' };
    if (entry.kty === 'oct' || privateMembers.some((name) => name in entry))
      return {
        kind: 'private',
        detail: 'a JWK Set of a client holds public keys only; replace the key sent',
      };
    const key = parseKey(entry);
    if (key !== undefined) parsed.push(key);
  }
  return { kind: 'keys', keys: parsed };
}
