/** A field that a configuration wants otherwise than it is. */
export interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, canonical(each)]),
  );
}

/** Whether two values say the same; the order of fields says nothing, absent and null are one. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}

/** The fields a configuration names whose values are others now. */
export function differenceOf(
  wanted: Readonly<Record<string, unknown>>,
  present: Readonly<Record<string, unknown>>,
  prefix = '',
): readonly FieldChange[] {
  return Object.entries(wanted)
    .filter(([field, to]) => to !== undefined && !isSame(present[field], to))
    .map(([field, to]) => ({ field: `${prefix}${field}`, from: present[field] ?? null, to }));
}

/** The fields of something new, as a plan tells them. */
export function fieldsOf(wanted: Readonly<Record<string, unknown>>): readonly FieldChange[] {
  const hidden = ['password', 'passwordHash'];
  return Object.entries(wanted)
    .filter(([, to]) => to !== undefined)
    .map(([field, to]) => ({ field, from: null, to: hidden.includes(field) ? '(hidden)' : to }));
}
