import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';
import { ConfigurationProblem } from './configuration-problem.ts';
import { findAccessProblem } from './secret-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [0o600, 1000, undefined],
  [0o400, 1000, undefined],
  [0o640, 1000, 'chmod 600'],
  [0o604, 1000, 'chmod 600'],
  [0o644, 1000, 'chmod 600'],
  [0o620, 1000, 'chmod 600'],
  [0o440, 0, undefined],
  [0o640, 0, undefined],
  [0o444, 0, 'chmod 640'],
  [0o660, 0, 'chmod 640'],
  [0o600, 1001, 'another user'],
] as const)(
  'a secret file of mode %o and owner %i is for us alone, or root lends it to our group: %s',
  (mode, uid, problem) => {
    const found = findAccessProblem({ mode: 0o100_000 | mode, uid }, 1000);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  },
);

function file(name: string, text: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

// Root owns what it writes, and may lend it to a group.
const loose = [0o644, 0o604, 0o606, 0o666];

test.each(loose)('LATCHKEY_MASTER_KEYS_FILE of mode %o stops the start with what to do', (mode) => {
  const path = file(`keys-${mode}`, 'k1:x', mode);
  const read = () => readConfiguration({ LATCHKEY_MASTER_KEYS_FILE: path });
  expect(read).toThrow(ConfigurationProblem);
  expect(read).toThrow(/LATCHKEY_MASTER_KEYS_FILE: .*chmod 6/);
  chmodSync(path, 0o600);
  expect(read().masterKeys).toBe('k1:x');
});

test.each(loose)('LATCHKEY_TLS_KEY_FILE of mode %o stops the start with what to do', (mode) => {
  const path = file(`tls-${mode}`, 'x', mode);
  expect(() => readConfiguration({ LATCHKEY_TLS_KEY_FILE: path, LATCHKEY_TLS_CERT_FILE: path })).toThrow(
    /LATCHKEY_TLS_KEY_FILE: .*chmod 6/,
  );
});

test.each([
  ['LATCHKEY_MASTER_KEYS', 'k1:x'],
  ['LATCHKEY_ADMIN_PASSWORD', 'a password of some length'],
  ['DATABASE_URL', 'postgres://user:secret@localhost/db'],
])('a configuration file with %s must not be readable by others', (name, value) => {
  const path = file(`${name}.json`, JSON.stringify({ [name]: value }), 0o644);
  const read = () => readConfiguration({}, path);
  expect(read).toThrow(new RegExp(`the configuration file holds ${name}: .*chmod 6`));
  chmodSync(path, 0o600);
  expect(read).not.toThrow();
});

test('a configuration file without secrets may be readable by others', () => {
  const path = file(
    'open.json',
    JSON.stringify({ PORT: 9000, DATABASE_URL: 'postgres://localhost/db' }),
    0o644,
  );
  expect(readConfiguration({}, path).port).toBe(9000);
});
