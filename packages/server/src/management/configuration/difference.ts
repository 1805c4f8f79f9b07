/** A field that a configuration wants otherwise than it is. */
export interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

// Lists whose first entry counts most; all other lists of texts are sets.
const orderedFields: readonly string[] = ['defaultAcrValues', 'allowedLanguages'];

function canonical(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((each) => canonical(each));
    const isSet = !orderedFields.includes(field) && items.every((each) => typeof each === 'string');
    return isSet ? [...new Set(items)].sort() : items;
  }
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, canonical(each, key)]),
  );
}

/**
 * Whether two values of a field say the same: the order of fields says nothing, nor that of texts in a list (save where the
 * field is ordered), and absent and null are one.
 */
export function isSame(a: unknown, b: unknown, field = ''): boolean {
  return JSON.stringify(canonical(a, field)) === JSON.stringify(canonical(b, field));
}

/** The fields a configuration names whose values are others now. */
export function differenceOf(
  wanted: Readonly<Record<string, unknown>>,
  present: Readonly<Record<string, unknown>>,
  prefix = '',
): readonly FieldChange[] {
  return Object.entries(wanted)
    .filter(([field, to]) => to !== undefined && !isSame(present[field], to, field))
    .map(([field, to]) => ({ field: `${prefix}${field}`, from: present[field] ?? null, to }));
}

/** The fields of something new, as a plan tells them. */
export function fieldsOf(wanted: Readonly<Record<string, unknown>>): readonly FieldChange[] {
  const hidden = ['password', 'passwordHash', 'secretHash'];
  return Object.entries(wanted)
    .filter(([, to]) => to !== undefined)
    .map(([field, to]) => ({ field, from: null, to: hidden.includes(field) ? '(hidden)' : to }));
}
