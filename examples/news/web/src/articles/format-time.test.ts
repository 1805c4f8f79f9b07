import { expect, test } from 'vitest';
import { formatAge, greetingAt } from './format-time.ts';

const now = new Date(2026, 10, 29, 12, 0, 0);
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

test.each([
  [ago(-90), 'just now'],
  [ago(59), 'just now'],
  [ago(60), '1 minute ago'],
  [ago(59 * 60), '59 minutes ago'],
  [ago(3600), '1 hour ago'],
  [ago(24 * 3600), 'yesterday'],
  [ago(6 * 24 * 3600), '6 days ago'],
  [new Date(2026, 9, 3), 'October 3'],
  [new Date(2025, 10, 3), 'November 3, 2025'],
])('%s is "%s"', (at, text) => {
  expect(formatAge(at, now)).toBe(text);
});

test.each([
  [4, 'Good evening'],
  [5, 'Good morning'],
  [11, 'Good morning'],
  [12, 'Good afternoon'],
  [17, 'Good afternoon'],
  [18, 'Good evening'],
])('at %i: %s', (hour, greeting) => {
  expect(greetingAt(new Date(2026, 10, 29, hour))).toBe(greeting);
});
