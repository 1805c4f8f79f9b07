import { commandScript, runCommand } from '../run-command.mjs';
import { runWhenMain } from './gate.mjs';
import { verdictOfTool } from './tool-output.mjs';

/**
 * No file, export or dependency that nothing uses, and none used that is not declared (`knip.json`).
 * @type {import('./gate.mjs').Gate}
 */
export const deadCode = {
  name: 'dead-code',
  async check(_tree, root) {
    const args = [commandScript(root, 'knip'), '--no-progress', '--no-config-hints'];
    return verdictOfTool(
      'knip',
      await runCommand(process.execPath, args, { cwd: root }),
      'nothing is there in vain',
    );
  },
};

await runWhenMain(import.meta.url, deadCode);
