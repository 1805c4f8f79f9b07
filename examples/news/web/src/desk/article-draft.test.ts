import { expect, test } from 'vitest';
import { emptyDraft, findMissing, inputOf } from './article-draft.ts';
import { fieldsOf } from './field-problems.ts';

const complete = {
  ...emptyDraft('Ada Lovelace'),
  title: ' A title ',
  summary: 'A summary.',
  topic: 'science',
  source: 'wire',
  text: 'Text',
};

test('an empty form names each field that is missing; a complete one is sent trimmed', () => {
  expect([...findMissing(emptyDraft(' ')).keys()]).toEqual([
    'title',
    'summary',
    'topic',
    'source',
    'author',
    'body',
  ]);
  expect(findMissing(complete).size).toBe(0);
  expect(inputOf(complete)).toMatchObject({ title: 'A title', body: { format: 'markdown', text: 'Text' } });
  expect(inputOf(complete)).not.toHaveProperty('picture');
});

test('tags are separated by commas, without blanks and repetitions', () => {
  expect(inputOf({ ...complete, tags: 'sea,  night   train, ,sea,' }).tags).toEqual(['sea', 'night train']);
});

test('problems of the API stand at the fields of the form', () => {
  const problems = [
    { pointer: '/title', detail: 'Too long' },
    { pointer: '/body/text', detail: 'Too long' },
    { pointer: '/tags/3', detail: 'Too long' },
  ];
  expect([...fieldsOf(problems).keys()]).toEqual(['title', 'body', 'tags']);
});
