import { describe, expect, test } from 'vitest';
import { treeOf } from './source-tree.mjs';
import { readRows, spec } from './spec.mjs';

const files = {
  'packages/x/src/a.ts': '',
  'packages/x/src/a.test.ts': `
    test('RFC 1 §2: the rule', () => {});
    describe('block', () => { it("inner | rule", () => {}); });
    test.each([1])('each %s', () => {});
  `,
};

/** @param {string} row */
async function messagesFor(row) {
  const tree = treeOf({
    ...files,
    'docs/spec/rfc1.md': `| requirement | file | test |\n|---|---|---|\n${row}\n`,
  });
  return (await spec.check(tree, '')).findings.map(({ message }) => message);
}

describe('rows', () => {
  test.each([
    '| a MUST | packages/x/src/a.ts | RFC 1 §2: the rule |',
    '| a MUST | `packages/x/src/a.ts` | `RFC 1 §2: the rule` |',
    '| a MUST | packages/x/src/a.ts | inner \\| rule |',
    '| a MUST | packages/x/src/a.ts | block > inner \\| rule |',
    '| a MUST | packages/x/src/a.ts | each %s<br>RFC 1 §2: the rule |',
  ])('%s is proved', async (row) => {
    expect(await messagesFor(row)).toEqual([]);
  });

  test.each([
    '| a MUST | packages/x/src/gone.ts | RFC 1 §2: the rule |',
    '| a MUST | packages/x/src/a.ts | RFC 1 §2: the |',
    '| a MUST | packages/x/src/a.ts | |',
    '| a MUST | – | RFC 1 §2: the rule |',
    '| a MUST | packages/x/src/a.ts | RFC 1 §2: the rule<br>another |',
  ])('%s is a finding', async (row) => {
    expect(await messagesFor(row)).toHaveLength(1);
  });
});

test('tables with other columns are left alone, further columns are ignored', () => {
  const markdown =
    '| name | value |\n|---|---|\n| a | b |\n\n| # | Requirement | File | Test |\n|---|:--|---|---|\n| 1 | r | f | t |\n';
  expect(readRows(markdown)).toEqual([{ line: 7, requirement: 'r', file: 'f', test: 't' }]);
});
