import argon2 from '@node-rs/argon2';
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

test('NIST SP 800-63B-4 §3.1.1.2: a password is right in whichever Unicode form it is typed', async () => {
  const [composed, decomposed] = ['Zürich liegt am Zürichsee', 'Zürich liegt am Zürichsee'].map(
    (text, index) => text.normalize(index === 0 ? 'NFC' : 'NFD'),
  );
  for (const set of [composed, decomposed]) {
    const stored = await pool.hash(String(set));
    for (const typed of [composed, decomposed]) expect(await pool.verify(String(typed), stored)).toBe(true);
    expect(await pool.verify('Zurich liegt am Zurichsee', stored)).toBe(false);
  }
});

test('a hash made elsewhere of another form is right for that form', async () => {
  const typed = 'Zürich liegt am Zürichsee'.normalize('NFD');
  const stored = await argon2.hash(typed);
  expect(await pool.verify(typed, stored)).toBe(true);
});

test('a hash of other parameters is outdated', async () => {
  expect(pool.isOutdated('$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$aGFzaA')).toBe(true);
  expect(pool.isOutdated(await pool.hash('analytical engine'))).toBe(false);
});

test('a broken stored hash is an error, not a wrong password', async () => {
  await expect(pool.verify('anything', 'not a hash')).rejects.toThrow();
});

test('what waits is bounded by its time: two seconds of hashes are taken and finished, the rest is refused at once', async () => {
  const startedAt = performance.now();
  await Promise.all([pool.verify('x', null), pool.verify('x', null), pool.verify('x', null)]);
  const eachMs = (performance.now() - startedAt) / 3;
  const outcomes = await Promise.allSettled(Array.from({ length: 4000 }, () => pool.verify('x', null)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.every((outcome) => outcome.reason instanceof PasswordPoolBusy)).toBe(true);
  const taken = outcomes.length - refused.length;
  expect(taken).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(0);
  // Estimated from what was measured so far, which a busy machine makes a rough figure.
  expect(taken * eachMs).toBeLessThan(30_000);
}, 60_000);

test('work is admitted before it begins, a few pieces at once, and refused when it would wait too long', async () => {
  let running = 0;
  let most = 0;
  const work = async (): Promise<boolean> => {
    running += 1;
    most = Math.max(most, running);
    const isMatch = await pool.verify('x', null);
    running -= 1;
    return isMatch;
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 5000 }, () => pool.admit(work)));
  expect(most).toBe(2);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.length).toBeGreaterThan(400);
  expect(refused.every((outcome) => outcome.reason instanceof PasswordPoolBusy)).toBe(true);
  expect(await pool.admit(async () => 'later')).toBe('later');
}, 60_000);
