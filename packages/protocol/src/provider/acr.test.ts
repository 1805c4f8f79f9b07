import { expect, test } from 'vitest';
import { acrOf, isAcrReached } from './acr.ts';

const [one, two] = ['urn:latchkey:acr:1fa', 'urn:latchkey:acr:2fa'];

test.each([
  [['pwd'], [], one],
  [['pwd', 'mfa'], [], two],
  [['pwd', 'mfa'], [one, two], one],
  [['pwd'], [two, one], one],
  [['pwd'], ['urn:other:gold'], one],
])('OpenID Connect Core §3.1.2.1: after %j, asked for %j, acr is %s', (amr, asked, expected) => {
  expect(acrOf(amr, asked)).toBe(expected);
});

test.each([
  [['pwd'], [], true],
  [['pwd'], [one], true],
  [['pwd'], [two], false],
  [['pwd'], [two, one], true],
  [['pwd', 'mfa'], [two], true],
  [['pwd', 'mfa'], ['urn:other:gold'], false],
])('OpenID Connect Core §5.5.1.1: after %j, one of %j demanded: %s', (amr, demanded, expected) => {
  expect(isAcrReached(amr, demanded)).toBe(expected);
});
