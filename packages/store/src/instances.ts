import { isDeepStrictEqual } from 'node:util';
import type { Kysely, Selectable, Updateable } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { InstanceRow, Tables } from './tables.ts';

/** An instance with the addresses it answers on and its data keys. */
export interface Instance {
  readonly settings: Selectable<InstanceRow>;
  readonly domains: readonly {
    readonly host: string;
    readonly origin: string;
    readonly isPrimary: boolean;
  }[];
  readonly dataKeys: readonly {
    readonly version: number;
    readonly masterKeyId: string;
    readonly wrapped: Buffer;
    readonly createdAtMs: number;
  }[];
}

/** Every instance, for start-up: the one look-up without a scope. */
export async function listInstances(db: Kysely<Tables>): Promise<readonly Instance[]> {
  const rows = await db
    .selectFrom('instances')
    .selectAll()
    .where('state', '=', 'active')
    .orderBy('id')
    .execute();
  const domains = await db.selectFrom('instanceDomains').selectAll().execute();
  const keys = await db.selectFrom('instanceDataKeys').selectAll().orderBy('version', 'desc').execute();
  return rows.map((settings) => ({
    settings,
    domains: domains.filter((domain) => domain.instanceId === settings.id),
    dataKeys: keys.filter((key) => key.instanceId === settings.id),
  }));
}

/** A new instance and its first data key. */
export async function insertInstance(
  change: Change,
  input: {
    readonly name: string;
    readonly dataKey: { readonly masterKeyId: string; readonly wrapped: Buffer };
  },
): Promise<void> {
  const instanceId = change.scope.instanceId;
  await change.trx
    .insertInto('instances')
    .values({ id: instanceId, name: input.name, createdAtMs: change.nowMs })
    .execute();
  await change.trx
    .insertInto('instanceDataKeys')
    .values({ instanceId, version: 1, ...input.dataKey, createdAtMs: change.nowMs })
    .execute();
  await change.record({
    type: 'instance.created',
    objectKind: 'instance',
    objectId: instanceId,
    reach: 'waking',
  });
}

/** Settings of an instance that operators may change. Units are in the names. */
export type InstanceSettings = Omit<
  Updateable<InstanceRow>,
  'id' | 'name' | 'state' | 'createdAtMs' | 'oldestAcceptedKeyVersion'
>;

/** Changes settings of the scope's instance. */
export async function updateInstanceSettings(
  change: Change,
  settings: InstanceSettings,
): Promise<'changed' | 'unchanged'> {
  const { instanceId } = change.scope;
  const before = await change.trx
    .selectFrom('instances')
    .selectAll()
    .where('id', '=', instanceId)
    .forUpdate()
    .executeTakeFirst();
  const known: Readonly<Record<string, unknown>> = { ...before };
  const isKnown = ([name, value]: readonly [string, unknown]): boolean =>
    isDeepStrictEqual(
      known[name],
      name === 'registrationPolicy' && typeof value === 'string' ? JSON.parse(value) : value,
    );
  if (Object.entries(settings).every(isKnown)) return 'unchanged';
  await change.trx.updateTable('instances').set(settings).where('id', '=', instanceId).execute();
  await change.record({
    type: 'instance.settings.changed',
    objectKind: 'instance',
    objectId: instanceId,
    detail: {
      from: Object.fromEntries(Object.keys(settings).map((name) => [name, known[name] ?? null])),
      to: settings,
    },
    reach: 'waking',
  });
  return 'changed';
}

/** An origin (scheme, host, port) the scope's instance answers at besides its first one. Resolves to whether the host was free. */
export async function insertDomain(change: Change, origin: string): Promise<'added' | 'taken'> {
  const instanceId = change.scope.instanceId;
  // The unique host decides between two that want it at once.
  const added = await change.trx
    .insertInto('instanceDomains')
    .values({ instanceId, host: new URL(origin).host, origin, isPrimary: false })
    .onConflict((conflict) => conflict.column('host').doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) return 'taken';
  await change.record({
    type: 'instance.domain.added',
    objectKind: 'instance',
    objectId: instanceId,
    detail: { origin },
    reach: 'waking',
  });
  return 'added';
}

/** Makes an origin (scheme, host, port) the instance's first one; the earlier first one is a known host no longer. */
export async function replacePrimaryDomain(change: Change, origin: string): Promise<void> {
  const instanceId = change.scope.instanceId;
  const { host } = new URL(origin);
  const removed = await change.trx
    .deleteFrom('instanceDomains')
    .where('instanceId', '=', instanceId)
    .where((eb) => eb.or([eb('isPrimary', '=', true), eb('host', '=', host)]))
    .returning(['origin', 'isPrimary'])
    .execute();
  await change.trx
    .insertInto('instanceDomains')
    .values({ instanceId, host, origin, isPrimary: true })
    .execute();
  await change.record({
    type: 'instance.domain.changed',
    objectKind: 'instance',
    objectId: instanceId,
    detail: {
      from: { origin: removed.find(({ isPrimary }) => isPrimary)?.origin ?? null },
      to: { origin },
    },
    reach: 'waking',
  });
}

/** The name of the scope's instance, as it is now. */
export async function findInstanceName(db: Kysely<Tables>, scope: Scope): Promise<string> {
  const row = await db
    .selectFrom('instances')
    .select('name')
    .where('id', '=', scope.instanceId)
    .executeTakeFirstOrThrow();
  return row.name;
}

/** Keeps other changes of the instance waiting. Resolves to its name. */
export async function lockInstanceName(change: Change): Promise<string> {
  const row = await change.trx
    .selectFrom('instances')
    .select('name')
    .where('id', '=', change.scope.instanceId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return row.name;
}

/** Gives the scope's instance another name. */
export async function renameInstance(change: Change, before: string, name: string): Promise<void> {
  const { instanceId } = change.scope;
  await change.trx.updateTable('instances').set({ name }).where('id', '=', instanceId).execute();
  await change.record({
    type: 'instance.renamed',
    objectKind: 'instance',
    objectId: instanceId,
    detail: { from: { name: before }, to: { name } },
    reach: 'waking',
  });
}

/** Takes an address away that is not the first one. */
export async function removeDomain(
  change: Change,
  host: string,
): Promise<'removed' | 'not-found' | 'primary'> {
  const { instanceId } = change.scope;
  const row = await change.trx
    .selectFrom('instanceDomains')
    .select(['isPrimary', 'origin'])
    .where('instanceId', '=', instanceId)
    .where('host', '=', host)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return 'not-found';
  if (row.isPrimary) return 'primary';
  await change.trx
    .deleteFrom('instanceDomains')
    .where('instanceId', '=', instanceId)
    .where('host', '=', host)
    .execute();
  await change.record({
    type: 'instance.domain.removed',
    objectKind: 'instance',
    objectId: instanceId,
    detail: { origin: row.origin },
    reach: 'waking',
  });
  return 'removed';
}

/** The addresses of the scope's instance, the first one first. */
export async function listDomains(
  db: Kysely<Tables>,
  scope: Scope,
): Promise<readonly { readonly host: string; readonly origin: string; readonly isPrimary: boolean }[]> {
  return await db
    .selectFrom('instanceDomains')
    .select(['host', 'origin', 'isPrimary'])
    .where('instanceId', '=', scope.instanceId)
    .orderBy('isPrimary', 'desc')
    .orderBy('host')
    .execute();
}
