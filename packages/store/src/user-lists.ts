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

// So many are looked up one by one and sorted; where more begin like this, a walk in the order of the list meets a page
// of them soon.
const sparse = 1500;

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

/** The ids of those a search finds; `undefined` when they are many. */
async function findSparse(
  db: Kysely<Tables>,
  scope: Scope,
  beginning: string,
): Promise<readonly string[] | undefined> {
  const { instanceId } = scope;
  const branches = searched.map(
    (column) =>
      sql`(select u.id from users u where u.instance_id = ${instanceId} and ${beginsLike(column, beginning)} limit ${sparse + 1})`,
  );
  const { rows } = await sql<{
    id: string;
  }>`select distinct id from (${sql.join(branches, sql` union all `)}) found limit ${sparse + 1}`.execute(db);
  return rows.length > sparse ? undefined : rows.map(({ id }) => id);
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

/** A page of users. */
export async function listUserRecords(
  db: Kysely<Tables>,
  scope: Scope,
  filter: UserFilter,
  page: WantedPage,
): Promise<readonly (UserRecord & { readonly sortKey: string })[]> {
  if (filter.reach.kind === 'some' && filter.reach.organizationIds.length === 0) return [];
  const typed = (filter.search ?? '').replace(/[\p{Cc}\p{Cs}]/gu, '');
  const search = typed.normalize('NFKC').toLowerCase().normalize('NFKC').trim();
  const ids = search === '' ? undefined : await findSparse(db, scope, search);
  if (ids?.length === 0) return [];
  const key = filter.sort.endsWith('displayName') ? displayName : sql`u.id`;
  const { beyond, tail } = keyset({ key, id: sql`u.id`, isDescending: filter.sort.startsWith('-') }, page);
  const found =
    search === ''
      ? undefined
      : ids === undefined
        ? sql`(${sql.join(
            searched.map((column) => beginsLike(column, search)),
            sql` or `,
          )})`
        : sql`u.id = any(${ids}::text[])`;
  const where = allOf([sql`u.instance_id = ${scope.instanceId}`, ...narrowed(filter), found, beyond]);
  const { rows } = await sql<UserRecord & { sortKey: string }>`select ${userRecordColumns}, ${key} as sort_key
    from ${userRecordTables} where ${where} ${tail}`.execute(db);
  return rows;
}
