import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { BackchannelAuthenticationRow, Tables } from './tables.ts';

/** A backchannel authentication request as stored: its auth_req_id as a hash. */
export type BackchannelAuthentication = Selectable<BackchannelAuthenticationRow>;

/** What a new backchannel authentication request is made of. */
export type NewBackchannelAuthentication = Pick<
  Insertable<BackchannelAuthenticationRow>,
  | 'id'
  | 'authReqIdSha256'
  | 'applicationId'
  | 'clientId'
  | 'userId'
  | 'scopes'
  | 'bindingMessage'
  | 'acrValues'
  | 'grantId'
  | 'notificationTokenSealed'
  | 'intervalSeconds'
  | 'expiresAtMs'
>;

/**
 * A new request, unless so many wait for the same person already: they come unasked. The user's row is held meanwhile, so
 * that many at once cannot pass the limit together.
 */
export async function insertBackchannelAuthentication(
  change: Change,
  input: NewBackchannelAuthentication,
  maximumPending: number,
): Promise<'inserted' | 'too-many'> {
  const { instanceId } = change.scope;
  await change.trx
    .selectFrom('users')
    .select('id')
    .where('instanceId', '=', instanceId)
    .where('id', '=', input.userId)
    .forNoKeyUpdate()
    .execute();
  const { rows } = await change.trx
    .selectFrom('backchannelAuthentications')
    .select((eb) => eb.fn.countAll().as('rows'))
    .where('instanceId', '=', instanceId)
    .where('userId', '=', input.userId)
    .where('state', '=', 'pending')
    .where('expiresAtMs', '>', change.nowMs)
    .executeTakeFirstOrThrow();
  if (Number(rows) >= maximumPending) return 'too-many';
  await change.trx
    .insertInto('backchannelAuthentications')
    .values({ ...input, instanceId, createdAtMs: change.nowMs })
    .execute();
  await change.record({
    type: 'backchannel-authentication.started',
    objectKind: 'backchannel-authentication',
    objectId: input.id,
    detail: { userId: input.userId, clientId: input.clientId, scopes: input.scopes },
    reach: 'quiet',
  });
  return 'inserted';
}

/** A request by the hash of its auth_req_id, whatever its state. */
export async function findBackchannelAuthentication(
  db: Kysely<Tables>,
  scope: Scope,
  authReqIdSha256: string,
): Promise<BackchannelAuthentication | undefined> {
  return await db
    .selectFrom('backchannelAuthentications')
    .selectAll()
    .where('instanceId', '=', scope.instanceId)
    .where('authReqIdSha256', '=', authReqIdSha256)
    .executeTakeFirst();
}

/** A request that waits, with the name of the application that sent it. */
export type WaitingBackchannelAuthentication = BackchannelAuthentication & {
  readonly applicationName: string;
};

/** Requests that wait for the word of some people at `nowMs`, oldest first; those of applications that are gone are not shown. */
export async function listWaitingBackchannel(
  db: Kysely<Tables>,
  scope: Scope,
  userIds: readonly string[],
  nowMs: number,
): Promise<readonly WaitingBackchannelAuthentication[]> {
  if (userIds.length === 0) return [];
  return await db
    .selectFrom('backchannelAuthentications as r')
    .innerJoin('applications as a', (join) =>
      join.onRef('a.instanceId', '=', 'r.instanceId').onRef('a.id', '=', 'r.applicationId'),
    )
    .selectAll('r')
    .select('a.name as applicationName')
    .where('r.instanceId', '=', scope.instanceId)
    .where(sql<boolean>`r.user_id = any(${[...userIds]}::text[])`)
    .where('r.state', '=', 'pending')
    .where('r.expiresAtMs', '>', nowMs)
    .where('a.state', '=', 'active')
    .orderBy('r.createdAtMs')
    .orderBy('r.id')
    .execute();
}
