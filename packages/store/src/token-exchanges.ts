import type { Kysely } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** The manager roles of some users, by user id; users without any are left out. */
export async function findManagerRoles(
  db: Kysely<Tables>,
  scope: Scope,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (userIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('managers')
    .select(['userId', 'roles'])
    .where('instanceId', '=', scope.instanceId)
    .where('userId', 'in', [...userIds])
    .execute();
  return new Map(rows.map((row) => [row.userId, row.roles]));
}

/** What a token exchange did, for the log. */
export interface TokenExchangeRecord {
  readonly kind: 'exchange' | 'impersonation';
  readonly clientId: string;
  readonly userId: string;
  readonly organizationId: string;
  /** Who acts for the user; absent when the user's own token was exchanged. */
  readonly actorId?: string;
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
