import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseReturnTo } from './return-to.ts';

const ORIGIN = 'https://app.example';

test.each(['/news', '/news?page=2#top', '/', '/?next=https://evil.example', 'https://app.example/news'])(
  '%s stays',
  (returnTo) => {
    expect(parseReturnTo(returnTo, ORIGIN)).toBe(returnTo.replace(ORIGIN, ''));
  },
);

test.each([
  'https://evil.example/',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://app.example@evil.example/',
  'https://user@app.example/',
  'https://app.example.evil.example/',
  'http://app.example/',
  'blob:https://app.example/1',
])('an address that leaves the origin is refused: %s', (returnTo) => {
  expect(parseReturnTo(returnTo, ORIGIN)).toBeUndefined();
});

test('whatever is kept resolves to this origin, also when it is parsed once more', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    ':',
    '@',
    '?',
    '#',
    '%2f',
    '\t',
    '\n',
    'evil.example',
    'https',
    'a',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const kept = parseReturnTo(pieces.join(''), ORIGIN);
      return (
        kept === undefined ||
        (kept.startsWith('/') && !kept.startsWith('//') && new URL(kept, ORIGIN).origin === ORIGIN)
      );
    }),
  );
});
