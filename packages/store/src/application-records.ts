import { type Kysely, type Selectable, sql } from 'kysely';
import type { ApplicationSettings } from './applications.ts';
import { type Change, revocationOf } from './change.ts';
import { allOf, contains, keyset, type ListReach, type NamedOrder, type WantedPage } from './list-page.ts';
import type { Scope } from './scope.ts';
import type { ApplicationRow, Tables } from './tables.ts';

/** An application with all its settings, as those see it who manage it. */
export type ApplicationRecord = Selectable<ApplicationRow> & { readonly projectName: string };

const from = sql`applications a join projects p on p.instance_id = a.instance_id and p.id = a.project_id and p.state <> 'removed'`;

/** An application that was not removed. */
export async function findApplicationRecord(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
): Promise<ApplicationRecord | undefined> {
  const { rows } = await sql<ApplicationRecord>`select a.*, p.name as project_name from ${from}
    where a.instance_id = ${scope.instanceId} and a.id = ${id} and a.state <> 'removed'`.execute(db);
  return rows[0];
}

/** Reads an application and keeps other changes of it waiting until this one ends. */
export async function lockApplication(change: Change, id: string): Promise<ApplicationRecord | undefined> {
  const { rows } = await sql<ApplicationRecord>`select a.*, p.name as project_name from ${from}
    where a.instance_id = ${change.scope.instanceId} and a.id = ${id} and a.state <> 'removed' for no key update of a`.execute(
    change.trx,
  );
  return rows[0];
}

/** What a list of applications is narrowed to. */
export interface ApplicationFilter {
  readonly reach: ListReach;
  readonly projectId?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly type?: ApplicationRecord['type'] | undefined;
  readonly state?: 'active' | 'inactive' | undefined;
  /** Part of the name, or the beginning of the client id. */
  readonly search?: string | undefined;
  readonly sort: NamedOrder;
}

/** A page of applications. */
export async function listApplicationRecords(
  db: Kysely<Tables>,
  scope: Scope,
  filter: ApplicationFilter,
  page: WantedPage,
): Promise<readonly (ApplicationRecord & { readonly sortKey: string })[]> {
  const { reach, projectId, organizationId, type, state, search, sort } = filter;
  const key = sort.endsWith('name') ? sql`lower(a.name)` : sql`a.id`;
  const { beyond, tail } = keyset({ key, id: sql`a.id`, isDescending: sort.startsWith('-') }, page);
  const where = allOf([
    sql`a.instance_id = ${scope.instanceId} and a.state <> 'removed'`,
    reach.kind === 'instance'
      ? undefined
      : sql`(a.organization_id = any(${reach.organizationIds}::text[]) or a.project_id = any(${reach.projectIds}::text[]))`,
    projectId === undefined ? undefined : sql`a.project_id = ${projectId}`,
    organizationId === undefined ? undefined : sql`a.organization_id = ${organizationId}`,
    type === undefined ? undefined : sql`a.type = ${type}`,
    state === undefined ? undefined : sql`a.state = ${state}`,
    search === undefined || search === ''
      ? undefined
      : sql`(${contains(sql`a.name`, search)} or starts_with(a.client_id, ${search}))`,
    beyond,
  ]);
  const { rows } = await sql<ApplicationRecord & { sortKey: string }>`
    select a.*, p.name as project_name, ${key} as sort_key from ${from} where ${where} ${tail}`.execute(db);
  return rows;
}

/** What of a new or changed application is another's already. */
export type TakenPart =
  | { readonly part: 'name' }
  | { readonly part: 'clientId' }
  | { readonly part: 'resourceUri'; readonly uri: string };

/**
 * What of an application is another's already: its name in the project, its client id or a resource URI in the instance.
 * No other application of the project is named before this change ends, none of the instance claims a resource.
 */
export async function findTakenPart(
  change: Change,
  wanted: {
    readonly id: string;
    readonly projectId: string;
    readonly name?: string | undefined;
    readonly clientId?: string | undefined;
    readonly resourceUris?: readonly string[] | undefined;
  },
): Promise<TakenPart | undefined> {
  const { instanceId } = change.scope;
  const { id, projectId, name, clientId, resourceUris = [] } = wanted;
  if (name !== undefined) {
    await sql`select id from projects where instance_id = ${instanceId} and id = ${projectId} for no key update`.execute(
      change.trx,
    );
    const { rows } =
      await sql`select id from applications where instance_id = ${instanceId} and project_id = ${projectId}
      and name = ${name} and state <> 'removed' and id <> ${id} limit 1`.execute(change.trx);
    if (rows.length > 0) return { part: 'name' };
  }
  if (clientId !== undefined) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`client ids ${instanceId}`}, 0))`.execute(
      change.trx,
    );
    // A machine user signs in by its login name, which is a client id as well.
    const { rows } =
      await sql`select id from applications where instance_id = ${instanceId} and client_id = ${clientId}
      union all select id from users where instance_id = ${instanceId} and login_name_canonical = ${clientId.toLowerCase()} limit 1`.execute(
        change.trx,
      );
    if (rows.length > 0) return { part: 'clientId' };
  }
  if (resourceUris.length > 0) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`resources ${instanceId}`}, 0))`.execute(
      change.trx,
    );
    const { rows } = await sql<{
      uri: string;
    }>`select u.uri from applications a, unnest(a.resource_uris) as u(uri)
      where a.instance_id = ${instanceId} and a.id <> ${id} and a.state <> 'removed'
        and a.resource_uris && ${[...resourceUris]}::text[] and u.uri = any(${[...resourceUris]}::text[]) limit 1`.execute(
      change.trx,
    );
    if (rows[0] !== undefined) return { part: 'resourceUri', uri: rows[0].uri };
  }
  return undefined;
}

/** Old and new values of what a change of settings changes, for the event. */
export interface SettingDifference {
  readonly from: Readonly<Record<string, unknown>>;
  readonly to: Readonly<Record<string, unknown>>;
}

/**
 * Saves changed settings of an application. Where they are tighter than before, `reach` is 'ends-tokens': everything it
 * was given ends.
 */
export async function saveApplicationSettings(
  change: Change,
  application: Pick<ApplicationRecord, 'id' | 'organizationId'>,
  settings: ApplicationSettings,
  outcome: { readonly difference: SettingDifference; readonly reach: 'ends-tokens' | 'keeps-tokens' },
): Promise<void> {
  const { instanceId } = change.scope;
  const { id, organizationId } = application;
  const endsTokens = outcome.reach === 'ends-tokens';
  await change.trx
    .updateTable('applications')
    .set(settings)
    .where('instanceId', '=', instanceId)
    .where('id', '=', id)
    .execute();
  if (endsTokens)
    await sql`update grants set ended_at_ms = ${change.nowMs}
      where instance_id = ${instanceId} and ended_at_ms is null and application_id = ${id}`.execute(
      change.trx,
    );
  await change.record({
    type: 'application.changed',
    objectKind: 'application',
    objectId: id,
    organizationId,
    detail: { ...outcome.difference, endsTokens },
    revokes: endsTokens ? [revocationOf('application', id, change.nowMs, 'so-far')] : [],
    reach: 'waking',
  });
}
