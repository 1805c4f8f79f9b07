import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packaging } from './packaging.mjs';
import { readTree } from './source-tree.mjs';

const realModules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const exportsMap = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-packaging-'));
  symlinkSync(realModules, join(root, 'node_modules'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/**
 * @param {object} manifest
 * @param {Record<string, string>} built files of `dist`
 */
async function check(manifest, built) {
  const folder = join(root, 'packages', 'sdk-x');
  mkdirSync(join(folder, 'dist'), { recursive: true });
  const whole = {
    name: '@latchkey/x',
    version: '0.1.0',
    license: 'Apache-2.0',
    type: 'module',
    files: ['dist'],
    exports: exportsMap,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...whole, ...manifest }));
  for (const [name, source] of Object.entries(built)) writeFileSync(join(folder, 'dist', name), source);
  return (await packaging.check(readTree(root), root)).findings.map(({ file }) => file);
}

const sound = { 'index.js': 'export const a = 1;\n', 'index.d.ts': 'export declare const a = 1;\n' };

test('a sound package passes', async () => {
  expect(await check({}, sound)).toEqual([]);
});

test('an export that is not in the archive is a finding', async () => {
  expect(await check({ files: ['lib'] }, sound)).not.toEqual([]);
});

test('CommonJS in a package of modules is a finding', async () => {
  expect(await check({}, { ...sound, 'index.js': 'module.exports = { a: 1 };\n' })).toContain(
    'publint packages/sdk-x',
  );
});

test('types that import what a resolver cannot find are a finding', async () => {
  expect(await check({}, { ...sound, 'index.d.ts': "export * from './gone';\n" })).toContain(
    'attw packages/sdk-x',
  );
});
