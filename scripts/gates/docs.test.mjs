import { describe, expect, test } from 'vitest';
import { checkLinks, docs } from './docs.mjs';
import { treeOf } from './source-tree.mjs';

/**
 * @param {string} folder
 * @param {Record<string, string>} sources
 */
async function messagesFor(folder, sources) {
  const manifest = JSON.stringify({ name: 'x', exports: { '.': { '@latchkey/source': './src/index.ts' } } });
  const files = Object.entries(sources).map(([name, source]) => [`${folder}/src/${name}`, source]);
  const tree = treeOf({ [`${folder}/package.json`]: manifest, ...Object.fromEntries(files) });
  return (await docs.check(tree, '')).findings.map(({ message }) => message);
}

describe('public names', () => {
  test.each([
    'export const a = 1;',
    'export function a() {}',
    'export interface A {}',
    'export type A = string;',
    '// a line comment is not a doc comment\nexport const a = 1;',
    '/** @internal */\nexport const a = 1;',
    '/** */\nexport const a = 1;',
    'function a() {}\nexport { a as b };',
  ])('%s is a finding', async (source) => {
    expect(await messagesFor('packages/x', { 'index.ts': source })).toHaveLength(1);
  });

  test('a name is followed through re-exports to its declaration', async () => {
    const files = {
      'index.ts': "export { a as b } from './a.ts'; export * from './c.ts';",
      'a.ts': 'export const a = 1;',
    };
    expect(
      await messagesFor('packages/x', { ...files, 'c.ts': '/** A number. */\nexport const c = 1;' }),
    ).toEqual(['b is public and has no doc comment']);
  });

  test('an overload documented once is documented', async () => {
    const source =
      '/** Does it. */\nexport function a(x: string): void;\nexport function a(x: number): void;\nexport function a() {}';
    expect(await messagesFor('packages/x', { 'index.ts': source })).toEqual([]);
  });

  test('names that the public face does not export need no comment', async () => {
    expect(await messagesFor('packages/x', { 'index.ts': '', 'a.ts': 'export const a = 1;' })).toEqual([]);
  });
});

describe('protocol functions', () => {
  test.each([
    '@see RFC 7662 §2.2',
    '@see OpenID Connect Core 1.0 §3.1.2.1',
    '@see ZITADEL dialect: roles claim',
    '@see https://example.org/spec#section-2',
  ])('%s is a source', async (see) => {
    expect(
      await messagesFor('packages/protocol', {
        'index.ts': `/**\n * Does it.\n * ${see}\n */\nexport function a() {}`,
      }),
    ).toEqual([]);
  });

  test.each([
    '/** Does it. */',
    '/**\n * Does it, RFC 7662 §2.2.\n */',
    '/**\n * Does it.\n * @see the standard\n */',
  ])('%s names no source', async (comment) => {
    expect(
      await messagesFor('packages/protocol', { 'index.ts': `${comment}\nexport function a() {}` }),
    ).toHaveLength(1);
    expect(
      await messagesFor('packages/protocol', { 'index.ts': `${comment}\nexport const a = () => {};` }),
    ).toHaveLength(1);
  });
});

describe('links', () => {
  const files = { 'README.md': '', 'docs/a.md': '# The title\n\n## Step 2: `run` it!\n' };

  /** @param {string} text */
  const broken = (text) =>
    checkLinks(treeOf({ ...files, 'docs/b.md': text }), (path) => path === 'docs/images/a.png').findings
      .length;

  test.each([
    '[a](a.md)',
    '[a](./a.md#the-title)',
    '[a](a.md#step-2-run-it)',
    '[a](../README.md)',
    '![a](images/a.png)',
    '[a](https://example.com/x)',
    '[a](mailto:a@example.com)',
    '`[a](gone.md)`',
    '```\n[a](gone.md)\n```',
    '[a]: a.md',
  ])('%s leads somewhere', (text) => {
    expect(broken(text)).toBe(0);
  });

  test.each([
    '[a](gone.md)',
    '[a](a.md#gone)',
    '[a](#gone)',
    '![a](images/gone.png)',
    '[a](../../outside.md)',
    '[a](/docs/a.md)',
    '[a]: gone.md',
    '<img src="gone.png">',
  ])('%s is broken', (text) => {
    expect(broken(text)).toBe(1);
  });

  test('an article of the news example may link from the root of its site; its relative links are checked', () => {
    const page = 'examples/news/api/content/articles/a/b.md';
    const check = (/** @type {string} */ text) => checkLinks(treeOf({ [page]: text }), () => false).findings;
    expect(check('[a](/articles/c)')).toEqual([]);
    expect(check('[a](gone.md)')).toHaveLength(1);
  });
});

test('AGENTS.md has at most 120 lines', async () => {
  expect((await docs.check(treeOf({ 'AGENTS.md': 'x\n'.repeat(130) }), '')).findings).toHaveLength(1);
});
