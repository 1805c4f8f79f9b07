import { expect, test } from 'vitest';
import { isAudienceOurs, isNumericDate } from './jwt-claims.ts';

test.each([0, 1.5, 1_700_000_000, 253_402_300_799])('RFC 7519 §2: %d is a NumericDate', (value) => {
  expect(isNumericDate(value)).toBe(true);
});

test.each([
  2 ** 60,
  2 ** 53,
  253_402_300_800,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '1700000000',
  null,
  undefined,
  [1],
  true,
])('RFC 7519 §2: %s is not a NumericDate', (value) => {
  expect(isNumericDate(value)).toBe(false);
});

const ours = ['https://id.example', 'https://id.example/oauth/v2/token'];

test.each<[unknown, boolean]>([
  ['https://id.example', true],
  [['https://id.example'], true],
  [['https://id.example', 'https://id.example/oauth/v2/token'], true],
  [['https://id.example', 'https://other.example'], false],
  [['https://other.example', 'https://id.example'], false],
  [['https://id.example', 1], false],
  [['https://id.example', ['https://id.example']], false],
  [[], false],
  ['https://id.example/', false],
  [undefined, false],
  [{ 0: 'https://id.example' }, false],
])('RFC 7523 §3: aud %j is ours alone: %s', (audience, isOurs) => {
  expect(isAudienceOurs(audience, ours, 'any')).toBe(isOurs);
});

test('FAPI 2.0 Security Profile §5.3.2.1: in the single form a list is refused, even of one', () => {
  expect(isAudienceOurs('https://id.example', ours, 'single')).toBe(true);
  expect(isAudienceOurs(['https://id.example'], ours, 'single')).toBe(false);
});
