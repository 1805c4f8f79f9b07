/**
 * The spelling under which a login name is unique and looked up: NFKC, lower case, without outer white space.
 * Lower case is composed again, since some letters are composed in lower case only (`J` with a caron).
 * `undefined` when it is empty, too long or holds control characters or line and paragraph separators.
 */
export function canonicalLoginName(text: string): string | undefined {
  const canonical = text.normalize('NFKC').toLowerCase().normalize('NFKC').trim();
  if (canonical === '' || canonical.length > 200) return undefined;
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(canonical)) return undefined;
  return canonical;
}
