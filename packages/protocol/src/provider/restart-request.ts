import { judgeRedirectUri } from '../wire/redirect-uri.ts';
import { type CheckedAuthorizeRequest, isFapi } from './authorize-facts.ts';
import type { ClientFacts } from './facts.ts';
import { isClientActive } from './may-issue.ts';

/**
 * Whether a request that was checked before may begin a sign-in anew: the client is active, its redirect URI still
 * registered, and anybody could send the same request by a link. A pushed request is good once (RFC 9126 §4), and clients
 * that push or sign theirs accept no others.
 * @see RFC 9126 §4, RFC 9700 §4.1.3
 */
export function mayRestart(request: CheckedAuthorizeRequest, client: ClientFacts): boolean {
  const { application } = client;
  const verdict = judgeRedirectUri(request.redirectUri, {
    registered: application.redirectUris,
    applicationType: application.type,
    authMethod: application.authMethod,
    developmentMode: application.developmentMode,
  });
  return (
    request.pushed === undefined &&
    verdict.kind === 'allowed' &&
    isClientActive(client) &&
    !isFapi(client) &&
    !application.isParRequired &&
    !application.isSignedRequestRequired
  );
}

/**
 * An address of the application itself, where a person begins anew: the one it begins sign-ins at (OpenID Connect Core §4),
 * its home page, or the origin of the redirect URI. All are registered; other schemes than https are no pages, http aside
 * where the redirect URI has it.
 * @see OpenID Connect Core §4
 */
export function applicationHome(
  { application }: ClientFacts,
  about: { readonly issuer: string; readonly redirectUri?: string },
): string | undefined {
  const { initiateLoginUri, clientUri, type } = application;
  const begins = httpsUrl(initiateLoginUri);
  if (begins !== undefined) {
    begins.searchParams.set('iss', about.issuer);
    return begins.href;
  }
  const home = httpsUrl(clientUri);
  if (home !== undefined) return home.href;
  if (type === 'native' || about.redirectUri === undefined || !URL.canParse(about.redirectUri))
    return undefined;
  const { protocol, origin } = new URL(about.redirectUri);
  return protocol === 'https:' || protocol === 'http:' ? `${origin}/` : undefined;
}

function httpsUrl(uri: string | null): URL | undefined {
  const url = uri === null || !URL.canParse(uri) ? undefined : new URL(uri);
  return url?.protocol === 'https:' ? url : undefined;
}
