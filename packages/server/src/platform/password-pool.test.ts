import { afterAll, expect, test } from 'vitest';
import { createPasswordPool, PasswordPoolBusy } from './password-pool.ts';

const pool = createPasswordPool({ threads: 1 });
afterAll(() => pool.close());

test('a hash is argon2id with the floor’s cost, salted, and verifies its own password only', async () => {
  const [first, second] = await Promise.all([pool.hash('analytical engine'), pool.hash('analytical engine')]);
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(first).not.toBe(second);
  expect(await pool.verify('analytical engine', first)).toBe(true);
  expect(await pool.verify('Analytical engine', first)).toBe(false);
});

test('an unknown user’s password is never right, and costs a hash', async () => {
  expect(await pool.verify('anything', null)).toBe(false);
});

test('a hash of other parameters is outdated', async () => {
  expect(pool.isOutdated('$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$aGFzaA')).toBe(true);
  expect(pool.isOutdated(await pool.hash('analytical engine'))).toBe(false);
});

test('a broken stored hash is an error, not a wrong password', async () => {
  await expect(pool.verify('anything', 'not a hash')).rejects.toThrow();
});

test('the queue is bounded: what does not fit is refused at once, what was taken is finished', async () => {
  const tasks = Array.from({ length: 230 }, () => pool.verify('x', null));
  const outcomes = await Promise.allSettled(tasks);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.length).toBeGreaterThanOrEqual(29);
  expect(refused.every((outcome) => outcome.reason instanceof PasswordPoolBusy)).toBe(true);
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled').length).toBeGreaterThanOrEqual(200);
});
