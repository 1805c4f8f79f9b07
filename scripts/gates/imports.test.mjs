import { describe, expect, test } from 'vitest';
import { imports } from './imports.mjs';
import { treeOf } from './source-tree.mjs';

/** @param {string} name */
const manifest = (name) =>
  JSON.stringify({
    name,
    exports: { '.': { '@latchkey/source': './src/index.ts', default: './dist/index.js' } },
  });

const workspace = {
  'packages/protocol/package.json': manifest('@latchkey/protocol'),
  'packages/protocol/src/index.ts':
    "export { epochMs } from './brands.ts'; export { issue } from './issue.ts'; export type { Fact } from './issue.ts';",
  'packages/protocol/src/brands.ts': 'export function epochMs() {}',
  'packages/protocol/src/issue.ts': 'export function issue() {} export interface Fact {}',
  'packages/identity/package.json': manifest('@latchkey/identity'),
  'packages/store/package.json': manifest('@latchkey/store'),
  'packages/store/src/index.ts': '',
  'packages/server/package.json': manifest('@latchkey/server'),
  'packages/server/src/index.ts': '',
  'packages/testkit/package.json': manifest('@latchkey/testkit'),
  'packages/testkit/src/index.ts': '',
  'packages/sdk-react/package.json': manifest('@latchkey/react'),
};

/**
 * @param {string} path
 * @param {string} source
 * @param {Record<string, string>} [others]
 */
async function messagesFor(path, source, others = {}) {
  const { findings } = await imports.check(treeOf({ ...workspace, ...others, [path]: source }), '');
  return findings.filter(({ file }) => file === path).map(({ message }) => message);
}

describe('arrows between packages', () => {
  test('a package imports what the room table gives it', async () => {
    expect(
      await messagesFor(
        'packages/server/src/app.ts',
        "import '@latchkey/store'; import '@latchkey/protocol';",
      ),
    ).toEqual([]);
  });

  test.each([
    ['a package below does not import one above', 'packages/store/src/a.ts', "import '@latchkey/server';"],
    [
      'types count as imports',
      'packages/identity/src/a.ts',
      "import type { Fact } from '@latchkey/protocol';",
    ],
    ['re-exports count as imports', 'packages/identity/src/a.ts', "export * from '@latchkey/store';"],
    ['dynamic imports count as imports', 'packages/identity/src/a.ts', "await import('@latchkey/store');"],
    [
      'type queries count as imports',
      'packages/identity/src/a.ts',
      "export type A = import('@latchkey/store').B;",
    ],
    [
      'a relative path does not leave the package',
      'packages/server/src/a.ts',
      "import '../../store/src/index.ts';",
    ],
    [
      'a package that the table does not know is a finding',
      'packages/novelty/src/a.ts',
      "import '@latchkey/store';",
    ],
    ['react SDK knows no protocol', 'packages/sdk-react/src/a.ts', "import 'oauth4webapi';"],
    ['an example imports no inner package', 'examples/quotes/api/src/a.ts', "import '@latchkey/server';"],
    [
      'an example does not reach into a package by path',
      'examples/quotes/api/src/a.ts',
      "import '../../../../packages/store/src/index.ts';",
    ],
    ['product code does not import the testkit', 'packages/server/src/a.ts', "import '@latchkey/testkit';"],
  ])('%s', async (_rule, path, source) => {
    expect(await messagesFor(path, source)).toHaveLength(1);
  });

  test('a test file may import the testkit', async () => {
    expect(await messagesFor('packages/store/src/a.test.ts', "import '@latchkey/testkit';")).toEqual([]);
  });

  test('an example imports the published SDKs and packages of its own', async () => {
    expect(
      await messagesFor('examples/quotes/web/src/a.tsx', "import '@latchkey/react'; import 'react';"),
    ).toEqual([]);
  });

  test('a part of an example takes types of another part of the same example, and nothing else', async () => {
    const others = {
      'examples/news/api/package.json': manifest('@latchkey-examples/news-api'),
      'examples/quotes/web/package.json': manifest('@latchkey-examples/quotes-web'),
    };
    const types = "import type { Article } from '@latchkey-examples/news-api';";
    const values = "import { Article } from '@latchkey-examples/news-api';";
    expect(await messagesFor('examples/news/web/src/a.ts', types, others)).toEqual([]);
    expect(await messagesFor('examples/news/web/src/a.ts', values, others)).toHaveLength(1);
    expect(await messagesFor('examples/quotes/web/src/a.ts', types, others)).toHaveLength(1);
  });

  test('the store takes types and brand constructors from the pure packages, and no other value', async () => {
    expect(
      await messagesFor(
        'packages/store/src/a.ts',
        "import { epochMs, type Fact } from '@latchkey/protocol';",
      ),
    ).toEqual([]);
    expect(
      await messagesFor('packages/store/src/a.ts', "import { Fact } from '@latchkey/protocol';"),
    ).toEqual([]);
    expect(
      await messagesFor('packages/store/src/a.ts', "import { issue } from '@latchkey/protocol';"),
    ).toHaveLength(1);
  });
});

