import * as oauth from 'oauth4webapi';
import { CallbackError } from './auth-error.ts';
import type { Issuer } from './issuer.ts';
import { decodeJwtPayload, numberOf } from './json.ts';
import { parseClaims, type Session } from './session.ts';
import { maskParameters, maskSecret, type Trace } from './trace.ts';
import type { Transaction } from './transaction.ts';
import type { UserClaims } from './user.ts';

/** What the token functions need. `proof` binds the tokens to a key (RFC 9449 §5). */
export type TokenDeps = {
  readonly issuer: Issuer;
  readonly trace: Trace;
  readonly nowMs: () => number;
  readonly proof: { readonly handle: oauth.DPoPHandle; readonly thumbprint: string } | undefined;
};

const ASSUMED_LIFE_SECONDS = 300;
/** The clock of a device may be this much behind the issuer's. */
const FUTURE_LEEWAY_SECONDS = 300;
const MAX_LIFETIME_SECONDS = 31 * 86_400;

/**
 * Checks the answer at the redirect URI (state, `iss`, errors; RFC 9207 §2.4), redeems the code with its PKCE verifier
 * (RFC 7636 §4.5) and checks the ID token with its signature (OpenID Connect Core §3.1.3.7). Throws oauth4webapi's errors.
 */
export async function redeemAnswer(
  deps: TokenDeps,
  transaction: Transaction,
  answer: URLSearchParams,
): Promise<Session> {
  const { issuer, trace } = deps;
  const metadata = await issuer.metadata();
  const checked = oauth.validateAuthResponse(metadata, issuer.client(), answer, transaction.state);
  trace('token-request', {
    url: metadata.token_endpoint,
    dpop: deps.proof !== undefined,
    parameters: maskParameters(
      new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: issuer.client().client_id,
        redirect_uri: transaction.redirectUri,
        code: checked.get('code') ?? '',
        code_verifier: transaction.codeVerifier,
      }),
    ),
  });
  const tokens = await requestTokens(
    deps,
    () =>
      oauth.authorizationCodeGrantRequest(
        metadata,
        issuer.client(),
        issuer.clientAuth,
        checked,
        transaction.redirectUri,
        transaction.codeVerifier,
        optionsOf(deps),
      ),
    (response) =>
      oauth.processAuthorizationCodeResponse(metadata, issuer.client(), response, {
        expectedNonce: transaction.nonce,
        requireIdToken: true,
        ...(transaction.maxAgeSeconds === undefined ? {} : { maxAge: transaction.maxAgeSeconds }),
      }),
  );
  return buildSession(deps, tokens, undefined);
}

/** What a refresh may ask for instead of the session's own token: RFC 8707 §2.2, RFC 6749 §6. */
export type RefreshTarget = { readonly resource?: string | undefined; readonly scope?: string | undefined };

/** Gets fresh tokens (RFC 6749 §6); a new ID token must name the same user (OpenID Connect Core §12.2). */
export async function refreshSession(
  deps: TokenDeps,
  previous: Session,
  refreshToken: string,
  target: RefreshTarget,
): Promise<Session> {
  const { issuer, trace } = deps;
  const metadata = await issuer.metadata();
  const wanted = Object.entries(target).filter((entry): entry is [string, string] => entry[1] !== undefined);
  trace('refresh', {
    url: metadata.token_endpoint,
    dpop: deps.proof !== undefined,
    ...Object.fromEntries(wanted),
    refreshToken: maskSecret(refreshToken),
  });
  const tokens = await requestTokens(
    deps,
    () =>
      oauth.refreshTokenGrantRequest(metadata, issuer.client(), issuer.clientAuth, refreshToken, {
        ...optionsOf(deps),
        additionalParameters: new URLSearchParams(wanted),
      }),
    (response) => oauth.processRefreshTokenResponse(metadata, issuer.client(), response),
  );
  if (tokens.id_token !== undefined) {
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (claims?.sub !== previous.idTokenClaims.sub) {
      throw new CallbackError(
        'user_changed',
        'The refreshed tokens belong to another user and were thrown away. Sign in again.',
      );
    }
  }
  return buildSession(deps, tokens, { ...previous, refreshToken });
}

function optionsOf({ issuer, proof }: TokenDeps) {
  return proof === undefined ? issuer.requestOptions : { ...issuer.requestOptions, DPoP: proof.handle };
}

/**
 * Sends a token request and checks the answer with the signature of its ID token. Repeats it where the issuer wants
 * a nonce in the proof (RFC 9449 §8) or refuses the proof's time and the clock turns out to be off: neither uses up a code or
 * refresh token.
 */
async function requestTokens(
  deps: TokenDeps,
  send: () => Promise<Response>,
  check: (response: Response) => Promise<oauth.TokenEndpointResponse>,
): Promise<oauth.TokenEndpointResponse> {
  const { issuer } = deps;
  for (let attempt = 1; ; attempt += 1) {
    const response = await send();
    const { status } = response;
    try {
      if (status === 200 && response.headers.has('date')) await issuer.learnTime(response);
      const tokens = await check(response);
      if (tokens.id_token !== undefined) {
        await oauth.validateApplicationLevelSignature(
          await issuer.metadata(),
          response,
          issuer.requestOptions,
        );
      }
      return tokens;
    } catch (error) {
      if (attempt > 2 || !(await canRepeat(issuer, response, error))) throw error;
    }
  }
}

