// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { Button } from './save-button.tsx';

afterEach(cleanup);

test('the second click of a double click does not undo the first; a later click does', () => {
  const onClick = vi.fn();
  render(<Button title="The ferry" isSaved={false} onClick={onClick} />);
  const button = screen.getByRole('button', { name: 'Save “The ferry”' });
  fireEvent.click(button, { detail: 1 });
  fireEvent.click(button, { detail: 2 });
  expect(onClick).toHaveBeenCalledTimes(1);
  fireEvent.click(button, { detail: 1 });
  expect(onClick).toHaveBeenCalledTimes(2);
});

test('Enter and Space, which have no click count, work', () => {
  const onClick = vi.fn();
  render(<Button title="The ferry" isSaved onClick={onClick} />);
  const button = screen.getByRole('button', { pressed: true });
  fireEvent.click(button, { detail: 0 });
  expect(onClick).toHaveBeenCalledTimes(1);
});
