import { canonicalEmailDomain } from './email-domain.ts';
import { canonicalLoginName } from './login-name.ts';

/** An e-mail address as it was given, and the spelling it is compared and looked up by. */
export interface EmailAddress {
  readonly address: string;
  readonly canonical: string;
}

// RFC 5321 §4.1.2 and RFC 6531 §3.3: atoms with dots between them; quoted local parts are refused.
const atoms = /^[\p{L}\p{M}\p{N}!#$%&'*+\-/=?^_`{|}~]+(\.[\p{L}\p{M}\p{N}!#$%&'*+\-/=?^_`{|}~]+)*$/u;

/**
 * Reads an e-mail address: `local@domain`, at most 64 octets before the `@` and 254 in all (RFC 5321 §4.5.3.1). Refuses
 * quoted local parts, address literals, a dot at the end of the domain and invalid labels. Two addresses are the same
 * when their `canonical` spellings are equal: it is `canonicalLoginName` of the address, so that an address and a login
 * name compare directly.
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  const address = text.trim();
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, Math.max(at, 0)), address.slice(at + 1)];
  if (!atoms.test(local) || /[.\u3002\uFF0E\uFF61]$/.test(domain)) return undefined;
  const octets = new TextEncoder();
  if (octets.encode(local).length > 64 || octets.encode(address).length > 254) return undefined;
  if (canonicalEmailDomain(domain) === undefined) return undefined;
  const canonical = canonicalLoginName(address);
  // Compatibility characters must not become another `@`, a space or a quote.
  const isStillOne = canonical !== undefined && atoms.test(canonical.slice(0, canonical.lastIndexOf('@')));
  return isStillOne ? { address, canonical } : undefined;
}
