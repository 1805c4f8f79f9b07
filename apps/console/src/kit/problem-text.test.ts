import { expect, test } from 'vitest';
import { problemText } from './problem-text.ts';

const problem = { code: 'conflict' as const, detail: 'The key still signs.', next: 'Read detail.' };

test('a refusal is told in the chosen language, with what stands in the way', () => {
  expect(problemText(problem, 'en')).toBe('The key still signs. Read detail.');
  expect(problemText(problem, 'de')).toBe(
    'Der jetzige Zustand lässt das nicht zu (The key still signs). Beheben Sie zuerst, was dagegen steht.',
  );
});

test('a code without German words falls back to the words of the API', () => {
  expect(problemText({ ...problem, code: 'internal' }, 'de')).toBe('The key still signs. Read detail.');
});
