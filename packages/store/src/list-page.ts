import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** Which part of a list is wanted. */
export interface WantedPage {
  /** One more than the page holds shows whether there is more. */
  readonly limit: number;
  /** Sort key and id of the row before. */
  readonly after: readonly (string | number)[] | undefined;
}

/** What somebody may see of a list: everything of the instance, or what belongs to some objects. */
export type ListReach =
  | { readonly kind: 'instance' }
  | {
      readonly kind: 'some';
      readonly organizationIds: readonly string[];
      readonly projectIds: readonly string[];
    };

/** Orders lists of named things come in. */
export type NamedOrder = 'createdAt' | '-createdAt' | 'name' | '-name';

/** Whether a text holds another, whatever its case; the searched one is no pattern. */
export function contains(text: RawBuilder<unknown>, part: string): RawBuilder<SqlBool> {
  const pattern = `%${part.toLowerCase().replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
  return sql<SqlBool>`lower(${text}) like ${pattern}`;
}

/** Conditions joined by and. */
export function allOf(conditions: readonly (RawBuilder<unknown> | undefined)[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.join(
    conditions.filter((condition) => condition !== undefined),
    sql` and `,
  )}`;
}

/** The key a list is sorted by, the condition of what comes after a row, and the order; `id` breaks ties. */
export function keyset(
  order: {
    readonly key: RawBuilder<unknown>;
    readonly id: RawBuilder<unknown>;
    readonly isDescending: boolean;
  },
  { limit, after }: WantedPage,
): { readonly beyond: RawBuilder<unknown> | undefined; readonly tail: RawBuilder<unknown> } {
  const { key, id, isDescending } = order;
  const [afterKey, afterId] = after ?? [];
  const comparison = isDescending ? sql`<` : sql`>`;
  const direction = isDescending ? sql`desc` : sql`asc`;
  return {
    beyond:
      after === undefined
        ? undefined
        : sql`(${key}, ${id}) ${comparison} (${String(afterKey)}, ${String(afterId)})`,
    tail: sql`order by ${key} ${direction}, ${id} ${direction} limit ${limit}`,
  };
}
