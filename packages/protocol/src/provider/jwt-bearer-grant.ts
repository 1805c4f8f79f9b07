import type { EpochMs } from '../brands.ts';
import type { CompactJwt } from '../wire/compact-jwt.ts';
import { type AssertionRefusal, checkClientAssertion } from './client-assertion.ts';

/** Algorithms a key of a machine user may sign an assertion with; the key's own kind says which of them. */
export const grantAssertionAlgorithms: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** Who an assertion says it is of, and the key it says it is signed with, before anything is verified. */
export interface GrantAssertionClaim {
  readonly userId: string;
  readonly keyId: string;
  readonly algorithm: string;
}

/**
 * Reads who an authorization-grant assertion claims to be of; `undefined` unless `iss` and `sub` are the same short text,
 * the header names a key, and the algorithm is one that may be used.
 * @see RFC 7523 §3 rules 1 and 2, RFC 8725 §3.1
 */
export function readGrantAssertion(jwt: CompactJwt): GrantAssertionClaim | undefined {
  const { iss, sub } = jwt.payload;
  const { alg, kid } = jwt.header;
  if (typeof iss !== 'string' || iss === '' || iss !== sub || iss.length > 200) return undefined;
  if (kid === undefined || kid.length > 200 || !grantAssertionAlgorithms.includes(alg)) return undefined;
  return { userId: iss, keyId: kid, algorithm: alg };
}

/**
 * Checks the claims of an authorization-grant assertion whose signature has been verified. `undefined` means they hold.
 * @see RFC 7523 §3; ZITADEL dialect, assertion rules
 */
export function checkGrantAssertion(
  jwt: CompactJwt,
  expected: { readonly userId: string; readonly audiences: readonly string[]; readonly now: EpochMs },
): AssertionRefusal | undefined {
  return checkClientAssertion(jwt, {
    clientId: expected.userId,
    audiences: expected.audiences,
    now: expected.now,
  });
}
