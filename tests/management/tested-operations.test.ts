import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Operation, operations } from '@latchkey/contract';
import { expect, test } from 'vitest';

const folder = import.meta.dirname;

/** The titles of every test beside this one. */
function titles(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(
        /\btest(?:\.each\([^)]*\))?\(\s*(['"`])(.*?)\1,/gs,
      ),
    ])
    .map((match) => match[2] ?? '');
}

const all = titles();
const entries: readonly (readonly [string, Operation])[] = Object.entries(operations);

test('every operation has a test of its success, titled with its id and status', () => {
  const missing = entries
    .map(([id, { status }]) => `${id}: ${status}`)
    .filter((wanted) => !all.some((title) => title.startsWith(wanted)));
  expect(missing).toEqual([]);
});

test('every problem an operation lists has a test, titled with its id and the code', () => {
  const missing = entries.flatMap(([id, { problems }]) =>
    problems
      .filter((code) => !all.some((title) => title.startsWith(`${id}: `) && title.includes(code)))
      .map((code) => `${id}: ${code}`),
  );
  expect(missing).toEqual([]);
});
