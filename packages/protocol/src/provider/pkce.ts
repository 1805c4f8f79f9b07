import type { ApplicationFacts } from './facts.ts';

const challengeShape = /^[A-Za-z0-9_-]{43}$/;
const verifierShape = /^[A-Za-z0-9\-._~]{43,128}$/;

/** Computes BASE64URL(SHA-256(ASCII(text))); handed in, since this floor does no I/O and owns no crypto. */
export type Sha256Base64Url = (text: string) => string;

/**
 * Whether a text can be an S256 code challenge: the base64url of 32 bytes.
 * @see RFC 7636 §4.2
 */
export function isCodeChallenge(text: string): boolean {
  return challengeShape.test(text);
}

/**
 * Whether an application must use PKCE: always where it does not authenticate and under FAPI 2.0, else by its setting.
 * @see RFC 9700 §2.1.1; FAPI 2.0 Security Profile §5.3.2.2; RFC 7636 §1
 */
export function needsPkce(
  application: Pick<ApplicationFacts, 'authMethod' | 'securityProfile' | 'isPkceRequired'>,
): boolean {
  const { authMethod, securityProfile, isPkceRequired } = application;
  return authMethod === 'none' || securityProfile !== 'standard' || isPkceRequired;
}

/** What is wrong with a code verifier. */
export type VerifierProblem = 'missing' | 'malformed' | 'mismatch' | 'unexpected';

/**
 * Checks a code verifier against the challenge of the authorization request. A verifier without a challenge is refused
 * too, so that a stripped challenge is noticed (RFC 9700 §2.1.1, PKCE downgrade).
 * @see RFC 7636 §4.6
 */
export function checkCodeVerifier(
  challenge: string | undefined,
  verifier: string | undefined,
  sha256: Sha256Base64Url,
): VerifierProblem | undefined {
  if (challenge === undefined) return verifier === undefined ? undefined : 'unexpected';
  if (verifier === undefined) return 'missing';
  if (!verifierShape.test(verifier)) return 'malformed';
  return sha256(verifier) === challenge ? undefined : 'mismatch';
}
