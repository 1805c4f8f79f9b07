import { describe, expect, test } from 'vitest';
import { quantile, sizes } from './sizes.mjs';
import { treeOf } from './source-tree.mjs';

/** @param {number} count */
const statements = (count) => 'work();\n'.repeat(count);

/** @param {Record<string, string>} files */
const check = async (files) => sizes.check(treeOf(files), '');

/**
 * @param {string} path
 * @param {string} source
 */
const messagesFor = async (path, source) =>
  (await check({ [path]: source })).findings.map(({ message }) => message);

describe('files', () => {
  test('400 lines pass, 401 do not', async () => {
    expect(await messagesFor('packages/x/src/a.ts', statements(400))).toEqual([]);
    expect(await messagesFor('packages/x/src/a.ts', statements(401))).toEqual([
      'has 401 lines, more than 400',
    ]);
  });

  test('a test file may have 500 lines', async () => {
    expect(await messagesFor('packages/x/src/a.test.ts', statements(500))).toEqual([]);
    expect(await messagesFor('packages/x/src/a.test.ts', statements(501))).toHaveLength(1);
  });

  test('a message catalogue is data and may be long', async () => {
    expect(await messagesFor('packages/login-ui/src/messages/de.ts', statements(900))).toEqual([]);
  });

  test('a median above 100 lines is a warning', async () => {
    const { findings, warnings } = await check({
      'packages/x/src/a.ts': statements(120),
      'packages/x/src/b.ts': statements(130),
    });
    expect(findings).toEqual([]);
    expect(warnings).toHaveLength(1);
  });
});

describe('functions', () => {
  test.each([
    ['declaration', `function f() {\n${statements(79)}}`],
    ['arrow', `const f = () => {\n${statements(79)}};`],
    ['method', `const o = { f() {\n${statements(79)}} };`],
    ['callback', `run(() => {\n${statements(79)}});`],
  ])('a %s of more than 80 lines is a finding', async (_kind, source) => {
    expect(await messagesFor('packages/x/src/a.ts', source)).toHaveLength(1);
    expect(await messagesFor('packages/x/src/a.ts', source.replace('work();\n', ''))).toEqual([]);
  });

  test('a component may have 150 lines, a function that only looks like one may not', async () => {
    const component = `export function Page() {\n${statements(140)}return <main />;\n}`;
    expect(await messagesFor('packages/x/src/a.tsx', component)).toEqual([]);
    expect(await messagesFor('packages/x/src/a.tsx', component.replace('<main />', 'null'))).toHaveLength(1);
    expect(
      await messagesFor(
        'packages/x/src/a.tsx',
        component.replace(
          'work',
          'work();\nwork();\nwork();\nwork();\nwork();\nwork();\nwork();\nwork();\nwork();\nwork',
        ),
      ),
    ).toHaveLength(1);
  });

  test('many functions of 50 lines are a finding though each passes', async () => {
    const functions = Array.from(
      { length: 20 },
      (_, index) => `function f${index}() {\n${statements(48)}}\n`,
    );
    const files = Object.fromEntries(
      functions.map((source, index) => [`packages/x/src/f${index}.ts`, source]),
    );
    expect((await check(files)).findings.map(({ file }) => file)).toEqual(['packages/x']);
  });
});

test('a quantile is a value of the list', () => {
  expect(quantile([], 0.5)).toBe(0);
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(
    quantile(
      Array.from({ length: 100 }, (_, index) => index + 1),
      0.95,
    ),
  ).toBe(95);
});
