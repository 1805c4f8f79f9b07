import * as oauth from 'oauth4webapi';
import { CallbackError } from './bff-error.ts';
import type { ProofKey, ProofKeys } from './dpop.ts';
import type { Issuer } from './issuer.ts';
import { isRecord, type JsonObject, numberOf, parseJson, textOf } from './json.ts';
import { randomText } from './seal.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';
import type { Transaction } from './transaction.ts';
import { userClaimsOf } from './user.ts';

/** What the token functions need. */
export interface TokenDeps {
  readonly settings: Settings;
  readonly issuer: Issuer;
  readonly proofKeys: ProofKeys;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

const ASSUMED_LIFE_SECONDS = 300;
const FUTURE_LEEWAY_SECONDS = 300;

/**
 * Checks the answer at the redirect URI (state, `iss`, errors; RFC 9207 §2.4), redeems the code with its PKCE verifier
 * (RFC 7636 §4.5) and checks the ID token with its signature (OpenID Connect Core §3.1.3.7). Throws oauth4webapi's errors.
 */
export async function redeemCode(
  deps: TokenDeps,
  transaction: Transaction,
  answer: URLSearchParams,
): Promise<Session> {
  const { settings, issuer } = deps;
  const metadata = await issuer.metadata();
  const checked = oauth.validateAuthResponse(metadata, issuer.client, answer, transaction.state);
  const [clientAuth, proofKey] = await Promise.all([
    issuer.clientAuth(),
    transaction.proofJwk === undefined ? undefined : deps.proofKeys.restore(transaction.proofJwk),
  ]);
  const { tokens, response } = await issuer.retry(async () => {
    const response = await oauth.authorizationCodeGrantRequest(
      ...([metadata, issuer.client, clientAuth, checked] as const),
      settings.redirectUri,
      transaction.codeVerifier,
      requestOptions(issuer, proofKey),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(metadata, issuer.client, response, {
      expectedNonce: transaction.nonce,
      requireIdToken: true,
      ...(transaction.maxAgeSeconds === undefined ? {} : { maxAge: transaction.maxAgeSeconds }),
    });
    return { tokens, response };
  });
  await oauth.validateApplicationLevelSignature(metadata, response, issuer.requestOptions);
  checkTimes(tokens, issuer.nowMs() / 1000);
  const nowMs = deps.now();
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  const userClaims = userClaimsOf(claims);
  if (userClaims === undefined)
    throw new CallbackError(
      'no_id_token',
      'The issuer sent no ID token. Check that the scope contains openid.',
    );
  const session: Session = {
    id: randomText(32),
    claims: userClaims,
    ...tokenPart(tokens, nowMs),
    refreshToken: tokens.refresh_token,
    idToken: tokens.id_token,
    sid: textOf(claims?.sid),
    signedInAtMs: nowMs,
    endsAtMs: nowMs + settings.sessionLifetimeSeconds * 1000,
    proofJwk: proofKey?.jwk,
  };
  return session.claims.name === undefined ? addUserinfo(deps, session, proofKey) : session;
}

/** Gets fresh tokens (RFC 6749 §6); a new ID token must name the same user (OpenID Connect Core §12.2). */
export async function refreshTokens(
  deps: TokenDeps,
  session: Session,
  refreshToken: string,
): Promise<Session> {
  const { issuer } = deps;
  const metadata = await issuer.metadata();
  const [clientAuth, proofKey] = await Promise.all([
    issuer.clientAuth(),
    proofKeyOf(deps.proofKeys, session),
  ]);
  const { tokens, response } = await issuer.retry(async () => {
    const response = await oauth.refreshTokenGrantRequest(
      ...([metadata, issuer.client, clientAuth, refreshToken] as const),
      requestOptions(issuer, proofKey),
    );
    return { tokens: await oauth.processRefreshTokenResponse(metadata, issuer.client, response), response };
  });
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (claims !== undefined) {
    await oauth.validateApplicationLevelSignature(metadata, response, issuer.requestOptions);
    checkTimes(tokens, issuer.nowMs() / 1000);
    if (claims.sub !== session.claims.sub)
      throw new CallbackError(
        'user_changed',
        'The refreshed tokens belong to another user and were thrown away.',
      );
  }
  return {
    ...session,
    ...tokenPart(tokens, deps.now()),
    // Userinfo was asked when the ID token had no name, so what it said stays.
    claims: {
      ...(claims?.name === undefined ? session.claims : {}),
      ...userClaimsOf(claims ?? session.claims),
      sub: session.claims.sub,
    },
    // RFC 6749 §6: an issuer that does not rotate sends no new one.
    refreshToken: tokens.refresh_token ?? refreshToken,
    idToken: tokens.id_token ?? session.idToken,
  };
}

/** The key a session's tokens are bound to; undefined for bearer tokens. */
export async function proofKeyOf(proofKeys: ProofKeys, session: Session): Promise<ProofKey | undefined> {
  return session.proofJwk === undefined ? undefined : proofKeys.restore(session.proofJwk);
}

/** Options of a request to the issuer, with a proof where there is a key. */
export function requestOptions(issuer: Issuer, proofKey: ProofKey | undefined) {
  return { ...issuer.requestOptions, ...(proofKey === undefined ? {} : { DPoP: proofKey.handle }) };
}

// The life is counted from now on this machine, so that a wrong clock does not matter.
function tokenPart(tokens: oauth.TokenEndpointResponse, nowMs: number) {
  return {
    accessToken: tokens.access_token,
    tokenType: tokens.token_type === 'dpop' ? ('DPoP' as const) : ('Bearer' as const),
    obtainedAtMs: nowMs,
    expiresAtMs: nowMs + lifeSeconds(tokens) * 1000,
  };
}

// RFC 6749 §5.1 only recommends `expires_in`; without it a JWT says, else five minutes are assumed.
function lifeSeconds(tokens: oauth.TokenEndpointResponse): number {
  if (tokens.expires_in !== undefined) return tokens.expires_in;
  const claims = decodePayload(tokens.access_token);
  const [exp, iat] = [numberOf(claims?.exp), numberOf(claims?.iat)];
  return exp !== undefined && iat !== undefined ? exp - iat : ASSUMED_LIFE_SECONDS;
}

function decodePayload(token: string): JsonObject | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const claims = parseJson(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** What oauth4webapi leaves open: that an ID token was not issued in the future (OpenID Connect Core §3.1.3.7 rule 10). */
function checkTimes(tokens: oauth.TokenEndpointResponse, nowSeconds: number): void {
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  const latest = Math.max(claims?.iat ?? 0, claims?.auth_time ?? 0);
  if (latest <= nowSeconds + FUTURE_LEEWAY_SECONDS) return;
  throw new CallbackError(
    'invalid_id_token',
    'The ID token comes from the future. Check the clocks of this machine and of the issuer, then sign in again.',
  );
}

// Userinfo makes the greeting nicer and decides nothing, so a failure here does not fail the sign-in.
async function addUserinfo(
  deps: TokenDeps,
  session: Session,
  proofKey: ProofKey | undefined,
): Promise<Session> {
  const { issuer, log } = deps;
  const metadata = await issuer.metadata();
  if (metadata.userinfo_endpoint === undefined) return session;
  const key = session.tokenType === 'DPoP' ? proofKey : undefined;
  try {
    const claims = await issuer.retry(async () => {
      const response = await oauth.userInfoRequest(
        ...([metadata, issuer.client, session.accessToken] as const),
        requestOptions(issuer, key),
      );
      return oauth.processUserInfoResponse(metadata, issuer.client, session.claims.sub, response);
    });
    return { ...session, claims: { ...userClaimsOf(claims), ...session.claims } };
  } catch (error) {
    log(`Userinfo could not be read: ${error instanceof Error ? error.message : String(error)}`);
    return session;
  }
}
