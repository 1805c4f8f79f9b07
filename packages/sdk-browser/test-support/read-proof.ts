import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, type JWK, jwtVerify } from 'jose';

/** What a good proof says. */
export type Proof = { readonly jkt: string; readonly nonce: unknown };

/**
 * Checks a DPoP proof as a server would: signature, type, method and address, time, and the hash of the access token it comes
 * with (RFC 9449 §4.3).
 */
export async function readProof(
  header: string,
  url: string,
  nowSeconds: number,
  options: { readonly method?: string; readonly accessToken?: string } = {},
): Promise<Proof | 'refused'> {
  const { method = 'POST', accessToken } = options;
  try {
    const { payload } = await jwtVerify(header, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] });
    const jwk: JWK = decodeProtectedHeader(header).jwk ?? { kty: '' };
    const ath =
      accessToken === undefined ? undefined : createHash('sha256').update(accessToken).digest('base64url');
    const isGood =
      payload.htm === method &&
      payload.htu === url &&
      payload.ath === ath &&
      typeof payload.jti === 'string' &&
      Math.abs((payload.iat ?? 0) - nowSeconds) < 60 &&
      Object.keys(jwk).sort().join() === 'crv,kty,x,y';
    return isGood ? { jkt: await calculateJwkThumbprint(jwk), nonce: payload.nonce } : 'refused';
  } catch {
    return 'refused';
  }
}
