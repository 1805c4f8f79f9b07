import { canonicalEmailDomain } from './email-domain.ts';

// What follows the last `@` is compared as a domain where it is one: without the dot at the end, `xn--` labels decoded.
function foldDomain(name: string): string {
  const at = name.lastIndexOf('@');
  const domain = at < 0 ? undefined : canonicalEmailDomain(name.slice(at + 1));
  return domain === undefined ? name : `${name.slice(0, at)}@${domain.unicode}`;
}

/**
 * The spelling under which a login name is unique and looked up: NFKC, lower case, without outer white space, and a
 * domain after `@` in one spelling. Lower case is composed again, since some letters are composed in lower case only
 * (`J` with a caron).
 * `undefined` when it is empty, too long or holds control characters or line and paragraph separators.
 */
export function canonicalLoginName(text: string): string | undefined {
  const canonical = foldDomain(text.normalize('NFKC').toLowerCase().normalize('NFKC').trim());
  if (canonical === '' || canonical.length > 200) return undefined;
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(canonical)) return undefined;
  return canonical;
}
