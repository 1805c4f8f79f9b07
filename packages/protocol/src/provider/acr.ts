/**
 * Authentication context classes this server tells apart, weaker ones first.
 * @see OpenID Connect Core §2 `acr`
 */
export const acrValues = ['urn:latchkey:acr:1fa', 'urn:latchkey:acr:2fa'] as const;

function reached(amr: readonly string[]): readonly string[] {
  return amr.includes('mfa') ? acrValues : acrValues.slice(0, 1);
}

/**
 * The class to tell for a sign-in: of those asked for, the first that was reached; otherwise the strongest that was.
 * @see OpenID Connect Core §3.1.2.1 `acr_values`
 */
export function acrOf(amr: readonly string[], asked: readonly string[]): string {
  const own = reached(amr);
  return asked.find((value) => own.includes(value)) ?? own.at(-1) ?? acrValues[0];
}

/**
 * Whether one of the classes that must be reached was.
 * @see OpenID Connect Core §5.5.1.1
 */
export function isAcrReached(amr: readonly string[], demanded: readonly string[]): boolean {
  const own = reached(amr);
  return demanded.length === 0 || demanded.some((value) => own.includes(value));
}
