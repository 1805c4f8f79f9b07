/** What decides whether a redirect URI may be used, besides the list of registered ones. */
export interface RedirectRules {
  readonly registered: readonly string[];
  readonly applicationType: 'user_agent' | 'web' | 'native' | 'api';
  readonly authMethod: string;
  readonly developmentMode: boolean;
}

/** Whether a redirect URI may be used, and if not why. */
export type RedirectVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'not-registered' }
  | { readonly kind: 'insecure'; readonly detail: string };

/** RFC 3986 §2: ASCII without space and backslash; anything else could not travel in a `Location` header either. */
const uriCharacters = /^[\x21-\x5b\x5d-\x7e]+$/;
/** Schemes a browser would run or show in place of going anywhere. */
const runsInBrowser = /^(javascript|data|vbscript|blob|file|about):/i;
const loopback = /^(https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(:[0-9]{1,5})?(?=[/?]|$)/;

/** A loopback URI without its port: scheme, host, path and query as they are. */
function withoutLoopbackPort(uri: string): string | undefined {
  const match = loopback.exec(uri);
  if (match === null) return undefined;
  return `${match[1]}${uri.slice(match[0].length)}`;
}

/**
 * What a star may stand for: unreserved characters (RFC 3986 §2.3). Browsers read `\` as `/`, drop tabs and line ends,
 * and `%`, `&` and `=` would let a stranger write path segments and parameters.
 */
const starCharacter = /^[A-Za-z0-9._~-]$/;
const dotSegment = /\/\.{1,2}(?=[/?]|$)/;

/** Walks all positions of the pattern at once: the time is bounded by pattern × URI, whatever either holds. */
function matchesGlob(pattern: string, uri: string): boolean {
  let positions = withStarsPassed(pattern, [0]);
  for (const character of uri) {
    const next: number[] = [];
    for (const at of positions) {
      if (pattern[at] === '*') {
        if (starCharacter.test(character)) next.push(at);
      } else if (pattern[at] === character) next.push(at + 1);
    }
    if (next.length === 0) return false;
    positions = withStarsPassed(pattern, next);
  }
  return positions.has(pattern.length) && !dotSegment.test(uri);
}

function withStarsPassed(pattern: string, positions: readonly number[]): ReadonlySet<number> {
  const reached = new Set(positions);
  for (const at of reached) if (pattern[at] === '*') reached.add(at + 1);
  return reached;
}

function isRegistered(uri: string, rules: RedirectRules): boolean {
  if (rules.registered.includes(uri)) return true;
  if (rules.applicationType === 'native') {
    // RFC 8252 §7.3: a native app listens on whatever loopback port it was given; nothing but the port may differ.
    const bare = withoutLoopbackPort(uri);
    if (bare !== undefined && rules.registered.some((known) => withoutLoopbackPort(known) === bare))
      return true;
  }
  return (
    rules.developmentMode &&
    rules.registered.some(
      (known) => known.includes('*') && known.split('*').length <= 4 && matchesGlob(known, uri),
    )
  );
}

function insecurity(uri: string, rules: RedirectRules): string | undefined {
  if (!uriCharacters.test(uri)) return 'it holds a character no URI may hold; percent-encode it';
  const { protocol } = new URL(uri);
  if (protocol === 'https:' || rules.developmentMode) return undefined;
  if (protocol !== 'http:') {
    return rules.applicationType === 'native'
      ? undefined
      : 'a custom scheme is for native applications; use https';
  }
  if (rules.applicationType === 'native' && loopback.test(uri)) return undefined;
  if (rules.applicationType === 'web' && rules.authMethod !== 'none') return undefined;
  return 'http needs the application to be in development mode; use https otherwise';
}

/**
 * Decides whether a redirect URI may be used: byte for byte one of the registered ones (loopback ports of native apps
 * and development-mode patterns aside), over a transport its application type allows.
 * @see RFC 6749 §3.1.2.3, RFC 9700 §4.1.3, RFC 8252 §7.3; ZITADEL dialect, redirect rules
 */
export function judgeRedirectUri(uri: string, rules: RedirectRules): RedirectVerdict {
  if (uri.includes('#') || !URL.canParse(uri) || runsInBrowser.test(uri) || !isRegistered(uri, rules))
    return { kind: 'not-registered' };
  const detail = insecurity(uri, rules);
  return detail === undefined ? { kind: 'allowed' } : { kind: 'insecure', detail };
}
