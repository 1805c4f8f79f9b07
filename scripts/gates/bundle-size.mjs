import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { runWhenMain } from './gate.mjs';

const folder = 'packages/sdk-browser';

/**
 * What an app that uses the browser SDK makes people download: minified by esbuild, gzip -9, in bytes. `import()` is a
 * boundary: what is behind it is loaded beside the app or on demand, and counted by itself.
 */
const parts = [
  { name: 'first part', limit: 8_000, entry: 'index.ts', exports: '{ createAuthClient, createAuthFetch }' },
  // Loaded when the client starts.
  { name: 'session part', limit: 5_500, entry: 'session-work.ts', exports: '*' },
  { name: 'link to the worker', limit: 3_000, entry: 'open-vault.ts', exports: '*' },
  // With oauth4webapi; off the page's thread.
  { name: 'worker', limit: 18_000, entry: 'worker.ts', exports: '*' },
];

/**
 * The browser SDK stays small.
 * @type {import('./gate.mjs').Gate}
 */
export const bundleSize = {
  name: 'bundle size',
  async check(_tree, root) {
    if (!existsSync(join(root, folder))) return { findings: [], summary: 'no browser SDK here' };
    const measured = await Promise.all(
      parts.map(async (part) => ({ ...part, bytes: await measure(join(root, folder, 'src'), part) })),
    );
    const tooLarge = measured.filter(({ bytes, limit }) => bytes > limit);
    return {
      findings: tooLarge.map(({ entry, name, bytes, limit }) => ({
        file: `${folder}/src/${entry}`,
        message: `the ${name} is ${bytes} bytes compressed, more than ${limit}: move what is not needed at once behind import()`,
      })),
      summary: measured.map(({ name, bytes }) => `${name} ${bytes} bytes`).join(', '),
    };
  },
};

/**
 * @param {string} source
 * @param {{ entry: string, exports: string }} part
 */
async function measure(source, { entry, exports }) {
  const { outputFiles } = await build({
    stdin: { contents: `export ${exports} from './${entry}'; import './${entry}';`, resolveDir: source },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'import() is a boundary',
        setup({ onResolve }) {
          onResolve({ filter: /^\./ }, ({ kind, path }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          );
        },
      },
    ],
  });
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
}

await runWhenMain(import.meta.url, bundleSize);
