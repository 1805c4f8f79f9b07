#!/usr/bin/env node
import { createRequire } from 'node:module';

// `import` opens the files of the program all at once, more than some systems allow a process; `require` one by one.
const program: typeof import('./run-command-line.ts') = process.features.require_module
  ? createRequire(import.meta.url)('./run-command-line.js')
  : await import('./run-command-line.ts');

await program.runCommandLine();
