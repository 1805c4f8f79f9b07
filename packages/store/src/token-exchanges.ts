import type { Change } from './change.ts';

/** What a token exchange did, for the log. */
export interface TokenExchangeRecord {
  readonly kind: 'exchange' | 'impersonation';
  readonly clientId: string;
  readonly userId: string;
  readonly organizationId: string;
  /** Who acts for the user; absent when the user's own token was exchanged. */
  readonly actorId?: string;
  /** The session the new token ends with. */
  readonly sessionId?: string;
  readonly scopes: readonly string[];
  readonly issuedTokenType: string;
}

/** Writes down that a token was exchanged, or that somebody began to act as somebody else (RFC 8693 §5). */
export async function recordTokenExchange(change: Change, exchange: TokenExchangeRecord): Promise<void> {
  const { kind, userId, organizationId, ...detail } = exchange;
  await change.record({
    type: kind === 'impersonation' ? 'user.impersonated' : 'token.exchanged',
    objectKind: 'user',
    objectId: userId,
    organizationId,
    detail: { userId, ...detail },
    reach: 'quiet',
  });
}
