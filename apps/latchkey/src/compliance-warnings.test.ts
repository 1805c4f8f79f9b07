import { expect, test } from 'vitest';
import { warningsIn } from './compliance-warnings.ts';

const problem = { code: 'x', setting: 'jwksUri', message: 'The server will not call it.', fix: 'Use https.' };

test('the warnings of an application are lines with what to do; hints, and other answers, are none', () => {
  const problems = [
    { ...problem, level: 'warning' },
    { ...problem, level: 'hint' },
  ];
  expect(warningsIn({ id: '1', compliance: { isCompliant: false, problems } })).toEqual([
    'Warning: jwksUri: The server will not call it. Use https.',
  ]);
  for (const answer of [undefined, null, 'text', { items: [] }, { compliance: { problems: 'none' } }])
    expect(warningsIn(answer)).toEqual([]);
});
