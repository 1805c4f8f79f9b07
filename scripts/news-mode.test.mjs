import { expect, test } from 'vitest';
import { chooseNewsMode } from './news-mode.mjs';

test('the news portal runs in the page unless told otherwise; other arguments are left', () => {
  expect(chooseNewsMode([])).toEqual({ kind: 'chosen', mode: 'spa', rest: [] });
  expect(chooseNewsMode(['--quotes-api=flask', '--news-mode=bff'])).toEqual({
    kind: 'chosen',
    mode: 'bff',
    rest: ['--quotes-api=flask'],
  });
  expect(chooseNewsMode(['--news-mode=bff', '--news-mode=spa'])).toMatchObject({ mode: 'spa' });
});

test.each(['--news-mode', '--news-mode=', '--news-mode=server'])(
  '%s is refused with the modes there are',
  (argument) => {
    expect(chooseNewsMode([argument])).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/--news-mode=spa .* or --news-mode=bff/),
    });
  },
);
