import { expect, test } from 'vitest';
import { reachableFrom } from './reach.mjs';
import { treeOf } from './source-tree.mjs';

test('a name taken through a public face leads to its file only, types lead nowhere', () => {
  const manifest = JSON.stringify({
    name: '@latchkey/protocol',
    exports: { '.': { '@latchkey/source': './src/index.ts' } },
  });
  const tree = treeOf({
    'packages/protocol/package.json': manifest,
    'packages/protocol/src/index.ts': "export { a } from './a.ts'; export { b } from './b.ts';",
    'packages/protocol/src/a.ts': "import { c } from './c.ts'; export const a = c;",
    'packages/protocol/src/b.ts': 'export const b = 1;',
    'packages/protocol/src/c.ts': 'export const c = 1;',
    'packages/server/src/start.ts':
      "import { a } from '@latchkey/protocol'; import type { T } from './types.ts';",
    'packages/server/src/types.ts': 'export type T = 1;',
  });
  expect([...reachableFrom(tree, 'packages/server/src/start.ts')]).toEqual([
    'packages/server/src/start.ts',
    'packages/protocol/src/a.ts',
    'packages/protocol/src/c.ts',
  ]);
});
