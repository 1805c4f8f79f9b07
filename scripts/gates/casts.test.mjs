import { describe, expect, test } from 'vitest';
import { casts } from './casts.mjs';
import { treeOf } from './source-tree.mjs';

/**
 * @param {string} source
 * @param {string} [path]
 */
async function messagesFor(source, path = 'packages/x/src/a.ts') {
  return (await casts.check(treeOf({ [path]: source }), '')).findings.map(({ message }) => message);
}

describe('casts', () => {
  test.each([
    'const a = b as string;',
    'const a = b as unknown as string;',
    'const a = (b as unknown) as string;',
    'const a = <string>b;',
    '// cast: x\nconst a = b as string;',
    '// cast: the schema has checked it\nconst a = {\n  b,\n  c: d as string };',
    '// because it is known\nconst a = b as string;',
    '// cast: the schema has checked it\n\nconst a = b as string;',
  ])('%s is a finding', async (source) => {
    expect(await messagesFor(source)).toHaveLength(1);
  });

  test.each([
    'const a = [1] as const;',
    'const a = b satisfies string;',
    "import { a as b } from './a.ts';",
    'const a = b as string; // cast: the schema has checked it',
    '// cast: the schema has checked it\nconst a = b as string;',
    '// cast: the schema has checked it,\n// field by field\nconst a = b as string;',
    '// cast: the schema has checked it\nconst a =\n  b as string;',
    "const a = 'cast as any other';",
  ])('%s is fine', async (source) => {
    expect(await messagesFor(source)).toEqual([]);
  });

  test('brands are made by casts, in files named for it', async () => {
    expect(await messagesFor('export const a = (x: string) => x as A;', 'packages/x/src/brands.ts')).toEqual(
      [],
    );
    expect(
      await messagesFor('export const a = (x: string) => x as A;', 'packages/x/src/time-brands.ts'),
    ).toEqual([]);
  });

  test('a test may cast what it reads, but not to any', async () => {
    expect(await messagesFor('const a = b as { id: string };', 'packages/x/src/a.test.ts')).toEqual([]);
    expect(await messagesFor('const a = b as any;', 'packages/x/src/a.test.ts')).toHaveLength(1);
  });
});

test.each([
  'let a: any;',
  'const a = b!;',
  'const a = b!.c;',
  'let a!: string;',
  'function f(x: Array<any>) {}',
])('%s is a hole', async (source) => {
  expect(await messagesFor(source)).toHaveLength(1);
});

describe('suppressions', () => {
  test.each([
    '// biome-ignore lint/style/useConst: x\nlet a = 1;',
    '// biome-ignore lint/style/useConst\nlet a = 1;',
    '// @ts-expect-error\nlet a = 1;',
    '/* @ts-expect-error */\nlet a = 1;',
    '// @ts-ignore because I know better\nlet a = 1;',
    '// @ts-nocheck because I know better\nlet a = 1;',
    '// eslint-disable-next-line no-var\nlet a = 1;',
  ])('%s is a finding', async (source) => {
    expect(await messagesFor(source)).toHaveLength(1);
  });

  test.each([
    '// biome-ignore lint/style/useConst: the loop below assigns it\nlet a = 1;',
    '// @ts-expect-error the types of x 1.2 miss this option\nlet a = 1;',
    "const a = '// @ts-ignore';",
  ])('%s is fine', async (source) => {
    expect(await messagesFor(source)).toEqual([]);
  });
});
