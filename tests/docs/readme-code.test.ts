import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { typeProblems } from './type-check.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = [
  'README.md',
  'docs/getting-started.md',
  'packages/sdk-api/README.md',
  'packages/sdk-bff/README.md',
  'packages/sdk-browser/README.md',
  'packages/sdk-next/README.md',
  'packages/sdk-react/README.md',
  'packages/sdk-vue/README.md',
];

/** The code blocks of a page as files beside it, so that imports resolve as they would there. */
function blocksOf(page: string): [string, string][] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/```(tsx?)\n(.*?)```/gs)].map(([, kind, code], index) => [
    join(root, dirname(page), `readme-block-${index}.${kind}`),
    // Every block is a module of its own.
    `${code}\nexport {};\n`,
  ]);
}

test('every piece of TypeScript in the documentation type-checks', () => {
  const files = new Map(pages.flatMap(blocksOf));
  // Vue components are compiled by a test of their own.
  const components =
    "declare module '*.vue' { const component: import('vue').Component; export default component; }";
  files.set(join(root, 'packages/sdk-vue/components.d.ts'), components);
  const auth = "declare module '@/lib/auth' { export const auth: import('@latchkey/next').Auth; }";
  files.set(join(root, 'packages/sdk-next/auth.d.ts'), auth);
  expect(files.size).toBeGreaterThan(8);
  expect(typeProblems(files, root)).toEqual([]);
}, 120_000);
