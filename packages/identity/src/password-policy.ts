/** What a new password must fulfil. */
export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly maximumBytes: number;
}

/** NIST SP 800-63B-4 §3.1.1.2: 15 characters where the password is the only factor; no composition rules. */
export const defaultPasswordPolicy: PasswordPolicy = { minimumLength: 15, maximumBytes: 4096 };

/** Why a password is refused. */
export type PasswordProblem =
  | { readonly kind: 'too-short'; readonly minimumLength: number }
  | { readonly kind: 'too-long'; readonly maximumBytes: number }
  | { readonly kind: 'common' }
  | { readonly kind: 'contains-context'; readonly word: string };

function isMonotone(password: string): boolean {
  const distinct = new Set(password.toLowerCase()).size;
  return distinct <= 2;
}

/**
 * Judges a new password. `contextWords` are words an attacker would try first (login name, organization);
 * `blocklist` answers whether a password is among the commonly used ones.
 */
export function judgePassword(
  password: string,
  policy: PasswordPolicy,
  contextWords: readonly string[],
  blocklist: (password: string) => boolean,
): PasswordProblem | undefined {
  if (new TextEncoder().encode(password).length > policy.maximumBytes) {
    return { kind: 'too-long', maximumBytes: policy.maximumBytes };
  }
  if ([...password].length < policy.minimumLength)
    return { kind: 'too-short', minimumLength: policy.minimumLength };
  const lower = password.toLowerCase();
  if (blocklist(lower) || isMonotone(password)) return { kind: 'common' };
  const word = leaningOn(lower, contextWords);
  return word === undefined ? undefined : { kind: 'contains-context', word };
}

/** The word without which, after those before it, fewer than six characters are left of a password. */
function leaningOn(lower: string, contextWords: readonly string[]): string | undefined {
  let rest = lower;
  for (const word of contextWords) {
    if (word.length < 4 || !rest.includes(word.toLowerCase())) continue;
    rest = rest.replaceAll(word.toLowerCase(), '');
    if (rest.length < 6) return word;
  }
  return undefined;
}
