import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planFiles, readFrom, writeFiles } from './plan-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lk-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nothing = () => false;
const manifest = { name: 'my-app', dependencies: { react: '19.3.1' } };
const files = {
  'package.json': '{}',
  '.gitignore': 'node_modules/\ndist/\napi-key.json\n',
  'src/main.tsx': 'render();\n',
  'index.html': '<!doctype html>\n',
};

test('in an empty folder everything is new, and package.json is the starter’s with the name of the app', () => {
  const plan = planFiles(files, manifest, readFrom(join(folder, 'not-there-yet')), 'clash');
  expect(plan.clashes).toEqual([]);
  expect(plan.files.map(({ path, how }) => `${how} ${path}`)).toEqual([
    'new package.json',
    'new .gitignore',
    'new src/main.tsx',
    'new index.html',
  ]);
  writeFiles(join(folder, 'not-there-yet'), plan.files, nothing);
  expect(JSON.parse(readFileSync(join(folder, 'not-there-yet/package.json'), 'utf8'))).toEqual(manifest);
});

test('files with another content clash; the same content, package.json and .gitignore do not', () => {
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/main.tsx'), 'mine();\n');
  writeFileSync(join(folder, 'index.html'), files['index.html']);
  writeFileSync(join(folder, 'package.json'), '{"name":"shop"}');
  writeFileSync(join(folder, '.gitignore'), '/node_modules\ncoverage');
  const plan = planFiles(files, manifest, readFrom(folder), 'clash');
  expect(plan.clashes).toEqual(['src/main.tsx']);
  expect(plan.packageJson?.added).toEqual(['react 19.3.1']);
  expect(plan.files.find(({ path }) => path === '.gitignore')?.text).toBe(
    '/node_modules\ncoverage\ndist/\napi-key.json\n',
  );
  const forced = planFiles(files, manifest, readFrom(folder), 'overwrite');
  expect(forced.clashes).toEqual([]);
  writeFiles(folder, forced.files, nothing);
  expect(readFileSync(join(folder, 'src/main.tsx'), 'utf8')).toBe('render();\n');
  expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name).toBe('shop');
});

test('a file that appears after planning is not overwritten', () => {
  const plan = planFiles(files, manifest, readFrom(folder), 'clash');
  writeFileSync(join(folder, 'index.html'), 'mine');
  expect(() => writeFiles(folder, plan.files, nothing)).toThrow('EEXIST');
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('mine');
});

test('a file where a folder is needed, and a folder where a file is, are named before anything is written', () => {
  writeFileSync(join(folder, 'src'), '');
  expect(() => planFiles(files, manifest, readFrom(folder), 'clash')).toThrow(
    `${join(folder, 'src')} is a file`,
  );
  expect(() => planFiles(files, manifest, readFrom(join(folder, 'src')), 'clash')).toThrow('is a file');
  rmSync(join(folder, 'src'));
  mkdirSync(join(folder, 'index.html'));
  expect(() => planFiles(files, manifest, readFrom(folder), 'clash')).toThrow('is no file');
  expect(existsSync(join(folder, 'package.json'))).toBe(false);
});

test('a secret is for its owner alone, also where a looser file is overwritten', () => {
  const place = join(folder, 'api-key.json');
  writeFileSync(place, 'old', { mode: 0o644 });
  const secret = { path: 'api-key.json', text: 'new' };
  const isSecret = (path: string) => path === 'api-key.json';
  writeFiles(folder, [{ ...secret, how: 'overwrite' }], isSecret);
  writeFiles(folder, [{ path: 'index.html', text: '', how: 'new' }], isSecret);
  expect([readFileSync(place, 'utf8'), statSync(place).mode & 0o777]).toEqual(['new', 0o600]);
  expect(statSync(join(folder, 'index.html')).mode & 0o044).toBe(0o044);
});
