import { type Kysely, type RawBuilder, sql } from 'kysely';
import { allOf, keyset, type ListReach, type WantedPage } from './list-page.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';
import { type UserRecord, userRecordColumns, userRecordTables } from './user-records.ts';

/** What a list of users is narrowed to. */
export interface UserFilter {
  readonly reach: ListReach;
  readonly organizationId?: string | undefined;
  readonly kind?: 'human' | 'machine' | undefined;
  readonly state?: 'active' | 'inactive' | 'locked' | undefined;
  /** Beginning of login name, e-mail address, display name or family name. */
  readonly search?: string | undefined;
  readonly sort: 'createdAt' | '-createdAt' | 'displayName' | '-displayName';
}

// So many index entries are read and sorted; where more begin like this, a walk in the order of the list meets a page of
// them soon.
const sparse = 20_000;

const displayName = sql`lower(u.display_name) collate "C"`;

/** The columns a search looks at, each with its index. */
const searched = [
  sql`u.login_name_canonical`,
  sql`u.email_canonical`,
  displayName,
  sql`lower(u.family_name)`,
] as const;

/** Values that begin like a text, as a range of the index: `like` would not use it in a plan that is kept. */
function beginsLike(column: RawBuilder<unknown>, beginning: string): RawBuilder<unknown> {
  const letters = [...beginning];
  const last = letters.at(-1)?.codePointAt(0) ?? 0;
  if (last >= 0x10ffff) return sql`starts_with(${column}, ${beginning})`;
  // Text is ordered by code point, and no text holds a surrogate.
  const next = String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  const end = letters.slice(0, -1).join('') + next;
  return column === displayName
    ? sql`(${column} >= ${beginning} and ${column} < ${end})`
    : sql`(${column} ~>=~ ${beginning} and ${column} ~<~ ${end})`;
}

/** What the index of each column tells of those a search finds; somebody found twice is there twice. */
function entries(scope: Scope, beginning: string): RawBuilder<unknown> {
  const branches = searched.map(
    (
      column,
    ) => sql`(select u.id, u.organization_id, u.state, u.kind, ${displayName} as display_key from users u
      where u.instance_id = ${scope.instanceId} and ${beginsLike(column, beginning)})`,
  );
  return sql.join(branches, sql` union all `);
}

/** The organizations whose users are wanted and may be seen; `undefined` for all of the instance. */
function organizationsOf({ reach, organizationId }: UserFilter): readonly string[] | undefined {
  if (reach.kind === 'instance') return organizationId === undefined ? undefined : [organizationId];
  return reach.organizationIds.filter((id) => organizationId === undefined || id === organizationId);
}

// States and kinds are written into the statement: a plan that is kept knows then which of them are rare. One organization
// is an equation, so that its index gives its users in order.
function narrowed(filter: UserFilter): readonly (RawBuilder<unknown> | undefined)[] {
  const { kind, state } = filter;
  const ids = organizationsOf(filter);
  return [
    state === undefined ? sql`u.state <> 'removed'` : sql`u.state = ${sql.lit(state)}`,
    kind === undefined ? undefined : sql`u.kind = ${sql.lit(kind)}`,
    ids === undefined
      ? undefined
      : ids.length === 1
        ? sql`u.organization_id = ${ids[0]}`
        : sql`u.organization_id = any(${ids}::text[])`,
  ];
}

function searchOf({ search = '' }: UserFilter): string {
  const typed = search.replace(/[\p{Cc}\p{Cs}]/gu, '');
  return typed.normalize('NFKC').toLowerCase().normalize('NFKC').trim();
}

type SortedUser = UserRecord & { readonly sortKey: string };

/** A page of what a search finds, chosen by the indexes alone; `undefined` when they tell too many. */
async function listFound(
  db: Kysely<Tables>,
  scope: Scope,
  filter: UserFilter,
  page: WantedPage,
): Promise<readonly SortedUser[] | undefined> {
  const key = filter.sort.endsWith('displayName') ? sql`u.display_key` : sql`u.id`;
  const order = { key, id: sql`u.id`, isDescending: filter.sort.startsWith('-') };
  // Whoever is found by every column is there so often, one beside the other.
  const repeated = { ...page, limit: page.limit * searched.length };
  const { beyond, tail } = keyset(order, repeated);
  const direction = order.isDescending ? sql`desc` : sql`asc`;
  const { rows } = await sql<SortedUser & { readonly entryCount: number }>`
    with entries as materialized (${entries(scope, searchOf(filter))} limit ${sparse + 1}),
    nearest as (select u.id, ${key} as sort_key from entries u where ${allOf([...narrowed(filter), beyond])} ${tail}),
    chosen as (select distinct id, sort_key from nearest order by sort_key ${direction}, id ${direction} limit ${page.limit})
    select ${userRecordColumns}, chosen.sort_key, counted.entry_count
    from (select count(*)::int as entry_count from entries) counted
    left join (chosen
      join users u on u.instance_id = ${scope.instanceId} and u.id = chosen.id
      join organizations o on o.instance_id = u.instance_id and o.id = u.organization_id) on true
    order by chosen.sort_key ${direction}, u.id ${direction}`.execute(db);
  if ((rows[0]?.entryCount ?? 0) > sparse) return undefined;
  return rows.filter(({ id }) => id !== null);
}

/** A page of users. */
export async function listUserRecords(
  db: Kysely<Tables>,
  scope: Scope,
  filter: UserFilter,
  page: WantedPage,
): Promise<readonly SortedUser[]> {
  if (organizationsOf(filter)?.length === 0) return [];
  const search = searchOf(filter);
  const found = search === '' ? undefined : await listFound(db, scope, filter, page);
  if (found !== undefined) return found;
  const key = filter.sort.endsWith('displayName') ? displayName : sql`u.id`;
  const order = { key, id: sql`u.id`, isDescending: filter.sort.startsWith('-') };
  const { beyond, tail } = keyset(order, page);
  const matches = searched.map((column) => beginsLike(column, search));
  const where = allOf([
    sql`u.instance_id = ${scope.instanceId}`,
    ...narrowed(filter),
    search === '' ? undefined : sql`(${sql.join(matches, sql` or `)})`,
    beyond,
  ]);
  const { rows } = await sql<SortedUser>`select ${userRecordColumns}, ${key} as sort_key
    from ${userRecordTables} where ${where} ${tail}`.execute(db);
  return rows;
}
