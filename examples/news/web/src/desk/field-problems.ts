import type { FieldProblem } from '@latchkey-examples/news-api/contract';

/** The problems the API found by the field of the form: `/body/text` belongs to `body`. */
export function fieldsOf(problems: readonly FieldProblem[]): ReadonlyMap<string, string> {
  return new Map(problems.map(({ pointer, detail }) => [pointer.split('/')[1] ?? '', detail]));
}
