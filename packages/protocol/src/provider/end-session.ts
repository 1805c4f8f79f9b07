/** What an ID token that came as a hint says. */
export interface EndSessionHint {
  readonly clientId: string;
  readonly sessionId?: string;
  readonly userId: string;
}

/** What an end-session request asks for; `hint` is 'refused' when one was sent that is no ID token of ours. */
export interface EndSessionFacts {
  readonly clientId?: string;
  readonly hint?: EndSessionHint | 'refused';
  /** Who is to sign out, in the application's words: a login name, user id or session id. */
  readonly logoutHint?: string;
  readonly postLogoutRedirectUri?: string;
  readonly state?: string;
  /** Registered post-logout URIs of the client named by hint or client_id; empty when there is none. */
  readonly registeredUris: readonly string[];
  /** Sessions of this browser. */
  readonly sessions: readonly {
    readonly sessionId: string;
    readonly userId: string;
    readonly loginName?: string;
  }[];
}

/** What to do about an end-session request. */
export type EndSessionDecision =
  | { readonly kind: 'page-error'; readonly detail: string }
  /**
   * Ask the person first: nothing proves that the application, not a stranger's link, wants the log-out. `sessionIds` are
   * those `logout_hint` speaks of; without it all of the browser's.
   */
  | { readonly kind: 'confirm'; readonly returnTo?: string; readonly sessionIds?: readonly string[] }
  | { readonly kind: 'end'; readonly sessionIds: readonly string[]; readonly returnTo?: string };

function withState(uri: string, state: string | undefined): string {
  if (state === undefined) return uri;
  // RFC 3986 §3: the query stands before the fragment, which single-page applications use for routes.
  const hash = uri.indexOf('#');
  const base = hash < 0 ? uri : uri.slice(0, hash);
  const fragment = uri.slice(base.length);
  return `${base}${base.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}${fragment}`;
}

function returnAddress(facts: EndSessionFacts): string | undefined {
  const uri = facts.postLogoutRedirectUri;
  if (uri === undefined || facts.hint === 'refused') return undefined;
  return facts.hint === undefined && facts.clientId === undefined ? undefined : withState(uri, facts.state);
}

function sessionsOfLogoutHint(facts: EndSessionFacts): readonly string[] {
  const wanted = facts.logoutHint?.toLowerCase();
  return facts.sessions
    .filter((s) => [s.sessionId, s.userId, s.loginName?.toLowerCase()].includes(wanted ?? ''))
    .map((s) => s.sessionId);
}

/**
 * Decides an RP-initiated logout: which sessions end, whether to ask first, and where to go afterwards.
 * The sessions of the hinted user on this browser end. An ID token is no proof of being that user: applications keep it and
 * send it in addresses, so it ends nothing without the cookie of a session, and whoever else is signed in here is asked.
 * A hint that is not ours is an error in the request: the person is asked, and sent nowhere afterwards.
 * @see OpenID Connect RP-Initiated Logout 1.0 §2, §3, §4
 */
export function decideEndSession(facts: EndSessionFacts): EndSessionDecision {
  const { clientId } = facts;
  const hint = facts.hint === 'refused' ? undefined : facts.hint;
  if (hint !== undefined && clientId !== undefined && hint.clientId !== clientId) {
    return { kind: 'page-error', detail: 'client_id is not the client the id_token_hint was issued to' };
  }
  const hasClient = hint !== undefined || clientId !== undefined;
  const uri = facts.postLogoutRedirectUri;
  if (hasClient && uri !== undefined && !facts.registeredUris.includes(uri)) {
    return {
      kind: 'page-error',
      detail: 'post_logout_redirect_uri is not registered for this application; register it exactly as sent',
    };
  }
  const returnTo = returnAddress(facts);
  const back = returnTo === undefined ? {} : { returnTo };
  if (hint !== undefined) {
    const sessionIds = facts.sessions
      .filter((s) => s.sessionId === hint.sessionId || s.userId === hint.userId)
      .map((s) => s.sessionId);
    // Somebody else is signed in here: they did not ask for this.
    const isForSomebodyElse = sessionIds.length === 0 && facts.sessions.length > 0;
    return isForSomebodyElse ? { kind: 'confirm', ...back } : { kind: 'end', sessionIds, ...back };
  }
  if (facts.sessions.length === 0) return { kind: 'end', sessionIds: [], ...back };
  const hinted = sessionsOfLogoutHint(facts);
  return { kind: 'confirm', ...back, ...(hinted.length === 0 ? {} : { sessionIds: hinted }) };
}
