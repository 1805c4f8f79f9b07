const firstColumns: readonly string[] = [
  ...['id', 'keyId', 'key', 'loginName', 'clientId', 'name', 'displayName', 'type', 'kind', 'state'],
  ...['userLoginName', 'projectName', 'roleKeys', 'roles', 'host', 'domain', 'organizationName', 'email'],
];

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(', ');
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // Names come from strangers: nothing in them may steer the terminal.
  return text.replace(/\p{Cc}/gu, ' ');
}

function rank(name: string): number {
  const place = firstColumns.indexOf(name);
  return place < 0 ? firstColumns.length : place;
}

function isPlain(value: unknown): boolean {
  return (
    typeof value !== 'object' || value === null || (Array.isArray(value) && typeof value[0] !== 'object')
  );
}

/** The width of the terminal; 0 where output goes elsewhere, which is not cut. */
export function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : 0;
}

function clipped(text: string, width: number): string {
  const letters = Array.from(text);
  return letters.length <= width ? text : `${letters.slice(0, Math.max(width - 1, 1)).join('')}…`;
}

/** Rows as a table of at most `width` columns of text; 0 for any width. What does not fit is left out from the right. */
export function table(rows: readonly Readonly<Record<string, unknown>>[], width: number): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    .filter((name) => rows.every((row) => isPlain(row[name])))
    .sort((left, right) => rank(left) - rank(right));
  const columns: { readonly name: string; readonly width: number }[] = [];
  let left = width === 0 ? Number.POSITIVE_INFINITY : width;
  for (const name of names) {
    const wanted = Math.min(Math.max(name.length, ...rows.map((row) => cell(row[name]).length)), 48);
    if (left < Math.min(wanted, 12)) break;
    columns.push({ name, width: Math.min(wanted, left) });
    left -= wanted + 2;
  }
  const line = (text: (name: string) => string): string =>
    columns
      .map(({ name, width: cells }) => clipped(text(name), cells).padEnd(cells))
      .join('  ')
      .trimEnd();
  return [
    line((name) => name.replace(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase()),
    ...rows.map((row) => line((name) => cell(row[name]))),
  ].join('\n');
}

function flattened(value: object, prefix = ''): readonly (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([name, each]) =>
    isPlain(each) || Array.isArray(each)
      ? [[`${prefix}${name}`, each] as const]
      : flattened(each, `${prefix}${name}.`),
  );
}

/** An object as lines of names and values. */
export function lines(value: object): string {
  const pairs = flattened(value);
  const widest = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, each]) => `${name.padEnd(widest)}  ${cell(each)}`).join('\n');
}

function isRow(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An answer of the API for people: a table for lists, lines for an object. */
export function answerText(data: unknown, width: number): string {
  const items = isRow(data) && Array.isArray(data.items) ? data.items : data;
  if (Array.isArray(items)) return items.length === 0 ? 'There are none.' : table(items.filter(isRow), width);
  return isRow(data) ? lines(data) : 'Done.';
}
