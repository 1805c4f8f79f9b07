import { expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { createOwedAttempts, type OwedAttempt, withoutOwed } from './owed-attempts.ts';

function attempt(at: number, certainty: OwedAttempt['certainty'] = 'counted'): OwedAttempt {
  const [before, after] = [
    { count: at - 1, lastAtMs: at - 1 },
    { count: at, lastAtMs: at },
  ];
  return { before, after, certainty, release: () => Promise.resolve() };
}

test('several attempts in a row that are owed leave the count as it was before them', () => {
  expect(withoutOwed({ count: 5, lastAtMs: 5 }, [attempt(4), attempt(5)])).toEqual({ count: 3, lastAtMs: 3 });
});

test('guesses that came after an owed attempt stay counted', () => {
  expect(withoutOwed({ count: 6, lastAtMs: 60 }, [attempt(5)])).toEqual({ count: 5, lastAtMs: 60 });
});

test('an attempt that perhaps was not counted gives nothing back once the count is another', () => {
  expect(withoutOwed({ count: 5, lastAtMs: 5 }, [attempt(5, 'perhaps')])).toEqual({ count: 4, lastAtMs: 4 });
  expect(withoutOwed({ count: 6, lastAtMs: 60 }, [attempt(5, 'perhaps')])).toEqual({
    count: 6,
    lastAtMs: 60,
  });
});

test('what is taken out profits once, and what cannot be taken back stays owed', async () => {
  const owed = createOwedAttempts(createLogger('silent'));
  const state = { isFull: true, released: 0 };
  const release = async (): Promise<void> => {
    if (state.isFull) throw new Error('no space left on device');
    state.released += 1;
  };
  owed.owe('a', [{ ...attempt(1), release }]);
  owed.owe('a', [{ ...attempt(2), release }]);
  await owed.flush();
  const taken = owed.take('a');
  expect([taken.length, owed.take('a').length]).toEqual([2, 0]);
  owed.owe('a', taken);
  state.isFull = false;
  await owed.flush();
  expect([state.released, owed.take('a').length]).toEqual([2, 0]);
});
