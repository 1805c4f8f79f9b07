import { commandScript, runCommand } from '../run-command.mjs';
import { runWhenMain } from './gate.mjs';
import { verdictOfTool } from './tool-output.mjs';

/**
 * Biome's rules and its formatting hold everywhere.
 * @type {import('./gate.mjs').Gate}
 */
export const lint = {
  name: 'lint',
  async check(_tree, root) {
    const args = [
      commandScript(root, '@biomejs/biome'),
      'check',
      '--colors=off',
      '--diagnostic-level=error',
      '--max-diagnostics=60',
      '.',
    ];
    return verdictOfTool(
      'biome check',
      await runCommand(process.execPath, args, { cwd: root }),
      'biome has nothing to say',
    );
  },
};

await runWhenMain(import.meta.url, lint);
