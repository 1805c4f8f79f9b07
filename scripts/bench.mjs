/** `npm run bench [-- --quick]`: builds what is missing, then measures the built product; see `bench/`. */
import { join } from 'node:path';
import { build, describeBuildFailure } from './build.mjs';
import { runCommand } from './run-command.mjs';

const root = join(import.meta.dirname, '..');
try {
  await build({ root, log: console.error, web: 'skip' });
} catch (error) {
  console.error(describeBuildFailure(error));
  process.exit(1);
}
const script = join(root, 'bench', 'src', 'run.ts');
const { code } = await runCommand(process.execPath, ['--import', 'tsx', script, ...process.argv.slice(2)], {
  cwd: root,
  print: 'live',
});
process.exit(code);
