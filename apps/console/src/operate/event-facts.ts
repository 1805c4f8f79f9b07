/** A field that was changed. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The detail of an event, apart by what changed and what is told beside it. */
export interface EventFacts {
  readonly changes: readonly FieldChange[];
  readonly facts: readonly (readonly [name: string, value: unknown])[];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the detail of an event. `from` and `to` hold fields by name, or one value each; the rest are facts.
 */
export function factsOf(detail: Readonly<Record<string, unknown>>): EventFacts {
  const { from, to, ...rest } = detail;
  const facts = Object.entries(rest);
  if (from === undefined && to === undefined) return { changes: [], facts };
  const isByField = (from === undefined || isRecord(from)) && (to === undefined || isRecord(to));
  if (!isByField) return { changes: [{ field: '', before: from, after: to }], facts };
  const before = isRecord(from) ? from : {};
  const after = isRecord(to) ? to : {};
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return {
    changes: fields.map((field) => ({ field, before: before[field], after: after[field] })),
    facts,
  };
}

/** A value for people: text as it is, nothing as a dash, the rest as JSON. */
export function told(value: unknown): string {
  if (value === undefined || value === null || value === '') return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
