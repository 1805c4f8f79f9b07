// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { describeQuoteCall } from './describe-api-call.ts';
import { createFlowLog } from './flow-log.ts';
import { FlowPanel } from './flow-panel.tsx';

beforeAll(() => {
  // jsdom has no layout and so no scrolling.
  Element.prototype.scrollTo = () => {};
});
afterEach(cleanup);

const quotation = { quote: 'Brevity is the soul of wit.', author: 'William Shakespeare', source: 'Hamlet' };

test('the panel shows a message the moment it travels', () => {
  const log = createFlowLog(undefined);
  render(<FlowPanel log={log} />);
  expect(screen.queryAllByRole('listitem')).toEqual([]);
  act(() =>
    log.record(
      describeQuoteCall('http://localhost:5000', { kind: 'ok', status: 200, body: quotation }, 'DPoP', 1),
    ),
  );
  expect(screen.getByRole('listitem').textContent).toContain('GET http://localhost:5000/api/quote · 200');
});

test('the panel can be folded away, and says so to assistive technology', () => {
  render(<FlowPanel log={createFlowLog(undefined)} />);
  const toggle = screen.getByRole('button', { name: /What just happened/ });
  expect(toggle.getAttribute('aria-expanded')).toBe('true');
  fireEvent.click(toggle);
  expect(toggle.getAttribute('aria-expanded')).toBe('false');
  expect(screen.queryByText(/Nothing yet/)?.closest('[hidden]')).not.toBeNull();
});

test.each([
  [{ kind: 'unreachable' }, 'no answer'],
  [{ kind: 'refused', status: 503, description: 'Try again shortly.' }, '503'],
] as const)('a failed call %o is shown as a problem', (outcome, text) => {
  const log = createFlowLog(undefined);
  log.record(describeQuoteCall('http://localhost:5000', outcome, 'Bearer', 1));
  render(<FlowPanel log={log} />);
  const item = screen.getByRole('listitem');
  expect(item.dataset.outcome).toBe('problem');
  expect(item.textContent).toContain(text);
});
