import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationReference } from './configuration.ts';

const path = new URL('../../../docs/configuration.md', import.meta.url);

test('docs/configuration.md is what the settings say; UPDATE_DOCS=1 writes it', () => {
  if (process.env.UPDATE_DOCS === '1') writeFileSync(path, configurationReference());
  expect(readFileSync(path, 'utf8')).toBe(configurationReference());
});
