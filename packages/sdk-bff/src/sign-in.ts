import * as oauth from 'oauth4webapi';
import { ConfigurationError } from './bff-error.ts';
import { CSRF_HEADER, refuseForeign } from './csrf.ts';
import type { BffDeps } from './deps.ts';
import type { ProofKey } from './dpop.ts';
import { describeError } from './issuer.ts';
import { leaveNotice } from './notice.ts';
import { jsonResponse, problemResponse, redirectResponse } from './problem.ts';
import { parseReturnTo } from './return-to.ts';
import { requestOptions } from './tokens.ts';
import { createState, saveTransaction, type Transaction } from './transaction.ts';
import type { Visit } from './visit.ts';

const PROMPTS = new Set(['none', 'login', 'select_account', 'consent', 'create']);

/**
 * `GET sign-in?returnTo=&prompt=&max_age=&acr_values=&organization=&login_hint=&ui_locales=`: sends the browser to the
 * issuer. A script that sends the CSRF header gets `{ redirectTo }`, so that it can tell when the issuer is away.
 */
export async function startSignIn(deps: BffDeps, request: Request, visit: Visit): Promise<Response> {
  const { settings } = deps;
  const { searchParams } = new URL(request.url);
  const isScript = request.headers.has(CSRF_HEADER);
  const foreign = isScript ? refuseForeign(request, settings.origin) : undefined;
  if (foreign !== undefined) return foreign;
  const parameters = readParameters(searchParams);
  if (typeof parameters === 'string') return problemResponse('invalid_request', parameters);
  const returnTo = returnToFor(deps, searchParams.get('returnTo') ?? undefined);
  try {
    const { url, transaction } = await buildRequest(deps, parameters, returnTo);
    visit.setCookie(...(await saveTransaction(deps, transaction, visit.cookies)));
    return isScript ? jsonResponse({ redirectTo: url }) : redirectResponse(url);
  } catch (thrown) {
    const error = describeError(thrown, settings);
    if (isScript) throw error;
    await leaveNotice(deps, visit, error);
    deps.log(`A sign-in could not start: ${error.message}`);
    return redirectResponse(returnTo);
  }
}

interface SignInParameters {
  readonly sent: Readonly<Record<string, string | undefined>>;
  readonly organization: string | undefined;
  readonly maxAgeSeconds: number | undefined;
}

function readParameters(query: URLSearchParams): SignInParameters | string {
  const read = (name: string) => query.get(name) || undefined;
  const names = ['prompt', 'max_age', 'acr_values', 'organization', 'login_hint', 'ui_locales'];
  const tooLong = names.find((name) => (read(name) ?? '').length > 300);
  if (tooLong !== undefined) return `${tooLong} is longer than 300 characters.`;
  const [prompt, maxAge, organization] = [read('prompt'), read('max_age'), read('organization')];
  if (prompt !== undefined && !PROMPTS.has(prompt))
    return `prompt is "${prompt}". Use one of ${[...PROMPTS].join(', ')}.`;
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) return 'max_age must be a number of seconds.';
  if (organization !== undefined && !/^[\w.-]+$/.test(organization))
    return 'organization must be an organization ID or its primary domain.';
  const sent = {
    prompt,
    max_age: maxAge,
    acr_values: read('acr_values'),
    login_hint: read('login_hint'),
    ui_locales: read('ui_locales'),
  };
  return { sent, organization, maxAgeSeconds: maxAge === undefined ? undefined : Number(maxAge) };
}

// The endpoints themselves are no place to return to.
function returnToFor({ settings }: BffDeps, wanted: string | undefined): string {
  const returnTo = parseReturnTo(wanted, settings.origin) ?? '/';
  return returnTo.startsWith(`${settings.basePath}/`) ? '/' : returnTo;
}

async function buildRequest(deps: BffDeps, parameters: SignInParameters, returnTo: string) {
  const { settings, issuer, proofKeys, now } = deps;
  const metadata = await issuer.metadata();
  const endpoint = metadata.authorization_endpoint;
  if (endpoint === undefined)
    throw new ConfigurationError(
      'no_authorization_endpoint',
      `${settings.issuer} names no authorization endpoint. Check the issuer.`,
    );
  const proofKey = usesDpop(deps, metadata) ? await proofKeys.generate() : undefined;
  const transaction: Transaction = {
    state: createState(now()),
    nonce: oauth.generateRandomNonce(),
    codeVerifier: oauth.generateRandomCodeVerifier(),
    returnTo,
    maxAgeSeconds: parameters.maxAgeSeconds,
    proofJwk: proofKey?.jwk,
    startedAtMs: now(),
  };
  const query = new URLSearchParams({
    client_id: settings.clientId,
    redirect_uri: settings.redirectUri,
    response_type: 'code',
    scope: scopeFor(settings.scope, parameters.organization),
    state: transaction.state,
    nonce: transaction.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(transaction.codeVerifier),
    code_challenge_method: 'S256',
  });
  if (proofKey !== undefined) query.set('dpop_jkt', await proofKey.handle.calculateThumbprint());
  for (const [name, value] of Object.entries(parameters.sent))
    if (value !== undefined) query.set(name, value);
  const url = new URL(endpoint);
  const pushed =
    metadata.pushed_authorization_request_endpoint === undefined
      ? undefined
      : await pushRequest(deps, metadata, query, proofKey);
  const shown =
    pushed === undefined ? query : new URLSearchParams({ client_id: settings.clientId, request_uri: pushed });
  for (const [name, value] of shown) url.searchParams.set(name, value);
  return { url: url.href, transaction };
}

function scopeFor(scope: string, organization: string | undefined): string {
  if (organization === undefined) return scope;
  const kind = /^\d+$/.test(organization) ? 'id' : 'domain:primary';
  return `${scope} urn:zitadel:iam:org:${kind}:${organization}`;
}

/** True when tokens of new sessions are bound to a key: as told, else where the issuer offers ES256 for it. */
function usesDpop({ settings }: BffDeps, metadata: oauth.AuthorizationServer): boolean {
  const isOffered = metadata.dpop_signing_alg_values_supported?.includes('ES256') ?? false;
  if (settings.dpop === true && !isOffered)
    throw new ConfigurationError(
      'dpop_not_offered',
      `${settings.issuer} offers no DPoP with ES256. Leave out dpop, or set it to false.`,
    );
  return settings.dpop ?? isOffered;
}

// RFC 9126 §2: nobody can change a pushed request on its way through the browser.
async function pushRequest(
  { issuer }: BffDeps,
  metadata: oauth.AuthorizationServer,
  query: URLSearchParams,
  proofKey: ProofKey | undefined,
): Promise<string> {
  const clientAuth = await issuer.clientAuth();
  const pushed = await issuer.retry(async () => {
    const response = await oauth.pushedAuthorizationRequest(
      ...([metadata, issuer.client, clientAuth, query] as const),
      requestOptions(issuer, proofKey),
    );
    return oauth.processPushedAuthorizationResponse(metadata, issuer.client, response);
  });
  return pushed.request_uri;
}
