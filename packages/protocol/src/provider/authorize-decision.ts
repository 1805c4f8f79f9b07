import type { EpochMs } from '../brands.ts';
import type { OAuthErrorCode } from '../wire/names.ts';
import { interpretScopes, isWantedOrganization } from '../wire/scope.ts';
import type { CheckedAuthorizeRequest } from './authorize-facts.ts';
import { isRecent } from './recency.ts';

/** A live session on this browser. */
export interface SessionFacts {
  readonly sessionId: string;
  readonly userId: string;
  readonly loginName: string;
  readonly organizationId: string;
  readonly organizationDomain: string;
  readonly authTimeMs: EpochMs;
}

/** What to do about a checked authorization request. */
export type AuthorizeDecision =
  | { readonly kind: 'grant-now'; readonly session: SessionFacts }
  | { readonly kind: 'ask-login'; readonly loginName?: string }
  | { readonly kind: 'ask-account' }
  | { readonly kind: 'redirect-error'; readonly error: OAuthErrorCode; readonly description: string };

/** What the decision looks at. `hintedUserId` is the subject of a valid id_token_hint. */
export interface AuthorizeSituation {
  readonly request: CheckedAuthorizeRequest;
  /** Live sessions of this browser, most recently used first. */
  readonly sessions: readonly SessionFacts[];
  readonly hintedUserId?: string;
  readonly now: EpochMs;
}

function isFresh(session: SessionFacts, request: CheckedAuthorizeRequest, now: EpochMs): boolean {
  const { maxAgeSeconds } = request;
  return maxAgeSeconds === undefined || isRecent(session.authTimeMs, now, maxAgeSeconds * 1000);
}

function candidates({ request, sessions, hintedUserId }: AuthorizeSituation): readonly SessionFacts[] {
  const meaning = interpretScopes(request.scopes);
  return sessions.filter(
    (session) =>
      (hintedUserId === undefined || session.userId === hintedUserId) &&
      isWantedOrganization(meaning, session),
  );
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function silently(usable: readonly SessionFacts[], loginHint: string | undefined): AuthorizeDecision {
  const hinted =
    loginHint === undefined ? undefined : usable.find((session) => sameName(session.loginName, loginHint));
  const session = hinted ?? usable[0];
  if (session !== undefined) return { kind: 'grant-now', session };
  return {
    kind: 'redirect-error',
    error: 'login_required',
    description: 'nobody suitable is signed in on this browser',
  };
}

/**
 * Decides between answering at once, asking for a login, asking which account, and an error: from the request's
 * prompt, max_age and hints and the sessions of the browser.
 * @see OpenID Connect Core §3.1.2.3, §3.1.2.1
 */
export function decideAuthorize(situation: AuthorizeSituation): AuthorizeDecision {
  const { request, now } = situation;
  const all = candidates(situation);
  const fresh = all.filter((session) => isFresh(session, request, now));
  if (request.prompts.includes('none')) return silently(fresh, request.loginHint);
  const expected =
    request.loginHint ?? (situation.hintedUserId === undefined ? undefined : all[0]?.loginName);
  const askLogin: AuthorizeDecision = {
    kind: 'ask-login',
    ...(expected === undefined ? {} : { loginName: expected }),
  };
  if (request.prompts.includes('select_account')) return all.length > 0 ? { kind: 'ask-account' } : askLogin;
  if (request.prompts.includes('login') || request.maxAgeSeconds === 0) {
    const known = expected ?? (all.length === 1 ? all[0]?.loginName : undefined);
    return { kind: 'ask-login', ...(known === undefined ? {} : { loginName: known }) };
  }
  if (request.loginHint !== undefined) {
    const hint = request.loginHint;
    const session = fresh.find((candidate) => sameName(candidate.loginName, hint));
    return session === undefined ? askLogin : { kind: 'grant-now', session };
  }
  const [only, second] = fresh;
  if (only !== undefined && second === undefined) return { kind: 'grant-now', session: only };
  if (second !== undefined) return { kind: 'ask-account' };
  const stale = all[0]?.loginName ?? expected;
  return { kind: 'ask-login', ...(stale === undefined ? {} : { loginName: stale }) };
}
