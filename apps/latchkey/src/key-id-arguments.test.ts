import { Command } from 'commander';
import { expect, test } from 'vitest';
import { keyIdsLast } from './key-id-arguments.ts';

const keyId = `-ZOK${'a'.repeat(39)}`;

function read(args: readonly string[]): readonly unknown[] {
  const seen: unknown[] = [];
  const program = new Command().exitOverride();
  program
    .command('keys')
    .command('revoke <kid>')
    .option('--config <file>')
    .option('-y')
    .action((kid: string, options: object) => seen.push(kid, options));
  program.parse([...args], { from: 'user' });
  return seen;
}

test('a key ID that begins with a dash is an argument, wherever it stands', () => {
  for (const args of [
    ['keys', 'revoke', keyId, '--config', 'a.json', '-y'],
    ['keys', 'revoke', '--config', 'a.json', '-y', keyId],
  ])
    expect(read(keyIdsLast(args))).toEqual([keyId, { config: 'a.json', y: true }]);
  expect(() => read(['keys', 'revoke', keyId])).toThrow(/unknown option/);
});

test('other arguments stay as they are', () => {
  for (const args of [['keys', 'revoke', 'abc'], ['keys', 'revoke', '--', keyId], ['-V'], []])
    expect(keyIdsLast(args)).toEqual(args);
});
