import { expect, test } from 'vitest';
import { internalPath } from './internal-path.ts';

test.each([
  ['/articles/ferry#end', '/articles/ferry#end'],
  ['http://localhost:3001/search?q=a', '/search?q=a'],
  ['https://example.com/articles/ferry', undefined],
  ['//example.com/', undefined],
  ['mailto:desk@example.com', undefined],
])('%s', (href, path) => {
  expect(internalPath(href, 'http://localhost:3001')).toBe(path);
});
