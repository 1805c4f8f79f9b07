/**
 * The spelling under which a login name is unique and looked up: NFKC, lower case, without outer white space.
 * `undefined` when it is empty, too long or holds control characters.
 */
export function canonicalLoginName(text: string): string | undefined {
  const canonical = text.normalize('NFKC').trim().toLowerCase();
  if (canonical === '' || canonical.length > 200 || /\p{C}/u.test(canonical)) return undefined;
  return canonical;
}
