/** Client id and secret as an `Authorization: Basic` header gave them. */
export interface BasicCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Credentials to try, in order, or a sign that the header cannot be read. */
export type ParsedBasic =
  | { readonly kind: 'candidates'; readonly candidates: readonly BasicCredentials[] }
  | { readonly kind: 'malformed' };

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

// The characters that may end a text whose last group has one or two bytes.
const lastOfOne = 'AQgw';
const lastOfTwo = 'AEIMQUYcgkosw048';

/** Whether the bits left over after the last byte are zero, so that the bytes have one spelling (RFC 4648 §3.5). */
function hasZeroPadBits(encoded: string, byteCount: number): boolean {
  const left = byteCount % 3;
  if (left === 0) return true;
  const last = encoded.charAt(((byteCount - left) / 3) * 4 + left);
  return (left === 1 ? lastOfOne : lastOfTwo).includes(last);
}

function decodeBase64(encoded: string): string | undefined {
  if (!base64.test(encoded)) return undefined;
  try {
    const binary = atob(encoded);
    if (!hasZeroPadBits(encoded, binary.length)) return undefined;
    // Nearly always ASCII, where bytes and characters are the same; a decoder costs more than the rest of this function.
    if (!/[\x80-\xff]/.test(binary)) return binary;
    const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Padding that does not fit the length, or bytes that are not UTF-8.
    return undefined;
  }
}

function decodeForm(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    // No id or secret holds NUL, and the database takes none.
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/**
 * Reads the value after `Basic `. RFC 6749 §2.3.1 wants both parts form-urlencoded before base64; many scripts send
 * them raw. Where the two readings differ, both are offered: the standard's first, the raw one second.
 * @see RFC 6749 §2.3.1, RFC 7617 §2
 */
export function parseBasicCredentials(encoded: string): ParsedBasic {
  const compact = encoded.trim();
  const text = compact.length > 4096 ? undefined : decodeBase64(compact);
  if (text === undefined) return { kind: 'malformed' };
  const colon = text.indexOf(':');
  if (colon <= 0 || text.includes('\0')) return { kind: 'malformed' };
  const raw = { clientId: text.slice(0, colon), clientSecret: text.slice(colon + 1) };
  if (!/[%+]/.test(text)) return { kind: 'candidates', candidates: [raw] };
  const clientId = decodeForm(raw.clientId);
  const clientSecret = decodeForm(raw.clientSecret);
  if (clientId === undefined || clientSecret === undefined) return { kind: 'candidates', candidates: [raw] };
  return { kind: 'candidates', candidates: [{ clientId, clientSecret }, raw] };
}
