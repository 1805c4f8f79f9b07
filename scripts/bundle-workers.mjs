import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Writes the workers that packages publish (`exports["./worker"]`) as one file each, over what the compiler made of them: a
 * worker has no import map, so a page without a bundler could not load its dependencies.
 * @param {readonly string[]} projectFolders absolute
 * @returns {Promise<string>} what was done, for the log
 */
export async function bundleWorkers(projectFolders) {
  const folders = projectFolders.filter(publishesWorker);
  await Promise.all(
    folders.map((folder) =>
      build({
        absWorkingDir: folder,
        entryPoints: ['src/worker.ts'],
        outfile: 'dist/worker.js',
        bundle: true,
        format: 'esm',
        target: 'es2022',
        sourcemap: true,
        legalComments: 'inline',
        logLevel: 'silent',
      }),
    ),
  );
  return `${folders.length} bundled`;
}

/** @param {string} folder */
function publishesWorker(folder) {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return false;
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8'));
  return exports?.['./worker'] !== undefined;
}
