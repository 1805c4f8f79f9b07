import { type Kysely, sql, type Transaction } from 'kysely';
import type { Actor, Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Tokens that depend on `id` and were issued at or before `notAfterMs` are dead. */
export interface Revocation {
  readonly id: string;
  readonly kind:
    | 'token'
    | 'session'
    | 'grant'
    | 'client'
    | 'application'
    | 'user'
    | 'project'
    | 'organization'
    | 'instance'
    | 'key'
    | 'consent';
  readonly notAfterMs: number;
  readonly keepUntilMs: number;
}

/** What happened, for the log. */
export interface EventInput {
  readonly type: string;
  readonly objectKind: string;
  readonly objectId: string;
  readonly organizationId?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly revokes?: readonly Revocation[];
  /** Whether other nodes must hear of it at once because they keep something of it in memory. */
  readonly reach: 'waking' | 'quiet';
}

/** A change under way: one transaction, one actor, one time. Every store function that writes takes one. */
export interface Change {
  readonly trx: Transaction<Tables>;
  readonly scope: Scope;
  readonly actor: Actor;
  readonly nowMs: number;
  /** Appends an event, and its revocations, to the transaction. */
  readonly record: (event: EventInput) => Promise<void>;
  /** Says that the transaction puts messages into the outbox. */
  readonly noteMessages: () => void;
}

/** What other parts of this process hear after a commit. */
export interface Committed {
  readonly instanceId: string;
  readonly revocations: readonly Revocation[];
  /** What other processes hear of at once; this one need not wait for it. */
  readonly wakingEvents: readonly Pick<EventInput, 'type' | 'objectKind' | 'objectId'>[];
  /** Whether the outbox has new messages. */
  readonly hasMessages: boolean;
}

/** Longest life an access token may have: how long a revocation must be remembered. */
export const longestTokenLifeMs = 86_400_000 + 60_000;

/** A revocation of everything issued up to `nowMs`, or for good when the thing cannot come back. */
export function revocationOf(
  kind: Revocation['kind'],
  id: string,
  nowMs: number,
  reach: 'so-far' | 'forever',
): Revocation {
  return {
    kind,
    id,
    notAfterMs: reach === 'forever' ? Number.MAX_SAFE_INTEGER : nowMs,
    keepUntilMs: nowMs + longestTokenLifeMs,
  };
}

/** Whose time orders revocations among tokens: the change's own, or the database's, which is one for all nodes. */
export type RevocationTime = 'of-change' | 'of-database';

/** Writes a revocation, and resolves to it as it now stands. */
async function insertRevocation(
  trx: Transaction<Tables>,
  instanceId: string,
  revocation: Revocation,
  time: RevocationTime,
): Promise<Revocation> {
  const isForGood = revocation.notAfterMs === Number.MAX_SAFE_INTEGER;
  const notAfterMs =
    isForGood || time === 'of-change'
      ? revocation.notAfterMs
      : sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`;
  // The later end wins, so that a revocation never shrinks.
  const row = await trx
    .insertInto('revocations')
    .values({ instanceId, ...revocation, notAfterMs })
    .onConflict((conflict) =>
      conflict.columns(['instanceId', 'id']).doUpdateSet({
        notAfterMs: sql<number>`greatest(revocations.not_after_ms, excluded.not_after_ms)`,
        keepUntilMs: sql<number>`greatest(revocations.keep_until_ms, excluded.keep_until_ms)`,
      }),
    )
    .returning(['notAfterMs', 'keepUntilMs'])
    .executeTakeFirstOrThrow();
  return { ...revocation, ...row };
}

async function insertEvent(
  trx: Transaction<Tables>,
  context: Pick<Change, 'scope' | 'actor' | 'nowMs'>,
  event: EventInput,
): Promise<void> {
  const { scope, actor, nowMs } = context;
  await trx
    .insertInto('events')
    .values({
      instanceId: scope.instanceId,
      atMs: nowMs,
      type: event.type,
      objectKind: event.objectKind,
      objectId: event.objectId,
      organizationId: event.organizationId ?? scope.organizationId ?? null,
      actorKind: actor.kind,
      actorId: actor.id,
      ip: actor.ip ?? null,
      actingUserIds:
        actor.actingUserIds === undefined || actor.actingUserIds.length === 0
          ? null
          : [...actor.actingUserIds],
      detail: event.detail === undefined ? null : JSON.stringify(event.detail),
      revokes:
        event.revokes === undefined || event.revokes.length === 0 ? null : JSON.stringify(event.revokes),
      isWaking: event.reach === 'waking',
    })
    .execute();
}

/**
 * Runs a change in one transaction: rows and their events commit together or not at all. `onCommitted` is told
 * afterwards, so that this process need not wait for its own notification.
 */
export async function runChange<T>(
  db: Kysely<Tables>,
  context: { readonly scope: Scope; readonly actor: Actor; readonly nowMs: number },
  {
    onCommitted,
    revocationTime,
  }: {
    readonly onCommitted: (committed: Committed) => void;
    readonly revocationTime: RevocationTime;
  },
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const revocations: Revocation[] = [];
  const wakingEvents: EventInput[] = [];
  let hasMessages = false;
  const noteMessages = (): void => {
    hasMessages = true;
  };
  const result = await db.transaction().execute(async (trx) => {
    const record = async (event: EventInput): Promise<void> => {
      const { instanceId } = context.scope;
      const revokes: Revocation[] = [];
      for (const revocation of event.revokes ?? [])
        revokes.push(await insertRevocation(trx, instanceId, revocation, revocationTime));
      // Other nodes read from the event what they are to remember.
      await insertEvent(trx, context, { ...event, revokes });
      revocations.push(...revokes);
      if (event.reach === 'waking') wakingEvents.push(event);
    };
    return work({ trx, ...context, record, noteMessages });
  });
  onCommitted({ instanceId: context.scope.instanceId, revocations, wakingEvents, hasMessages });
  return result;
}
