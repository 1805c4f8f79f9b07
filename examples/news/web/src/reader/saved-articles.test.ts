import { expect, test, vi } from 'vitest';
import { createSavedArticles } from './saved-articles.ts';

function world() {
  const waiting: { readonly finish: () => void; readonly fail: (error: unknown) => void }[] = [];
  const call = () =>
    vi.fn((_slug: string) => new Promise<void>((finish, fail) => waiting.push({ finish, fail })));
  const save = call();
  const unsave = call();
  const onChange = vi.fn();
  return { save, unsave, onChange, waiting, saved: createSavedArticles({ save, unsave, onChange }) };
}

test('a save shows at once; another click while it is under way changes nothing', async () => {
  const { saved, save, unsave, onChange, waiting } = world();
  const first = saved.toggle('ferry');
  expect(saved.isSaved('ferry')).toBe(true);
  await saved.toggle('ferry');
  expect(saved.isSaved('ferry')).toBe(true);
  waiting[0]?.finish();
  await first;
  expect([save.mock.calls.length, unsave.mock.calls.length]).toEqual([1, 0]);
  expect(onChange).toHaveBeenCalledTimes(1);
});

test('a refused save is taken back and rejects', async () => {
  const { saved, waiting, onChange } = world();
  const toggling = saved.toggle('ferry');
  waiting[0]?.fail(new Error('503'));
  await expect(toggling).rejects.toThrow('503');
  expect(saved.isSaved('ferry')).toBe(false);
  expect(onChange).not.toHaveBeenCalled();
});

test('an older answer does not undo a change that is under way', async () => {
  const { saved, waiting } = world();
  saved.learnOne('ferry', true);
  const removing = saved.toggle('ferry');
  saved.learn(['ferry', 'tram'], 'some');
  saved.learnOne('ferry', true);
  expect(saved.isSaved('ferry')).toBe(false);
  waiting[0]?.finish();
  await removing;
  expect(saved.isSaved('ferry')).toBe(false);
  expect(saved.isSaved('tram')).toBe(true);
});

test('an article is unsaved for certain only when the whole list is known', () => {
  const { saved } = world();
  saved.learn(['tram'], 'some');
  expect(saved.isSaved('ferry')).toBeUndefined();
  saved.learn(['tram'], 'all');
  expect(saved.isSaved('ferry')).toBe(false);
});
