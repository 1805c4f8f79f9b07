import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandScript, runCommand } from '../run-command.mjs';
import { runWhenMain } from './gate.mjs';
import { findingOfTool } from './tool-output.mjs';

/** @typedef {import('./gate.mjs').Finding} Finding */

/**
 * What npm would publish of each SDK is sound: publint on its manifest and files, attw on its types.
 * @type {import('./gate.mjs').Gate}
 */
export const packaging = {
  name: 'packaging',
  async check(tree, root) {
    const folders = tree.packages
      .map(({ folder }) => folder)
      .filter((folder) => folder.startsWith('packages/sdk-'))
      .sort();
    const checked = await Promise.all(folders.map((folder) => checkPackage(root, folder)));
    return {
      findings: checked.flat(),
      summary: `${folders.map((folder) => folder.slice('packages/'.length)).join(', ')} are fit to publish`,
    };
  },
};

/**
 * @param {string} root
 * @param {string} folder
 * @returns {Promise<Finding[]>}
 */
async function checkPackage(root, folder) {
  const cwd = join(root, folder);
  if (!existsSync(join(cwd, 'dist')))
    return [{ file: folder, message: 'is not built: run npm run build first' }];
  const temporary = mkdtempSync(join(tmpdir(), 'latchkey-pack-'));
  try {
    const packed = await runCommand(
      'npm',
      ['pack', '--silent', '--ignore-scripts', '--pack-destination', temporary],
      { cwd },
    );
    const tarball = readdirSync(temporary).find((name) => name.endsWith('.tgz'));
    if (tarball === undefined)
      return findingOfTool(`npm pack in ${folder}`, { ...packed, code: packed.code || 1 });
    const archive = join(temporary, tarball);
    const published = await runCommand(
      process.execPath,
      [commandScript(root, 'publint'), archive, '--strict'],
      { cwd },
    );
    const attw = [
      commandScript(root, '@arethetypeswrong/cli', 'attw'),
      archive,
      '--profile',
      'esm-only',
      '--format',
      'ascii',
      '--no-emoji',
      '--no-color',
    ];
    const typed = await runCommand(process.execPath, attw, { cwd });
    return [...findingOfTool(`publint ${folder}`, published), ...findingOfTool(`attw ${folder}`, typed)];
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

await runWhenMain(import.meta.url, packaging);
