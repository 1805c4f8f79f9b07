import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundleSize } from './gates/bundle-size.mjs';
import { casts } from './gates/casts.mjs';
import { cycles } from './gates/cycles.mjs';
import { deadCode } from './gates/dead-code.mjs';
import { docs } from './gates/docs.mjs';
import { projectRoot, runGate } from './gates/gate.mjs';
import { imports } from './gates/imports.mjs';
import { lint } from './gates/lint.mjs';
import { packaging } from './gates/packaging.mjs';
import { reach } from './gates/reach.mjs';
import { sizes } from './gates/sizes.mjs';
import { readTree } from './gates/source-tree.mjs';
import { spec } from './gates/spec.mjs';
import { text } from './gates/text.mjs';
import { types } from './gates/types.mjs';

// Usage: npm run ok [-- --no-tests]. Runs every gate, even after one failed, then the tests.
const gates = [
  types,
  lint,
  imports,
  cycles,
  sizes,
  docs,
  casts,
  reach,
  text,
  spec,
  bundleSize,
  deadCode,
  packaging,
];

const tree = readTree(projectRoot);
let failed = 0;
for (const gate of gates) if ((await runGate(gate, tree, projectRoot)) === 'failed') failed += 1;
const lines = [`gates: ${gates.length - failed} passed, ${failed} failed`];

if (!process.argv.includes('--no-tests')) {
  const { status } = spawnSync(process.execPath, [join(projectRoot, 'scripts', 'test.mjs')], {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  lines.push(`tests: ${status === 0 ? 'passed' : 'failed'}`);
  if (status !== 0) failed += 1;
}

console.log(lines.join('; '));
process.exitCode = failed > 0 ? 1 : 0;
