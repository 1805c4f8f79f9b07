import type { ClientMetadata, MetadataProblem } from '../wire/client-metadata.ts';
import { parseAddress } from '../wire/web-address.ts';
import { isHostAllowed, type RegistrationPolicy } from './registration-policy.ts';

/** What redirect URIs are held against. */
export interface RedirectRegistration {
  readonly type: 'user_agent' | 'web' | 'native';
  readonly isImplicit: boolean;
  readonly policy: RegistrationPolicy;
}

const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a URI leads back to the person's own machine.
 * @see RFC 8252 §7.3
 */
export function isLoopback(uri: string): boolean {
  const { protocol, hostname } = new URL(uri);
  return protocol === 'http:' && loopbackHosts.includes(hostname);
}

/**
 * Whether a URI has a scheme of its own.
 * @see RFC 8252 §7.1
 */
export function isPrivateScheme(uri: string): boolean {
  return !['http:', 'https:'].includes(new URL(uri).protocol);
}

function refuse(detail: string): MetadataProblem {
  return { code: 'invalid_redirect_uri', detail };
}

function httpProblem(uri: string, rules: RedirectRegistration): string | undefined {
  if (isLoopback(uri)) {
    return rules.type === 'native' || (rules.type === 'web' && !rules.isImplicit)
      ? undefined
      : 'redirect URIs to localhost are for native applications; register with application_type native';
  }
  return rules.policy.isHttpRedirectAllowed && rules.type === 'web' && !rules.isImplicit
    ? undefined
    : 'redirect URIs must use https; http is for the loopback addresses of native applications';
}

function policyProblem(uri: string, { policy }: RedirectRegistration): string | undefined {
  const { protocol, hostname } = new URL(uri);
  if (isPrivateScheme(uri)) {
    const isAllowed = policy.redirectSchemes?.includes(protocol.slice(0, -1)) ?? true;
    return isAllowed ? undefined : 'the scheme of a redirect URI is not one this server registers';
  }
  if (policy.redirectHosts === undefined || isLoopback(uri)) return undefined;
  return isHostAllowed(hostname, policy.redirectHosts)
    ? undefined
    : 'a redirect URI leads to a host this server does not register';
}

function uriProblem(uri: string, rules: RedirectRegistration): string | undefined {
  const { protocol } = new URL(uri);
  if (uri.includes('#')) return 'redirect URIs cannot have a fragment; register them without #';
  if (uri.includes('*')) return 'redirect URIs cannot hold patterns; register each one';
  const read = parseAddress(uri, 'return');
  if (read.kind === 'refused') return `a redirect URI ${read.detail}`;
  if (isPrivateScheme(uri) && rules.type !== 'native')
    return 'a scheme of its own is for native applications; register with application_type native';
  return (protocol === 'http:' ? httpProblem(uri, rules) : undefined) ?? policyProblem(uri, rules);
}

/**
 * Finds what is wrong with the redirect URIs of a registration.
 * @see RFC 6749 §3.1.2, RFC 7591 §5, OpenID Connect Dynamic Client Registration §2 `application_type`, RFC 8252 §7
 */
export function findRedirectProblem(
  uris: readonly string[],
  rules: RedirectRegistration,
): MetadataProblem | undefined {
  for (const uri of uris) {
    const detail = uriProblem(uri, rules);
    if (detail !== undefined) return refuse(detail);
  }
  return undefined;
}

/**
 * Finds what is wrong with the addresses a person is sent to after signing out.
 * @see OpenID Connect RP-Initiated Logout §3.1
 */
export function findLogoutUriProblem(
  metadata: Pick<ClientMetadata, 'postLogoutRedirectUris'>,
  rules: RedirectRegistration,
): MetadataProblem | undefined {
  const problem = findRedirectProblem(metadata.postLogoutRedirectUris ?? [], rules);
  return problem === undefined
    ? undefined
    : { code: 'invalid_client_metadata', detail: `post_logout_redirect_uris: ${problem.detail}` };
}
