// Control characters, separators of lines, what is no character at all, and marks that turn the direction of the text after
// them. Joiners, which some languages write names with, are let through.
const illegible = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/**
 * Whether a text is one line that looks like what it is, as names are that people decide by.
 * @see RFC 7591 §5: `client_name` is shown to people
 */
export function isLegible(text: string): boolean {
  return !illegible.test(text);
}
