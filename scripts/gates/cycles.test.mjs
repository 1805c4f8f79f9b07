import { expect, test } from 'vitest';
import { cycles } from './cycles.mjs';
import { treeOf } from './source-tree.mjs';

/** @param {Record<string, string>} files */
async function messagesFor(files) {
  return (await cycles.check(treeOf(files), '')).findings.map(({ message }) => message);
}

test('files that import one another downwards are fine', async () => {
  expect(
    await messagesFor({
      'a.ts': "import './b.ts'; import './c.ts';",
      'b.ts': "import './c.ts';",
      'c.ts': '',
    }),
  ).toEqual([]);
});

test('a cycle of values is told once, with its path', async () => {
  const files = { 'a.ts': "import './b.ts';", 'b.ts': "export * from './c.ts';", 'c.ts': "import './a.ts';" };
  expect(await messagesFor(files)).toEqual(['import cycle: a.ts → b.ts → c.ts → a.ts']);
});

test('a cycle of types is a cycle', async () => {
  const files = { 'a.ts': "import type { B } from './b.ts';", 'b.ts': "export type B = import('./a.ts').A;" };
  expect(await messagesFor(files)).toHaveLength(1);
});

test('a file that imports itself is a cycle', async () => {
  expect(await messagesFor({ 'a.ts': "import './a.js';" })).toEqual(['import cycle: a.ts → a.ts']);
});

test("a cycle through a package's own name is a cycle", async () => {
  const manifest = JSON.stringify({
    name: '@latchkey/x',
    exports: { '.': { '@latchkey/source': './src/index.ts' } },
  });
  const files = {
    'packages/x/package.json': manifest,
    'packages/x/src/index.ts': "export * from './a.ts';",
    'packages/x/src/a.ts': "import { b } from '@latchkey/x';",
  };
  expect(await messagesFor(files)).toHaveLength(1);
});

test('two separate cycles are told separately', async () => {
  const files = {
    'a.ts': "import './b.ts';",
    'b.ts': "import './a.ts';",
    'c.ts': "import './d.ts';",
    'd.ts': "import './c.ts';",
  };
  expect(await messagesFor(files)).toHaveLength(2);
});
