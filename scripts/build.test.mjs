import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BuildFailed, build, describeBuildFailure } from './build.mjs';

const realModules = fileURLToPath(new URL('../node_modules', import.meta.url));
let root = '';
/** @type {string[]} */
let log = [];

/**
 * @param {string} path
 * @param {string | object} content
 */
function write(path, content) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8');

async function buildQuietly() {
  log = [];
  await build({ root, log: (line) => log.push(line.replace(/ \([\d.]+ s\)$/, '')) });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-build-'));
  mkdirSync(join(root, 'node_modules'));
  for (const name of ['typescript', 'vite'])
    symlinkSync(join(realModules, name), join(root, 'node_modules', name));
  write('tsconfig.json', { files: [], references: [{ path: 'packages/x' }] });
  write('packages/x/package.json', { name: '@latchkey/x' });
  const compilerOptions = {
    composite: true,
    rootDir: 'src',
    outDir: 'dist',
    types: [],
    target: 'es2023',
    module: 'nodenext',
  };
  write('packages/x/tsconfig.json', { compilerOptions, include: ['src'] });
  write('packages/x/src/a.ts', 'export const a: number = 1;\n');
  write('packages/x/src/migrations/0001.sql', 'SELECT 1;\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('packages', () => {
  test('are compiled, with the files beside the sources', async () => {
    await buildQuietly();
    expect(read('packages/x/dist/a.js')).toContain('a = 1');
    expect(read('packages/x/dist/migrations/0001.sql')).toBe('SELECT 1;\n');
    expect(log).toEqual([
      'build: TypeScript compiled',
      'build: assets 1 copied, 0 stale files removed',
      'build: workers 0 bundled',
    ]);
    await buildQuietly();
    expect(log.at(-2)).toBe('build: assets are up to date');
  });

  test('starters are bundled with their dot files, without what tools and people leave in them', async () => {
    write('examples/starters/react/starter.json', { description: 'React', application: 'browser' });
    write('examples/starters/react/src/main.tsx', 'render();\n');
    write('examples/starters/react/vite.config.ts', 'export default {};\n');
    write('examples/starters/react/.gitignore', 'dist/\n');
    for (const leftover of ['node_modules/a/index.js', 'dist/a.js', 'api-key.json', '.env.local'])
      write(`examples/starters/react/${leftover}`, 'left over');
    write('examples/starters/unfinished/src/main.ts', '');
    await buildQuietly();
    expect(JSON.parse(read('apps/latchkey/dist/starters/starters.json'))).toEqual([
      {
        name: 'react',
        description: 'React',
        application: 'browser',
        files: {
          '.gitignore': 'dist/\n',
          'src/main.tsx': 'render();\n',
          'vite.config.ts': 'export default {};\n',
        },
      },
    ]);
    expect(log).toContain('build: starters 1 bundled');
    await buildQuietly();
    expect(log).toContain('build: starters are up to date');
  });

  test('what lost its source is removed, what never had one is left alone', async () => {
    write('packages/x/src/b.ts', 'export const b = 1;\n');
    await buildQuietly();
    write('packages/x/dist/console/page.js', '');
    rmSync(join(root, 'packages/x/src/b.ts'));
    rmSync(join(root, 'packages/x/src/migrations/0001.sql'));
    write('packages/x/src/migrations/0002.sql', 'SELECT 2;\n');
    await buildQuietly();
    expect(existsSync(join(root, 'packages/x/dist/b.js'))).toBe(false);
    expect(existsSync(join(root, 'packages/x/dist/b.d.ts'))).toBe(false);
    expect(existsSync(join(root, 'packages/x/dist/migrations/0001.sql'))).toBe(false);
    expect(existsSync(join(root, 'packages/x/dist/migrations/0002.sql'))).toBe(true);
    expect(existsSync(join(root, 'packages/x/dist/console/page.js'))).toBe(true);
  });

  test('a type error fails the build and is told', async () => {
    write('packages/x/src/a.ts', "export const a: number = 'one';\n");
    const error = await buildQuietly().catch((/** @type {unknown} */ reason) => reason);
    expect(error).toBeInstanceOf(BuildFailed);
    expect(describeBuildFailure(error)).toMatch(
      /src\/a\.ts.*TS2322[\s\S]*build: TypeScript \(tsc -b\) failed$/,
    );
  });
});

describe('web apps', () => {
  beforeEach(() => {
    write('examples/quotes/web/package.json', { name: 'web', dependencies: { '@latchkey/x': '0.1.0' } });
    write('examples/quotes/web/vite.config.js', 'export default {};\n');
    write('examples/quotes/web/index.html', '<script type="module" src="./main.js"></script>\n');
    write('examples/quotes/web/main.js', "document.title = 'one';\n");
  });

  test('are built once, and again when they or a package of ours that they use change', async () => {
    await buildQuietly();
    expect(log.at(-1)).toBe('build: examples/quotes/web built');
    expect(existsSync(join(root, 'examples/quotes/web/dist/index.html'))).toBe(true);
    await buildQuietly();
    expect(log.at(-1)).toBe('build: examples/quotes/web is up to date');
    write('packages/x/src/a.ts', 'export const a: number = 2;\n');
    await buildQuietly();
    expect(log.at(-1)).toBe('build: examples/quotes/web built');
    write('examples/quotes/web/main.js', "document.title = 'two';\n");
    await buildQuietly();
    expect(log.at(-1)).toBe('build: examples/quotes/web built');
  });

  test('a failure is told and is not remembered as a good build', async () => {
    write('examples/quotes/web/main.js', "import './gone.js';\n");
    for (const _attempt of [1, 2]) {
      const error = await buildQuietly().catch((/** @type {unknown} */ reason) => reason);
      expect(describeBuildFailure(error)).toMatch(
        /gone\.js[\s\S]*build: examples\/quotes\/web \(vite build\) failed$/,
      );
    }
  });
});
