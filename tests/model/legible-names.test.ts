import { judgeRegistration } from '@latchkey/identity';
import { expect, test } from 'vitest';
import { isLegible as isLegibleName } from '../../packages/contract/src/fields.ts';
import { isLegible } from '../../packages/protocol/src/wire/legible-text.ts';

const policy = { minimumLength: 15, maximumBytes: 4096 };

/** Whether somebody who registers themselves may have a name; other problems have other fields. */
function isRegistrable(givenName: string): boolean {
  const fields = { givenName, familyName: 'Lovelace', loginName: '', password: '' };
  const verdict = judgeRegistration(fields, { policy, contextWords: [] });
  return verdict.kind === 'acceptable' || verdict.problems.every(({ field }) => field !== 'givenName');
}

// Contract, protocol and identity import nothing of one another, so each has the rule.
test('a name is legible to the management API, to client registration and to self-registration alike, whatever the character', () => {
  const differing: string[] = [];
  let illegible = 0;
  for (let point = 0; point <= 0x10ffff; point += 1) {
    const name = `a${String.fromCodePoint(point)}a`;
    const verdicts = [isLegibleName(name), isLegible(name), isRegistrable(name)];
    if (new Set(verdicts).size > 1) differing.push(point.toString(16));
    if (verdicts[0] === false) illegible += 1;
  }
  expect(differing).toEqual([]);
  expect(illegible).toBeGreaterThan(900_000);
}, 60_000);
