import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { readProof } from './read-proof.ts';

/** What a test may bend to see it refused or survived. */
export type Bend = {
  idTokenClaims: Record<string, unknown>;
  userinfo: Record<string, unknown>;
  issParameter: string | null;
  signWith: 'own key' | 'foreign key';
  tokenStatus: number;
  accessLifeSeconds: number;
  clockAheadSeconds: number;
  rotate: 'yes' | 'without refresh token';
  offline: 'no' | 'yes';
  session: 'signed in' | 'signed out';
  advertisedIssuer: string | undefined;
  /** Whether the issuer offers DPoP, and wants a nonce in proofs. */
  dpop: 'off' | 'on' | 'with nonce';
  /** Refuses these parameters of a refresh. */
  refuseTarget: 'invalid_scope' | 'invalid_target' | undefined;
};

type CodeGrant = {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly jkt: string | null;
};

type Answer = {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A small OpenID Provider in memory that signs real tokens and checks PKCE, single use of codes and rotation. */
export type FakeIssuer = {
  readonly issuer: string;
  readonly bend: Bend;
  readonly requests: { readonly path: string; readonly form: URLSearchParams }[];
  readonly fetch: typeof globalThis.fetch;
  /** The address at which an authorization request ends. */
  authorize(url: string, session: Bend['session']): string;
  /** Every refresh token given out so far is refused from now on. */
  endSession(): void;
  count(path: string, grantType?: string): number;
  answer(path: string, form: URLSearchParams, proof?: string): Promise<Answer>;
  /** The key each access token is bound to; undefined for a bearer token. */
  readonly boundTo: ReadonlyMap<string, string | undefined>;
};

/** The nonce the issuer wants in proofs where it wants one. */
export const NONCE = 'nonce-1';
export const CLIENT_ID = '381920000000000001';

/** Creates one for this issuer URL (no trailing slash). */
export async function createFakeIssuer(issuer: string): Promise<FakeIssuer> {
  const own = await generateKeyPair('ES256', { extractable: true });
  const foreign = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(own.publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const keys: JWK[] = [{ ...jwk, kid, use: 'sig', alg: 'ES256' }];
  const bend: Bend = {
    idTokenClaims: { name: 'Ada Lovelace', email: 'ada@example.com' },
    userinfo: {},
    issParameter: issuer,
    signWith: 'own key',
    tokenStatus: 200,
    accessLifeSeconds: 900,
    clockAheadSeconds: 0,
    rotate: 'yes',
    offline: 'no',
    session: 'signed in',
    advertisedIssuer: undefined,
    dpop: 'off',
    refuseTarget: undefined,
  };
  const codes = new Map<string, CodeGrant>();
  const refreshTokens = new Map<string, string | undefined>();
  const boundTo = new Map<string, string | undefined>();
  const requests: FakeIssuer['requests'] = [];

  const issueTokens = async (nonce: string | undefined, jkt: string | undefined) => {
    const key: CryptoKey = bend.signWith === 'own key' ? own.privateKey : foreign.privateKey;
    const now = Math.floor(Date.now() / 1000) + bend.clockAheadSeconds;
    const claims = {
      iss: issuer,
      aud: CLIENT_ID,
      sub: 'user-1',
      iat: now,
      exp: now + 900,
      nonce,
      sid: 'session-1',
      ...bend.idTokenClaims,
    };
    const refreshToken = `rt_${randomUUID()}`;
    const accessToken = `at_${randomUUID()}`;
    refreshTokens.set(refreshToken, jkt);
    boundTo.set(accessToken, jkt);
    return {
      access_token: accessToken,
      token_type: jkt === undefined ? 'Bearer' : 'DPoP',
      expires_in: bend.accessLifeSeconds,
      scope: 'openid profile email offline_access',
      ...(bend.rotate === 'yes' ? { refresh_token: refreshToken } : {}),
      id_token: await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(key),
    };
  };
  const token = async (form: URLSearchParams, header: string | undefined): Promise<Answer> => {
    if (bend.tokenStatus !== 200) return { status: bend.tokenStatus, body: { error: 'server_error' } };
    const refused = { status: 400, body: { error: 'invalid_grant' } };
    if (form.get('client_id') !== CLIENT_ID) return { status: 401, body: { error: 'invalid_client' } };
    const nowSeconds = Date.now() / 1000 + bend.clockAheadSeconds;
    const proof =
      header === undefined ? undefined : await readProof(header, `${issuer}/oauth/v2/token`, nowSeconds);
    if (proof === 'refused') return { status: 400, body: { error: 'invalid_dpop_proof' } };
    if (proof !== undefined && bend.dpop === 'with nonce' && proof.nonce !== NONCE)
      return { status: 400, body: { error: 'use_dpop_nonce' }, headers: { 'dpop-nonce': NONCE } };
    if (form.get('grant_type') === 'refresh_token') {
      const refreshToken = form.get('refresh_token') ?? '';
      if (!refreshTokens.has(refreshToken) || refreshTokens.get(refreshToken) !== proof?.jkt) return refused;
      if (bend.refuseTarget !== undefined && (form.has('resource') || form.has('scope')))
        return { status: 400, body: { error: bend.refuseTarget } };
      refreshTokens.delete(refreshToken);
      return { status: 200, body: await issueTokens(undefined, proof?.jkt) };
    }
    const code = form.get('code') ?? '';
    const grant = codes.get(code);
    codes.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (
      grant === undefined ||
      grant.challenge !== challenge ||
      grant.redirectUri !== form.get('redirect_uri') ||
      // RFC 9449 §10
      (grant.jkt !== null && grant.jkt !== proof?.jkt)
    )
      return refused;
    return { status: 200, body: await issueTokens(grant.nonce, proof?.jkt) };
  };
  const answer: FakeIssuer['answer'] = async (path, form, proof) => {
    requests.push({ path, form });
    switch (path) {
      case '/.well-known/openid-configuration':
        return { status: 200, body: discovery(issuer, bend) };
      case '/oauth/v2/keys':
        return { status: 200, body: { keys } };
      case '/oauth/v2/token':
        return token(form, proof);
      case '/oidc/v1/userinfo':
        return { status: 200, body: { sub: 'user-1', ...bend.userinfo } };
      case '/oauth/v2/revoke':
        refreshTokens.delete(form.get('token') ?? '');
        return { status: 200, body: {} };
      default:
        return { status: 404, body: {} };
    }
  };
  return {
    issuer,
    bend,
    requests,
    answer,
    endSession: () => refreshTokens.clear(),
    boundTo,
    count: (path, grantType) =>
      requests.filter(
        (request) =>
          request.path === path && (grantType === undefined || request.form.get('grant_type') === grantType),
      ).length,
    fetch: async (input, init) => {
      if (bend.offline === 'yes') throw new TypeError('fetch failed');
      const url = new URL(String(input));
      const { status, body, headers } = await answer(
        url.pathname,
        new URLSearchParams(init?.body === undefined ? '' : String(init.body)),
        new Headers(init?.headers).get('dpop') ?? undefined,
      );
      return new Response(JSON.stringify(body), {
        status,
        headers: { 'content-type': 'application/json', date: httpDate(bend), ...headers },
      });
    },
    authorize(url, session) {
      const request = new URL(url).searchParams;
      const target = new URL(request.get('redirect_uri') ?? '');
      target.searchParams.set('state', request.get('state') ?? '');
      if (bend.issParameter !== null) target.searchParams.set('iss', bend.issParameter);
      if (session === 'signed out') {
        target.searchParams.set('error', 'login_required');
        return target.href;
      }
      const code = `code_${randomUUID()}`;
      codes.set(code, {
        nonce: request.get('nonce') ?? '',
        challenge: request.get('code_challenge') ?? '',
        redirectUri: request.get('redirect_uri') ?? '',
        jkt: request.get('dpop_jkt'),
      });
      target.searchParams.set('code', code);
      return target.href;
    },
  };
}

/** The `Date` of an answer, by the issuer's clock. */
export function httpDate({ clockAheadSeconds }: Pick<Bend, 'clockAheadSeconds'>): string {
  return new Date(Date.now() + clockAheadSeconds * 1000).toUTCString();
}

function discovery(issuer: string, bend: Bend): Record<string, unknown> {
  return {
    issuer: bend.advertisedIssuer ?? issuer,
    ...(bend.dpop === 'off' ? {} : { dpop_signing_alg_values_supported: ['ES256', 'EdDSA'] }),
    authorization_endpoint: `${issuer}/oauth/v2/authorize`,
    token_endpoint: `${issuer}/oauth/v2/token`,
    jwks_uri: `${issuer}/oauth/v2/keys`,
    userinfo_endpoint: `${issuer}/oidc/v1/userinfo`,
    revocation_endpoint: `${issuer}/oauth/v2/revoke`,
    end_session_endpoint: `${issuer}/oidc/v1/end_session`,
    id_token_signing_alg_values_supported: ['EdDSA', 'RS256', 'ES256'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  };
}
