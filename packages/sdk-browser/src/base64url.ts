/** Bytes as base64url without padding. RFC 4648 §5. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** 256 random bits as text, for `state`, `nonce`, `code_verifier` and `jti`. RFC 7636 §4.1. */
export function randomText(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** The SHA-256 hash of a text, base64url: `code_challenge` of S256 (RFC 7636 §4.2), `ath` (RFC 9449 §4.2). */
export async function sha256(text: string): Promise<string> {
  return encodeBase64Url(
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))),
  );
}
