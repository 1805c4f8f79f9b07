import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { AssertionKey } from './key-file.ts';

/** How this API proves itself to the issuer. */
export type ClientCredentials =
  | { readonly kind: 'secret'; readonly clientId: string; readonly clientSecret: string }
  | ({ readonly kind: 'assertion' } & AssertionKey);

/** What a request to the issuer gets added. */
export interface ClientAuthentication {
  readonly headers: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  /** The assertion has been sent before, so a refusal may be about that and not about the key. */
  readonly isReused: boolean;
}

export interface ClientAuthenticator {
  /** Builds the authentication for a request to the issuer of this name. */
  authenticate(issuer: string): Promise<ClientAuthentication>;
  /** Forgets the kept assertion, so that the next one is new. */
  renew(): void;
}

const ASSERTION_LIFETIME_SECONDS = 240;
/** An assertion with less life left than this is replaced. */
const ASSERTION_RENEWAL_SECONDS = 60;
/** `iat` is set back by this much: some issuers refuse an assertion from a clock a second ahead of theirs. */
const ISSUED_AT_BACKDATE_SECONDS = 10;

/** Authenticates by secret (HTTP Basic) or by a signed assertion that is kept while it lives. */
export function createClientAuthenticator(
  credentials: ClientCredentials,
  now: () => number,
): ClientAuthenticator {
  if (credentials.kind === 'secret') {
    const headers = { authorization: buildBasic(credentials.clientId, credentials.clientSecret) };
    return { authenticate: async () => ({ headers, parameters: {}, isReused: false }), renew: () => {} };
  }
  // The promise is kept, so that simultaneous requests share one signature.
  let kept: { assertion: Promise<string>; audience: string; expiresAt: number } | undefined;
  return {
    async authenticate(issuer) {
      const nowSeconds = Math.floor(now() / 1000);
      const isReused =
        kept !== undefined &&
        kept.audience === issuer &&
        nowSeconds < kept.expiresAt - ASSERTION_RENEWAL_SECONDS;
      if (kept === undefined || !isReused) {
        const expiresAt = nowSeconds + ASSERTION_LIFETIME_SECONDS;
        kept = { assertion: signAssertion(credentials, issuer, expiresAt), audience: issuer, expiresAt };
      }
      return { headers: {}, parameters: assertionParameters(await kept.assertion), isReused };
    },
    renew() {
      kept = undefined;
    },
  };
}

// RFC 6749 §2.3.1: each part form-urlencoded, then joined and base64-encoded.
function buildBasic(clientId: string, clientSecret: string): string {
  const encode = (part: string) => new URLSearchParams([['', part]]).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`;
}

// RFC 7523 §3: iss and sub are the client, aud is the issuer.
async function signAssertion(credentials: AssertionKey, issuer: string, expiresAt: number): Promise<string> {
  const { clientId, keyId, key, algorithm } = credentials;
  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(issuer)
    .setIssuedAt(expiresAt - ASSERTION_LIFETIME_SECONDS - ISSUED_AT_BACKDATE_SECONDS)
    .setExpirationTime(expiresAt)
    .setJti(randomUUID())
    .sign(key);
}

function assertionParameters(assertion: string): Record<string, string> {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}
