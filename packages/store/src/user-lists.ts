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
function entries(scope: Scope, beginning: string, limit: RawBuilder<unknown>): RawBuilder<unknown> {
  const branches = searched.map(
    (
      column,
    ) => sql`(select u.id, u.organization_id, u.state, u.kind, ${displayName} as display_key from users u
      where u.instance_id = ${scope.instanceId} and ${beginsLike(column, beginning)} ${limit})`,
  );
  return sql.join(branches, sql` union all `);
}

async function isSparse(db: Kysely<Tables>, scope: Scope, beginning: string): Promise<boolean> {
  const limited = entries(scope, beginning, sql`limit ${sparse + 1}`);
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from (${limited}) e`.execute(
    db,
  );
  return (rows[0]?.count ?? 0) <= sparse;
}

// States and kinds are written into the statement: a plan that is kept knows then which of them are rare.
function narrowed({
  organizationId,
  kind,
  state,
  reach,
}: UserFilter): readonly (RawBuilder<unknown> | undefined)[] {
  return [
    state === undefined ? sql`u.state <> 'removed'` : sql`u.state = ${sql.lit(state)}`,
    kind === undefined ? undefined : sql`u.kind = ${sql.lit(kind)}`,
    organizationId === undefined ? undefined : sql`u.organization_id = ${organizationId}`,
    reach.kind === 'instance' ? undefined : sql`u.organization_id = any(${reach.organizationIds}::text[])`,
  ];
}

function searchOf({ search = '' }: UserFilter): string {
  const typed = search.replace(/[\p{Cc}\p{Cs}]/gu, '');
  return typed.normalize('NFKC').toLowerCase().normalize('NFKC').trim();
}

type SortedUser = UserRecord & { readonly sortKey: string };

/** A page of what a search finds, chosen by the indexes alone. */
async function listFound(
  db: Kysely<Tables>,
  scope: Scope,
  filter: UserFilter,
  page: WantedPage,
): Promise<readonly SortedUser[]> {
  const key = filter.sort.endsWith('displayName') ? sql`u.display_key` : sql`u.id`;
  const order = { key, id: sql`u.id`, isDescending: filter.sort.startsWith('-') };
  const { beyond, tail } = keyset(order, page);
  const where = allOf([...narrowed(filter), beyond]);
  const direction = order.isDescending ? sql`desc` : sql`asc`;
  const { rows } = await sql<SortedUser>`
    with chosen as (select distinct u.id, ${key} as sort_key from (${entries(scope, searchOf(filter), sql``)}) u
      where ${where} ${tail})
    select ${userRecordColumns}, chosen.sort_key from chosen
    join users u on u.instance_id = ${scope.instanceId} and u.id = chosen.id
    join organizations o on o.instance_id = u.instance_id and o.id = u.organization_id
    order by chosen.sort_key ${direction}, u.id ${direction}`.execute(db);
  return rows;
}

/** A page of users. */
export async function listUserRecords(
  db: Kysely<Tables>,
  scope: Scope,
  filter: UserFilter,
  page: WantedPage,
): Promise<readonly SortedUser[]> {
  if (filter.reach.kind === 'some' && filter.reach.organizationIds.length === 0) return [];
  const search = searchOf(filter);
  if (search !== '' && (await isSparse(db, scope, search))) return await listFound(db, scope, filter, page);
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