describe('database drivers', () => {
  test.each(['pg', 'kysely', '@electric-sql/pglite', '@electric-sql/pglite/worker', 'pg/lib/client.js'])(
    'only the store and the news example import %s',
    async (name) => {
      expect(await messagesFor('packages/store/src/a.ts', `import '${name}';`)).toEqual([]);
      expect(await messagesFor('examples/news/api/src/a.ts', `import '${name}';`)).toEqual([]);
      expect(await messagesFor('examples/quotes/api/src/a.ts', `import '${name}';`)).toHaveLength(1);
      expect(await messagesFor('packages/server/src/a.ts', `import '${name}';`)).toHaveLength(1);
      expect(await messagesFor('packages/testkit/src/a.ts', `import '${name}';`)).toHaveLength(1);
    },
  );
});

describe('rooms inside the server', () => {
  const files = {
    'packages/server/src/app.ts': '',
    'packages/server/src/platform/seal.ts': '',
    'packages/server/src/oauth/token.ts': '',
    'packages/server/src/oauth/finish-authorize.ts': '',
    'packages/server/src/login/password.ts': '',
    'packages/server/src/gadgets/thing.ts': '',
  };

  test.each([
    ['packages/server/src/app.ts', './oauth/token.ts'],
    ['packages/server/src/oauth/introspect.ts', '../platform/seal.ts'],
    ['packages/server/src/oauth/introspect.ts', './token.ts'],
    ['packages/server/src/login/steps.ts', '../oauth/finish-authorize.ts'],
  ])('%s may import %s', async (path, specifier) => {
    expect(await messagesFor(path, `import '${specifier}';`, files)).toEqual([]);
  });

  test.each([
    ['packages/server/src/platform/keys.ts', '../oauth/token.ts'],
    ['packages/server/src/platform/keys.ts', '../app.ts'],
    ['packages/server/src/oauth/token.ts', '../login/password.ts'],
    ['packages/server/src/login/steps.ts', '../oauth/token.ts'],
    ['packages/server/src/management/users.ts', '../oauth/finish-authorize.ts'],
    ['packages/server/src/app.ts', './gadgets/thing.ts'],
  ])('%s may not import %s', async (path, specifier) => {
    expect(await messagesFor(path, `import '${specifier}';`, files)).toHaveLength(1);
  });
});

describe('purity of protocol and identity', () => {
  test.each([
    'export const a = Date.now();',
    'export const a = new Date();',
    'export const a = Date();',
    'export const a = Math.random();',
    'export const a = process.env.HOME;',
    'export const a = crypto.randomUUID();',
    'export const a = globalThis.crypto.getRandomValues(new Uint8Array(1));',
    "import { randomBytes } from 'node:crypto';",
    "import { readFile } from 'node:fs/promises';",
    "import { readFile } from 'fs';",
    "export const a = () => fetch('https://example.com');",
    "export const a = () => globalThis.fetch('https://example.com');",
    'export const a = () => ({ fetch });',
    'export const a = () => setTimeout(() => {}, 1);',
    "console.log('x');",
    "import 'hono';",
  ])('%s is a finding', async (source) => {
    expect(await messagesFor('packages/identity/src/a.ts', source)).toHaveLength(1);
  });

  test.each([
    'export const a = (now: number) => new Date(now);',
    "import { createHash } from 'node:crypto'; export { createHash };",
    'export const a = (o: { fetch: (x: string) => void }) => o.fetch("x");',
    'export const a = (fetch: typeof globalThis.fetch) => fetch("https://example.com");',
    'export function a(steps: { process: number }) { const { process } = steps; return process; }',
    'export type A = typeof fetch; export interface B { fetch(): void; process: string }',
  ])('%s is fine', async (source) => {
    expect(await messagesFor('packages/protocol/src/a.ts', source)).toEqual([]);
  });

  test('a test of a pure package may use what it likes', async () => {
    expect(
      await messagesFor('packages/protocol/src/a.test.ts', "import 'node:fs'; Date.now(); process.env.A;"),
    ).toEqual([]);
  });
});

describe('the environment', () => {
  test.each([
    'export const a = process.env.HOME;',
    "export const a = process['env'];",
    'const { env } = process; export { env };',
    "import { env } from 'node:process'; export { env };",
    "import process from 'node:process'; export const a = process.env;",
    'export const a = globalThis.process.env;',
  ])('a package does not read it: %s', async (source) => {
    expect(await messagesFor('packages/server/src/a.ts', source)).toHaveLength(1);
    expect(await messagesFor('apps/latchkey/src/a.ts', source)).toEqual([]);
  });

  test('something else called process is not the environment', async () => {
    expect(
      await messagesFor(
        'packages/server/src/a.ts',
        'export const a = (process: { env: string }) => process.env;',
      ),
    ).toEqual([]);
  });
});
