/** A page of a list as it is answered: of `limit + 1` rows that were read, the last only shows that there is more. */
export function pageAnswer<Row, Item>(
  rows: readonly Row[],
  limit: number,
  of: {
    readonly item: (row: Row) => Item;
    readonly position: (row: Row) => readonly (string | number)[];
    readonly cursorAfter: (position: readonly (string | number)[]) => string;
  },
): { items: Item[]; nextCursor?: string } {
  const shown = rows.slice(0, limit);
  const items = shown.map(of.item);
  const last = shown.at(-1);
  return rows.length > limit && last !== undefined
    ? { items, nextCursor: of.cursorAfter(of.position(last)) }
    : { items };
}
