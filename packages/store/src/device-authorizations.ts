import type { Insertable, Kysely, Selectable } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { DeviceAuthorizationRow, Tables } from './tables.ts';

/** A device authorization as stored: both codes as hashes. */
export type DeviceAuthorization = Selectable<DeviceAuthorizationRow>;

/** What a new device authorization is made of. */
export type NewDeviceAuthorization = Pick<
  Insertable<DeviceAuthorizationRow>,
  | 'id'
  | 'deviceCodeSha256'
  | 'userCodeSha256'
  | 'applicationId'
  | 'clientId'
  | 'scopes'
  | 'resources'
  | 'grantId'
  | 'intervalSeconds'
  | 'expiresAtMs'
  | 'maxAgeSeconds'
>;

/** A new device authorization. 'taken' means that another one waits under the same user code: draw a new one. */
export async function insertDeviceAuthorization(
  change: Change,
  input: NewDeviceAuthorization,
): Promise<'inserted' | 'taken'> {
  const { instanceId } = change.scope;
  const result = await change.trx
    .insertInto('deviceAuthorizations')
    .values({ ...input, instanceId, createdAtMs: change.nowMs })
    // The unique index over waiting user codes decides.
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) return 'taken';
  await change.record({
    type: 'device-authorization.started',
    objectKind: 'device-authorization',
    objectId: input.id,
    detail: { clientId: input.clientId, scopes: input.scopes },
    reach: 'quiet',
  });
  return 'inserted';
}

/** A device authorization by the hash of its device code, whatever its state. */
export async function findDeviceAuthorization(
  db: Kysely<Tables>,
  scope: Scope,
  deviceCodeSha256: string,
): Promise<DeviceAuthorization | undefined> {
  return await db
    .selectFrom('deviceAuthorizations')
    .selectAll()
    .where('instanceId', '=', scope.instanceId)
    .where('deviceCodeSha256', '=', deviceCodeSha256)
    .executeTakeFirst();
}

/** What still waits for a person's word at `nowMs`, by the hash of its user code or by its id. */
export async function findWaitingDevice(
  db: Kysely<Tables>,
  scope: Scope,
  by: { readonly userCodeSha256: string } | { readonly id: string },
  nowMs: number,
): Promise<DeviceAuthorization | undefined> {
  const waiting = db
    .selectFrom('deviceAuthorizations')
    .selectAll()
    .where('instanceId', '=', scope.instanceId)
    .where('state', '=', 'pending')
    .where('expiresAtMs', '>', nowMs);
  return await ('id' in by
    ? waiting.where('id', '=', by.id)
    : waiting.where('userCodeSha256', '=', by.userCodeSha256)
  ).executeTakeFirst();
}