async function canRepeat(issuer: Issuer, response: Response, error: unknown): Promise<boolean> {
  if (oauth.isDPoPNonceError(error)) return true;
  if (!(error instanceof oauth.ResponseBodyError) || error.error !== 'invalid_dpop_proof') return false;
  return issuer.learnTime(response);
}

/**
 * What oauth4webapi leaves open about the times of a fresh ID token: that it was not issued in the future, and that it
 * ends within a month (OpenID Connect Core §3.1.3.7 rules 9 and 10, RFC 7519 §2).
 */
function checkIdTokenTimes(tokens: oauth.TokenEndpointResponse, nowSeconds: number): void {
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (claims === undefined) return;
  const latest = nowSeconds + FUTURE_LEEWAY_SECONDS;
  const isSane =
    claims.iat >= 0 &&
    claims.iat <= latest &&
    (claims.auth_time ?? 0) <= latest &&
    claims.exp <= latest + MAX_LIFETIME_SECONDS;
  if (isSane) return;
  throw new CallbackError(
    'invalid_id_token',
    'The times of the ID token cannot be right. Check the clock of this device and of the issuer, then sign in again.',
  );
}

async function buildSession(
  deps: TokenDeps,
  tokens: oauth.TokenEndpointResponse,
  previous: Session | undefined,
): Promise<Session> {
  const obtainedAtMs = deps.nowMs();
  checkIdTokenTimes(tokens, deps.issuer.nowMs() / 1000);
  const idTokenClaims = parseClaims(oauth.getValidatedIdTokenClaims(tokens)) ?? previous?.idTokenClaims;
  const idToken = tokens.id_token ?? previous?.idToken;
  if (idTokenClaims === undefined || idToken === undefined) {
    throw new CallbackError(
      'no_id_token',
      'The issuer sent no ID token. Check that the scope contains openid.',
    );
  }
  traceTokens(deps.trace, tokens, idTokenClaims);
  const session = {
    accessToken: tokens.access_token,
    // RFC 9449 §5: an issuer that did not bind the token says so by its type.
    keyThumbprint: tokens.token_type === 'dpop' ? deps.proof?.thumbprint : undefined,
    obtainedAtMs,
    expiresAtMs: expiryMs(tokens, obtainedAtMs),
    // RFC 6749 §6: an issuer that does not rotate sends no new one.
    refreshToken: tokens.refresh_token ?? previous?.refreshToken,
    idToken,
    idTokenClaims,
    userinfoClaims: previous?.userinfoClaims,
    signedInAtMs: previous?.signedInAtMs ?? obtainedAtMs,
  };
  if (idTokenClaims.name !== undefined) return { ...session, userinfoClaims: undefined };
  return { ...session, userinfoClaims: (await fetchUserinfo(deps, session)) ?? session.userinfoClaims };
}

// A token without `expires_in` (RFC 6749 §5.1 only recommends it) is read as a JWT, else trusted for five minutes. The
// life is counted from now on this device, so that a wrong clock does not matter.
function expiryMs(tokens: oauth.TokenEndpointResponse, obtainedAtMs: number): number {
  if (tokens.expires_in !== undefined) return obtainedAtMs + tokens.expires_in * 1000;
  const claims = decodeJwtPayload(tokens.access_token);
  const exp = numberOf(claims?.exp);
  const iat = numberOf(claims?.iat);
  const lifeSeconds = exp !== undefined && iat !== undefined ? exp - iat : ASSUMED_LIFE_SECONDS;
  return obtainedAtMs + lifeSeconds * 1000;
}

// Userinfo makes the greeting nicer and decides nothing, so a failure here does not fail the sign-in.
async function fetchUserinfo(deps: TokenDeps, session: Session): Promise<UserClaims | undefined> {
  const { issuer, trace } = deps;
  const metadata = await issuer.metadata();
  if (metadata.userinfo_endpoint === undefined) return undefined;
  try {
    const response = await oauth.userInfoRequest(
      metadata,
      issuer.client(),
      session.accessToken,
      session.keyThumbprint === undefined ? issuer.requestOptions : optionsOf(deps),
    );
    const claims = await oauth.processUserInfoResponse(
      metadata,
      issuer.client(),
      session.idTokenClaims.sub,
      response,
    );
    trace('userinfo', { url: metadata.userinfo_endpoint, claims });
    return parseClaims(claims);
  } catch (error) {
    trace('error', { step: 'userinfo', message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function traceTokens(trace: Trace, tokens: oauth.TokenEndpointResponse, idTokenClaims: UserClaims): void {
  const accessTokenClaims = decodeJwtPayload(tokens.access_token);
  trace('token-response', {
    tokenType: tokens.token_type,
    expiresInSeconds: tokens.expires_in,
    scope: tokens.scope,
    accessToken: maskSecret(tokens.access_token),
    accessTokenFormat: accessTokenClaims === undefined ? 'opaque' : 'jwt',
    ...(accessTokenClaims === undefined ? {} : { accessTokenClaims }),
    ...(tokens.refresh_token === undefined ? {} : { refreshToken: maskSecret(tokens.refresh_token) }),
    ...(tokens.id_token === undefined ? {} : { idToken: maskSecret(tokens.id_token), idTokenClaims }),
  });
}
