import type { EpochSeconds } from '../brands.ts';
import type { Actor } from './access-token.ts';

/** What an ID token says besides claims about the person. */
export interface IdTokenFacts {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: readonly string[];
  readonly clientId: string;
  /** Whether `client_id` is told besides `azp` (ZITADEL dialect). */
  readonly tellsClientId: boolean;
  readonly issuedAt: EpochSeconds;
  readonly expiresAt: EpochSeconds;
  readonly clockSkewSeconds: number;
  readonly authTime?: EpochSeconds;
  readonly amr: readonly string[];
  readonly nonce?: string;
  readonly sessionId?: string;
  /** Left half of the access token's hash, base64url. */
  readonly accessTokenHash?: string;
  /** Left half of the code's hash (OpenID Connect Core §3.3.2.11). */
  readonly codeHash?: string;
  /** Left half of the state's hash (FAPI 1.0 Advanced §5.1). */
  readonly stateHash?: string;
  /** The authentication context class reached, where one was asked for. */
  readonly acr?: string;
  readonly actor?: Actor;
}

/**
 * The claims of an ID token. The registered ones win over `personClaims` of the same name.
 * @see OpenID Connect Core §2, §3.1.3.6
 */
export function idTokenClaims(
  facts: IdTokenFacts,
  personClaims: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const skew = facts.clockSkewSeconds;
  return {
    ...personClaims,
    iss: facts.issuer,
    sub: facts.subject,
    aud: facts.audience,
    azp: facts.clientId,
    ...(facts.tellsClientId ? { client_id: facts.clientId } : {}),
    iat: facts.issuedAt - skew,
    exp: facts.expiresAt + skew,
    ...(facts.authTime === undefined ? {} : { auth_time: facts.authTime - skew }),
    ...(facts.amr.length === 0 ? {} : { amr: facts.amr }),
    ...(facts.acr === undefined ? {} : { acr: facts.acr }),
    ...(facts.codeHash === undefined ? {} : { c_hash: facts.codeHash }),
    ...(facts.stateHash === undefined ? {} : { s_hash: facts.stateHash }),
    ...(facts.actor === undefined ? {} : { act: facts.actor }),
    ...(facts.nonce === undefined ? {} : { nonce: facts.nonce }),
    ...(facts.sessionId === undefined ? {} : { sid: facts.sessionId }),
    ...(facts.accessTokenHash === undefined ? {} : { at_hash: facts.accessTokenHash }),
  };
}
