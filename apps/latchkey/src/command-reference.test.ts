import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandReference } from './command-reference.ts';
import { createProgram } from './program.ts';

const path = new URL('../../../docs/command-reference.md', import.meta.url);

test('docs/command-reference.md is what the commands say; UPDATE_DOCS=1 writes it', () => {
  const reference = commandReference(createProgram());
  if (process.env.UPDATE_DOCS === '1') writeFileSync(path, reference);
  expect(readFileSync(path, 'utf8')).toBe(reference);
});
