import { type GrantType, grantTypes, type ResponseType, responseTypes } from '../wire/names.ts';

/** What an instance lets applications register that nobody of the operator's looks at. */
export interface RegistrationPolicy {
  readonly grantTypes: readonly GrantType[];
  readonly responseTypes: readonly ResponseType[];
  /** Hosts redirect URIs may lead to, `*.` standing for any subdomain; all when absent. */
  readonly redirectHosts?: readonly string[];
  /** Schemes of their own that native applications may redirect to, without the colon; all when absent. */
  readonly redirectSchemes?: readonly string[];
  /** Whether http redirect URIs may lead elsewhere than to the person's own machine. */
  readonly isHttpRedirectAllowed: boolean;
  /** The most applications a project may hold that registered themselves. */
  readonly maximumApplications: number;
  /** Whether a person is asked before such an application gets anything. */
  readonly isThirdParty: boolean;
  /** The project they go to; one of their own when absent. */
  readonly projectId?: string;
}

const everyGrantType: readonly string[] = Object.values(grantTypes);
const everyResponseType: readonly string[] = responseTypes;

function isGrantType(value: unknown): value is GrantType {
  return typeof value === 'string' && everyGrantType.includes(value);
}

function isResponseType(value: unknown): value is ResponseType {
  return typeof value === 'string' && everyResponseType.includes(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function listOf<T>(value: unknown, is: (entry: unknown) => entry is T): readonly T[] | undefined {
  return Array.isArray(value) ? value.filter(is) : undefined;
}

/**
 * Reads the stored policy of an instance; what is missing has the careful default: codes and refresh tokens, third party,
 * a thousand applications.
 * @see RFC 7591 §5 (a server decides what it registers), RFC 9700 §2.1.2 (why implicit must be allowed by hand)
 */
export function parseRegistrationPolicy(value: unknown): RegistrationPolicy {
  const stored: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? { ...value } : {};
  const hosts = listOf(stored.redirectHosts, isText);
  const schemes = listOf(stored.redirectSchemes, isText);
  const { maximumApplications: maximum } = stored;
  return {
    grantTypes: listOf(stored.grantTypes, isGrantType) ?? [
      grantTypes.authorizationCode,
      grantTypes.refreshToken,
    ],
    responseTypes: listOf(stored.responseTypes, isResponseType) ?? ['code'],
    ...(hosts === undefined ? {} : { redirectHosts: hosts.map((host) => host.toLowerCase()) }),
    ...(schemes === undefined ? {} : { redirectSchemes: schemes.map((scheme) => scheme.toLowerCase()) }),
    isHttpRedirectAllowed: stored.isHttpRedirectAllowed === true,
    maximumApplications: typeof maximum === 'number' && maximum >= 0 ? maximum : 1000,
    isThirdParty: stored.isThirdParty !== false,
    ...(isText(stored.projectId) ? { projectId: stored.projectId } : {}),
  };
}

/**
 * Whether a host is one of a policy's patterns.
 * @see RFC 7591 §5
 */
export function isHostAllowed(host: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern,
  );
}
