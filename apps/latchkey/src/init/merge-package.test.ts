import { expect, test } from 'vitest';
import { mergePackage, parseManifest } from './merge-package.ts';

const starter = {
  name: 'my-app',
  type: 'module',
  scripts: { dev: 'vite', build: 'vite build' },
  dependencies: { '@latchkey/react': '0.1.0', react: '19.3.1' },
  devDependencies: { vite: '8.3.8' },
};

test('dependencies and scripts that are missing are added in order, and named', () => {
  const before = JSON.stringify({
    name: 'shop',
    scripts: { test: 'vitest' },
    dependencies: { zod: '4.0.0' },
  });
  const { text, added, kept } = mergePackage(before, starter);
  expect(JSON.parse(text)).toEqual({
    name: 'shop',
    scripts: { test: 'vitest', dev: 'vite', build: 'vite build' },
    dependencies: { '@latchkey/react': '0.1.0', react: '19.3.1', zod: '4.0.0' },
    devDependencies: { vite: '8.3.8' },
  });
  expect(Object.keys(JSON.parse(text).dependencies)).toEqual(['@latchkey/react', 'react', 'zod']);
  expect(added).toEqual([
    'script dev',
    'script build',
    '@latchkey/react 0.1.0',
    'react 19.3.1',
    'vite 8.3.8',
  ]);
  expect(kept).toEqual([]);
});

test('what is there stays as it is, and a difference is named', () => {
  const before = JSON.stringify({
    scripts: { dev: 'next dev' },
    dependencies: { react: '18.2.0', vite: '8.3.8' },
    license: 'MIT',
  });
  const { text, added, kept } = mergePackage(before, starter);
  expect(JSON.parse(text)).toMatchObject({
    scripts: { dev: 'next dev' },
    dependencies: { react: '18.2.0', vite: '8.3.8' },
    license: 'MIT',
  });
  expect(JSON.parse(text).devDependencies).toBeUndefined();
  expect(added).toEqual(['script build', '@latchkey/react 0.1.0']);
  expect(kept).toEqual([
    'script dev next dev (the starter has vite)',
    'react 18.2.0 (the starter has 19.3.1)',
  ]);
});

test('the indentation of the file is kept', () => {
  const before = '{\n\t"name": "shop"\n}\n';
  expect(mergePackage(before, starter).text).toContain('\n\t"scripts": {\n\t\t"dev": "vite"');
});

test.each(['{', '[]', '{"scripts":{"dev":1}}'])(
  'a package.json that is %s is refused, not replaced',
  (text) => {
    expect(() => parseManifest(text, 'package.json')).toThrow('package.json is no valid package.json');
  },
);
