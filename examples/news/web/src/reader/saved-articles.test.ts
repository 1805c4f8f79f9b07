import { expect, test, vi } from 'vitest';
import { createSavedArticles } from './saved-articles.ts';

function world() {
  const waiting: { readonly finish: () => void; readonly fail: (error: unknown) => void }[] = [];
  const call = () =>
    vi.fn((_slug: string) => new Promise<void>((finish, fail) => waiting.push({ finish, fail })));
  const save = call();
  const unsave = call();
  const onChange = vi.fn();
  const findSaved = vi.fn(
    async (slugs: readonly string[]): Promise<string[]> => slugs.filter((slug) => slug === 'ferry'),
  );
  const saved = createSavedArticles({ save, unsave, findSaved, onChange });
  return { save, unsave, findSaved, onChange, waiting, saved };
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

test('an answer from before a change does not undo it, however late it comes', async () => {
  const { saved, waiting, findSaved } = world();
  let answer = (_slugs: 'ferry'[]) => {};
  findSaved.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  saved.learn([], 'some');
  saved.ask('ferry');
  await vi.waitFor(() => expect(findSaved).toHaveBeenCalledTimes(1));
  const saving = saved.toggle('ferry');
  waiting[0]?.finish();
  await saving;
  answer([]);
  await Promise.resolve();
  await Promise.resolve();
  expect(saved.isSaved('ferry')).toBe(true);
  const removing = saved.toggle('ferry');
  waiting[1]?.finish();
  await removing;
  saved.learn(['ferry'], 'all');
  saved.learnOne('ferry', true);
  expect(saved.isSaved('ferry')).toBe(false);
});

test('an article is unsaved for certain only when the whole list is known', () => {
  const { saved } = world();
  saved.learn(['tram'], 'some');
  expect(saved.isSaved('ferry')).toBeUndefined();
  saved.learn(['tram'], 'all');
  expect(saved.isSaved('ferry')).toBe(false);
});

test('the cards of a page are asked about together, each once, after the last saved ones are known', async () => {
  const { saved, findSaved } = world();
  for (const slug of ['ferry', 'tram', 'bus', 'tram']) saved.ask(slug);
  await Promise.resolve();
  expect(findSaved).not.toHaveBeenCalled();
  saved.learn(['bus'], 'some');
  await vi.waitFor(() => expect(saved.isSaved('tram')).toBe(false));
  for (const slug of ['ferry', 'tram', 'bus']) saved.ask(slug);
  await Promise.resolve();
  expect(findSaved.mock.calls).toEqual([[['ferry', 'tram']]]);
  expect(saved.isSaved('ferry')).toBe(true);
});

test('nothing is asked when the whole list is known; many cards are asked about 50 at a time', async () => {
  const { saved, findSaved } = world();
  saved.learn([], 'some');
  for (let card = 0; card < 120; card += 1) saved.ask(`card-${card}`);
  await Promise.resolve();
  expect(findSaved.mock.calls.map(([slugs]) => slugs.length)).toEqual([50, 50, 20]);
  saved.learn([], 'all');
  saved.ask('another');
  await Promise.resolve();
  expect(findSaved).toHaveBeenCalledTimes(3);
});

test('what could not be found out is asked again later', async () => {
  const { saved, findSaved } = world();
  saved.learn([], 'some');
  findSaved.mockRejectedValueOnce(new Error('away'));
  saved.ask('ferry');
  await vi.waitFor(() => expect(findSaved).toHaveBeenCalledTimes(1));
  await Promise.resolve();
  expect(saved.isSaved('ferry')).toBeUndefined();
  saved.ask('ferry');
  await vi.waitFor(() => expect(saved.isSaved('ferry')).toBe(true));
});
