import { organizationScope } from './access-token-options.ts';
import { ConfigurationError } from './auth-error.ts';
import { randomText, sha256 } from './base64url.ts';
import type { ClientParts } from './client-parts.ts';
import { parseReturnTo } from './return-to.ts';
import type { Transaction } from './transaction.ts';

/** What `signIn` takes; names follow OpenID Connect Core §3.1.2.1. */
export type SignInOptions = {
  /** Where to go afterwards: a path of this origin. Default: where the user is now. */
  readonly returnTo?: string | undefined;
  readonly prompt?: 'none' | 'login' | 'select_account' | 'consent' | 'create' | undefined;
  /** The login name to start with. */
  readonly loginHint?: string | undefined;
  /** Languages wanted, in order: `de en`. */
  readonly uiLocales?: string | undefined;
  /** Seconds: the sign-in at the issuer must be at most this old. */
  readonly maxAge?: number | undefined;
  readonly acrValues?: string | undefined;
  /** Instead of the client's scope. */
  readonly scope?: string | undefined;
  /** The API the access token is for. RFC 8707 §2. */
  readonly resource?: string | undefined;
  /** The ID of the organization to sign in to. */
  readonly organization?: string | undefined;
};

/** What only the client itself sets. */
type RequestDetails = { readonly state?: string; readonly display?: 'popup' };

/** Builds an authorization request with PKCE S256 (RFC 7636 §4.3), state and nonce, and what must be remembered of it. */
export async function buildAuthorizeRequest(
  parts: ClientParts,
  options: SignInOptions & RequestDetails,
): Promise<{ readonly url: string; readonly transaction: Transaction }> {
  const { authorizationEndpoint, dpopJkt } = await parts.vault.prepare();
  if (authorizationEndpoint === undefined) {
    throw new ConfigurationError(
      'no_authorization_endpoint',
      `${parts.settings.issuer} names no authorization endpoint. Check the issuer.`,
    );
  }
  const transaction: Transaction = {
    state: options.state ?? randomText(),
    nonce: randomText(),
    codeVerifier: randomText(),
    redirectUri: parts.redirectUri,
    issuer: parts.settings.issuer,
    clientId: parts.settings.clientId,
    returnTo: returnToFor(parts, options.returnTo),
    maxAgeSeconds: options.maxAge,
    startedAtMs: parts.nowMs(),
  };
  const url = new URL(authorizationEndpoint);
  const parameters = {
    client_id: parts.settings.clientId,
    redirect_uri: transaction.redirectUri,
    response_type: 'code',
    scope: scopeFor(parts, options),
    resource: options.resource,
    state: transaction.state,
    nonce: transaction.nonce,
    code_challenge: await sha256(transaction.codeVerifier),
    code_challenge_method: 'S256',
    // RFC 9449 §10: only the key of this device can redeem the code.
    dpop_jkt: dpopJkt,
    prompt: options.prompt,
    display: options.display,
    login_hint: options.loginHint,
    ui_locales: options.uiLocales,
    max_age: options.maxAge?.toString(),
    acr_values: options.acrValues,
  };
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value);
  parts.trace('authorize-request', { url: url.href, parameters: Object.fromEntries(url.searchParams) });
  return { url: url.href, transaction };
}

function scopeFor(
  { settings }: ClientParts,
  { scope = settings.scope, organization }: SignInOptions,
): string {
  return organization === undefined ? scope : `${scope} ${organizationScope(organization)}`;
}

function returnToFor(parts: ClientParts, wanted: string | undefined): string {
  const here = new URL(parts.page.href());
  const asked = wanted ?? `${here.pathname}${here.search}${here.hash}`;
  const returnTo = parseReturnTo(asked, parts.page.origin);
  // Returning to the bare redirect URI would show an empty callback page.
  const callbackPath = new URL(parts.redirectUri).pathname;
  if (returnTo === undefined || (callbackPath !== '/' && returnTo.split(/[?#]/)[0] === callbackPath))
    return '/';
  return returnTo;
}
