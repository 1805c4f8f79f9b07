import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadCode } from './dead-code.mjs';
import { formatVerdict, judge } from './gate.mjs';
import { lint } from './lint.mjs';
import { readTree, treeOf } from './source-tree.mjs';
import { findingOfTool } from './tool-output.mjs';
import { looseProjects, types } from './types.mjs';

describe('a verdict', () => {
  test('is one line when all is well', () => {
    expect(formatVerdict('imports', { findings: [], summary: '3 files' }, 1234)).toBe(
      'ok   imports    3 files (1.2 s)',
    );
  });

  test('names place and message of each finding', () => {
    const text = formatVerdict(
      'imports',
      { findings: [{ file: 'a.ts', line: 3, message: 'is wrong' }], summary: '' },
      0,
    );
    expect(text).toContain('FAIL imports    1 finding(s)');
    expect(text).toContain('a.ts:3 is wrong');
  });

  test('a gate that throws has failed', async () => {
    const gate = {
      name: 'broken',
      check: () => {
        throw new Error('no');
      },
    };
    expect((await judge(gate, treeOf({}), '')).findings).toHaveLength(1);
  });
});

test('a tool is believed by its exit code', () => {
  expect(findingOfTool('tool', { code: 0, output: 'warning' })).toEqual([]);
  expect(findingOfTool('tool', { code: 2, output: 'bad' })).toHaveLength(1);
});

test('projects that the build does not reach are type-checked by themselves', () => {
  const tree = treeOf({
    'tsconfig.json': '{ "references": [{ "path": "packages/x" }] }',
    'tsconfig.base.json': '{}',
    'tsconfig.test.json': '{}',
    'packages/x/tsconfig.json': '{}',
    'packages/x/tsconfig.test.json': '{}',
    'examples/quotes/web/tsconfig.json': '{}',
  });
  expect(looseProjects(tree)).toEqual([
    'examples/quotes/web/tsconfig.json',
    'packages/x/tsconfig.test.json',
    'tsconfig.test.json',
  ]);
});

describe('the tools behind the gates', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'latchkey-gates-'));
    symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(root, 'node_modules'));
    write('package.json', '{ "name": "x", "type": "module", "main": "src/index.ts" }');
    write(
      'tsconfig.json',
      '{ "compilerOptions": { "types": [], "noEmit": true }, "files": ["src/empty.ts"] }',
    );
    write('src/empty.ts', 'export {};\n');
    write(
      'lib/tsconfig.json',
      '{ "compilerOptions": { "strict": true, "types": [], "noEmit": true }, "include": ["../src"] }',
    );
    write('src/index.ts', 'export const a = 1;\n');
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /**
   * @param {string} path
   * @param {string} content
   */
  function write(path, content) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }

  /** @param {import('./gate.mjs').Gate} gate */
  const count = async (gate) => (await gate.check(readTree(root), root)).findings.length;

  test('types: a project with an error is a finding', async () => {
    expect(await count(types)).toBe(0);
    write('src/index.ts', "export const a: number = 'one';\n");
    expect(await count(types)).toBe(1);
  });

  test('lint: a file that biome would change is a finding', async () => {
    write('biome.json', '{ "files": { "includes": ["src/**"] }, "formatter": { "indentStyle": "space" } }\n');
    expect(await count(lint)).toBe(0);
    write('src/index.ts', 'export const a:number=1\n');
    expect(await count(lint)).toBe(1);
  });

  test('dead code: a file that nothing imports is a finding', async () => {
    rmSync(join(root, 'src/empty.ts'));
    write('knip.json', '{ "project": ["src/**/*.ts"] }');
    expect(await count(deadCode)).toBe(0);
    write('src/forgotten.ts', 'export const b = 1;\n');
    expect(await count(deadCode)).toBe(1);
  });
});
