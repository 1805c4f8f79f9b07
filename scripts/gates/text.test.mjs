import { describe, expect, test } from 'vitest';
import { treeOf } from './source-tree.mjs';
import { text } from './text.mjs';

/**
 * @param {string} path
 * @param {string} content
 */
async function count(path, content) {
  return (await text.check(treeOf({ [path]: content }), '')).findings.length;
}

describe('work left behind', () => {
  test('needs an issue', async () => {
    expect(await count('packages/x/src/a.ts', '// TODO later')).toBe(1);
    expect(await count('docs/a.md', 'FIXME: this')).toBe(1);
    expect(await count('packages/x/src/a.ts', '// TODO(#12) later')).toBe(0);
  });
});

describe('tests switched off', () => {
  test.each([
    "test.only('a', f);",
    "describe.only('a', f);",
    "it.concurrent.only('a', f);",
    "test.skip('a', f);",
    "describe.skipIf(x)('a', f);",
    "test.todo('a');",
    'ctx.skip();',
    'skip();',
  ])('%s is a finding in a test', async (line) => {
    expect(await count('packages/x/src/a.test.ts', line)).toBe(1);
    expect(await count('tests/flows/a.ts', line)).toBe(1);
  });

  test.each(["ctx.skip('no IPv6 here');", "skip('no IPv6 here');", 'reader.skip();', "test('a.only', f);"])(
    '%s is fine',
    async (line) => {
      expect(await count('packages/x/src/a.test.ts', line)).toBe(0);
    },
  );
});

describe('one machine', () => {
  test.each([
    "const a = '/work/main/x';",
    'see /root/.bashrc',
    'cd /home/ada/latchkey',
    "'/Users/ada/x'",
    'C:\\Users\\ada',
  ])('%s is a finding', async (line) => {
    expect(await count('docs/a.md', line)).toBe(1);
  });

  test.each([
    'https://example.com/home/page',
    './work/x',
    'node_modules/root/x',
    "'/workspace/x'",
    "app.get('/home', f)",
    '~/work/x',
    '}/home/x',
  ])('%s is fine', async (line) => {
    expect(await count('docs/a.md', line)).toBe(0);
  });

  test.each([
    'https://registry.npmjs.org/x',
    'registry=https://registry.corp.example/npm',
    'https://artifactory.corp.example/',
  ])('%s names a registry', async (line) => {
    expect(await count('.npmrc', line)).toBe(1);
  });
});
