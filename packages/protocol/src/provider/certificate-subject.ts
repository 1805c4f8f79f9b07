import {
  type CertificateNames,
  type DistinguishedName,
  parseDistinguishedName,
} from '../wire/certificate-names.ts';

/** Ways a client registers whom its certificate is about; it uses exactly one (RFC 8705 §2.1.2). */
export const tlsClientAuthMembers = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;

/** One of `tlsClientAuthMembers`. */
export type TlsClientAuthMember = (typeof tlsClientAuthMembers)[number];

// ASCII letters only: folding others would make names equal that no authority takes for the same.
function fold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** RFC 5280 §7.1: names are compared without regard to case and to how many spaces stand between words. */
function canonicalValue(value: string): string {
  return fold(value.normalize('NFC')).trim().replace(/ +/g, ' ');
}

function canonicalName(name: DistinguishedName): string {
  const parts = name.map((part) =>
    part.map(({ type, value }) => [type, canonicalValue(value)].join('=')).sort(),
  );
  return JSON.stringify(parts);
}

function isSubject(text: string, { subject }: CertificateNames): boolean {
  const expected = parseDistinguishedName(text);
  return expected !== undefined && canonicalName(expected) === canonicalName(subject);
}

function isEmail(text: string, email: string): boolean {
  const [a, b] = [text.lastIndexOf('@'), email.lastIndexOf('@')];
  return a > 0 && text.slice(0, a) === email.slice(0, b) && fold(text.slice(a)) === fold(email.slice(b));
}

/** The spelling of RFC 5952 for IPv6, dotted for IPv4; `undefined` for what is no address. */
function canonicalAddress(text: string): string | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return text.split('.').map(Number).join('.');
  if (!/^[0-9A-Fa-f:.]{2,45}$/.test(text) || !text.includes(':')) return undefined;
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function addressOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return canonicalAddress(groups.join(':'));
}

/**
 * The one member a client registered; `undefined` for none, several or one that is not known.
 * @see RFC 8705 §2.1.2
 */
export function registeredSubject(
  registered: Readonly<Record<string, unknown>>,
): { readonly member: TlsClientAuthMember; readonly value: string } | undefined {
  const entries = Object.entries(registered).filter(([, value]) => value !== undefined && value !== null);
  const [name, value] = entries[0] ?? [];
  const member = tlsClientAuthMembers.find((known) => known === name);
  if (entries.length !== 1 || member === undefined || typeof value !== 'string' || value === '')
    return undefined;
  return { member, value };
}

/**
 * Whether a certificate, which an authority has vouched for, is about the client that registered this one name. Without
 * exactly one registered name it is about nobody.
 * @see RFC 8705 §2.1, §2.1.2
 */
export function isCertificateOf(
  registered: Readonly<Record<string, unknown>>,
  names: CertificateNames,
): boolean {
  const expected = registeredSubject(registered);
  if (expected === undefined) return false;
  const { member, value } = expected;
  switch (member) {
    case 'tls_client_auth_subject_dn':
      return isSubject(value, names);
    case 'tls_client_auth_san_dns':
      return names.dns.some((dns) => fold(dns) === fold(value));
    case 'tls_client_auth_san_uri':
      return names.uri.includes(value);
    case 'tls_client_auth_san_ip': {
      const address = canonicalAddress(value);
      return address !== undefined && names.ip.some((bytes) => addressOf(bytes) === address);
    }
    case 'tls_client_auth_san_email':
      return names.email.some((email) => isEmail(value, email));
  }
}
