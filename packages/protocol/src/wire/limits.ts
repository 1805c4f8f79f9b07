/**
 * Every size that one place writes and another must be able to read, so that whatever is issued is accepted. They follow
 * from each other, as `limits.test.ts` shows: change none alone. Sizes are in bytes; texts that travel are ASCII.
 */
export const limits = {
  /** Request line and headers of a request. What travels in an address or a header must fit with room for the rest. */
  requestHead: 32_768,
  /** A form. */
  form: 65_536,
  /** What is left of `requestHead` for the rest of a request that carries a token or a sealed text. */
  headRoom: 6144,
  /** The longest token, code or sealed request that is issued. */
  issuedText: 24_576,
  /** The longest JWT or sealed text that is read: what comes by POST may be longer than what we issue. */
  readText: 32_768,
  /** Entries of a `scope` parameter, and the most that answers list. */
  scopes: 100,
  /** `state`, `login_hint` and `ui_locales`. */
  state: 8192,
  /** `nonce`, which stands in the code and the ID token besides. */
  nonce: 4096,
  /** `state` and addresses of a sign-out. */
  signOut: 2000,
  /** All parameters of an authorization request that travel on with it, as JSON. */
  carried: 12_288,
  /** The `claims` parameter. */
  claims: 4096,
} as const;

/**
 * How many bytes a text has as JSON, quotes included.
 * @see RFC 8259 §7, §8.1
 */
export function jsonBytes(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length;
}
