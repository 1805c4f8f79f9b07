import { expect, test, vi } from 'vitest';
import { createCache } from './cache.ts';

function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('one load at a time for a key; while the data is fresh there is none', async () => {
  let now = 1_000;
  const cache = createCache(() => now);
  const answer = deferred<string>();
  const loader = vi.fn(() => answer.promise);
  cache.load('topics', loader, 60_000);
  cache.load('topics', loader, 60_000);
  answer.resolve('all');
  await settled();
  expect(cache.read('topics')).toMatchObject({ data: 'all', isLoading: false });
  now += 59_999;
  cache.load('topics', loader, 60_000);
  expect(loader).toHaveBeenCalledTimes(1);
  now += 1;
  cache.load('topics', loader, 60_000);
  expect(loader).toHaveBeenCalledTimes(2);
});

test('a failed load keeps the data there was, says why, and is tried again the next time', async () => {
  const cache = createCache(() => 1_000);
  cache.put('latest', ['a']);
  const problem = new Error('away');
  cache.load('latest', () => Promise.reject(problem), 0);
  await settled();
  expect(cache.read('latest')).toMatchObject({ data: ['a'], error: problem, isLoading: false });
  cache.load('latest', () => Promise.resolve(['b']), 60_000);
  expect(cache.read('latest')).not.toHaveProperty('error');
  await settled();
  expect(cache.read('latest').data).toEqual(['b']);
});

test('what belongs to a user is dropped, and an answer that comes later is not stored', async () => {
  const cache = createCache();
  const answer = deferred<string>();
  let signal: AbortSignal | undefined;
  cache.put('own:7:saved', ['a']);
  cache.put('topics', ['science']);
  const load = (given: AbortSignal) => {
    signal = given;
    return answer.promise;
  };
  cache.load('own:7:feed', load, 0);
  cache.drop('own:');
  expect(signal?.aborted).toBe(true);
  answer.resolve('secret');
  await settled();
  expect(cache.read('own:7:feed').data).toBeUndefined();
  expect(cache.read('own:7:saved').data).toBeUndefined();
  expect(cache.read('topics').data).toEqual(['science']);
});

test('an expired key keeps its data and is loaded when it is next needed', async () => {
  const cache = createCache(() => 1_000_000);
  cache.put('own:7:feed', ['old']);
  cache.expire('own:7:feed');
  expect(cache.read('own:7:feed').data).toEqual(['old']);
  cache.load('own:7:feed', () => Promise.resolve(['new']), 60_000);
  await settled();
  expect(cache.read('own:7:feed').data).toEqual(['new']);
});
