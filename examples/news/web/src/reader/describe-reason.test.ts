import type { FeedReason } from '@latchkey-examples/news-api/contract';
import { expect, test } from 'vitest';
import { describeReason } from './describe-reason.ts';

const cases: readonly (readonly [FeedReason, string, string | undefined])[] = [
  [{ kind: 'topic', key: 'science', name: 'Science' }, 'Because you follow Science', '/topics/science'],
  [{ kind: 'source', key: 'wire', name: 'The Wire' }, 'From The Wire, which you follow', '/sources/wire'],
  [
    { kind: 'saved-similar', slug: 'ferry', title: 'The ferry' },
    'Similar to “The ferry”, which you saved',
    '/articles/ferry',
  ],
  [{ kind: 'new' }, 'New on Tideline', undefined],
];

test.each(cases)('%o', (reason, text, path) => {
  const { before, subject, after } = describeReason(reason);
  expect(`${before}${subject?.text ?? ''}${after}`).toBe(text);
  expect(subject?.path).toBe(path);
});
