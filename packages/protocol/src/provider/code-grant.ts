import type { EpochMs } from '../brands.ts';
import type { RequestedClaims } from '../wire/claims-parameter.ts';
import type { Confirmation } from './access-token.ts';
import { checkCodeBinding } from './dpop.ts';
import { checkCodeVerifier, type Sha256Base64Url, type VerifierProblem } from './pkce.ts';

/** What an authorization code stands for; sealed into the code itself. */
export interface CodeFacts {
  readonly codeId: string;
  readonly expiresAtMs: EpochMs;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly nonce?: string;
  readonly codeChallenge?: string;
  readonly sessionId: string;
  readonly userId: string;
  /** The grant that redeeming it begins; known in advance, so that a replay can end it. */
  readonly grantId: string;
  /** The DPoP key the redemption must prove to hold (RFC 9449 §10). */
  readonly dpopJkt?: string;
  readonly resources?: readonly string[];
  readonly claims?: RequestedClaims;
  /** Classes of authentication asked for; one of them is told in the ID token. */
  readonly acrValues?: readonly string[];
}

/** What the token request says about the code. */
export interface CodeRedemption {
  readonly clientId: string;
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
  readonly now: EpochMs;
  readonly sha256: Sha256Base64Url;
  /** The key the caller proved to hold. */
  readonly confirmation?: Confirmation | undefined;
}

/** Why a code does not yield tokens. */
export type CodeRefusal =
  | { readonly kind: 'code-expired' }
  | { readonly kind: 'foreign-code' }
  | { readonly kind: 'redirect-uri-mismatch' }
  | { readonly kind: 'proof-mismatch'; readonly detail: string }
  | { readonly kind: 'verifier'; readonly problem: VerifierProblem };

/**
 * Checks every binding of a code but its single use, which the store decides. `undefined` means it may be redeemed.
 * @see RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9700 §2.1.1, RFC 9449 §10
 */
export function checkRedemption(code: CodeFacts, redemption: CodeRedemption): CodeRefusal | undefined {
  if (code.clientId !== redemption.clientId) return { kind: 'foreign-code' };
  if (code.expiresAtMs <= redemption.now) return { kind: 'code-expired' };
  if (code.redirectUri !== redemption.redirectUri) return { kind: 'redirect-uri-mismatch' };
  const unproven = checkCodeBinding(code.dpopJkt, redemption.confirmation);
  if (unproven !== undefined) return { kind: 'proof-mismatch', detail: unproven.detail };
  const problem = checkCodeVerifier(code.codeChallenge, redemption.codeVerifier, redemption.sha256);
  return problem === undefined ? undefined : { kind: 'verifier', problem };
}

/**
 * What a developer may be told about a refused code.
 * @see RFC 6749 §5.2 `invalid_grant`
 */
export function describeCodeRefusal(refusal: CodeRefusal): string {
  switch (refusal.kind) {
    case 'foreign-code':
      return 'the code was not issued to this client';
    case 'code-expired':
      return 'the code has expired; begin a new authorization request';
    case 'redirect-uri-mismatch':
      return 'redirect_uri differs from the one of the authorization request';
    case 'proof-mismatch':
      return refusal.detail;
    case 'verifier':
      return describeVerifier(refusal.problem);
  }
}

function describeVerifier(problem: VerifierProblem): string {
  switch (problem) {
    case 'missing':
      return 'code_verifier is missing; the authorization request sent a code_challenge';
    case 'malformed':
      return 'code_verifier must be 43 to 128 unreserved characters';
    case 'mismatch':
      return 'code_verifier does not match the code_challenge';
    case 'unexpected':
      return 'code_verifier was sent, but the authorization request had no code_challenge';
  }
}
