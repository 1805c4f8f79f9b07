// @vitest-environment jsdom
import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Highlighted } from './highlighted.tsx';

test('matches are marked, and markup in an article is shown as text', () => {
  const parts = [
    { text: 'The ', isMatch: false },
    { text: '<b>ferry</b>', isMatch: true },
    { text: ' <img src=x onerror=alert(1)>', isMatch: false },
  ];
  const { container } = render(<Highlighted parts={parts} />);
  expect(container.textContent).toBe('The <b>ferry</b> <img src=x onerror=alert(1)>');
  expect([...container.querySelectorAll('mark')].map((mark) => mark.textContent)).toEqual(['<b>ferry</b>']);
  expect(container.querySelector('img, b')).toBeNull();
});
