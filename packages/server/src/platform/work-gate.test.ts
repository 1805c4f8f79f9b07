import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorkGate } from './work-gate.ts';

class Busy extends Error {}

/** A gate on a clock of its own, and work that ends when told to. */
function gateUnderTest(options: { atOnce: number; maximumWaitMs: number; expectedMs: number }) {
  const state = { nowMs: 0, started: 0, refused: 0, finished: 0, most: 0 };
  const open: (() => void)[] = [];
  const gate = createWorkGate({ ...options, busy: () => new Busy(), nowMs: () => state.nowMs });
  const enter = (): void =>
    void gate
      .run(async () => {
        state.started += 1;
        state.most = Math.max(state.most, gate.running());
        await new Promise<void>((resolve) => open.push(resolve));
        state.finished += 1;
      })
      .catch((error: unknown) => {
        if (error instanceof Busy) state.refused += 1;
      });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  };
  return { gate, state, enter, settle, finishOne: () => open.shift()?.() };
}

test('as much work waits as is done in time; the rest is refused before it begins', async () => {
  const { gate, state, enter, settle } = gateUnderTest({ atOnce: 4, maximumWaitMs: 2000, expectedMs: 50 });
  for (let index = 0; index < 500; index += 1) enter();
  await settle();
  expect(state.started).toBe(4);
  // Two seconds of work of 50 ms on four places.
  expect(gate.waiting()).toBe(160);
  expect(state.refused).toBe(500 - 4 - 160);
});

test('the queue follows what work takes: slower work means a shorter queue, faster work a longer one', async () => {
  const { gate, state, enter, settle, finishOne } = gateUnderTest({
    atOnce: 1,
    maximumWaitMs: 2000,
    expectedMs: 100,
  });
  const fill = async (): Promise<number> => {
    for (let index = 0; index < 200; index += 1) enter();
    await settle();
    return gate.waiting();
  };
  const drain = async (eachMs: number): Promise<void> => {
    while (gate.running() > 0) {
      state.nowMs += eachMs;
      finishOne();
      await settle();
    }
  };
  expect(await fill()).toBe(20);
  await drain(1000);
  const slower = await fill();
  expect(slower).toBeGreaterThanOrEqual(1);
  expect(slower).toBeLessThan(5);
  for (let round = 0; round < 40; round += 1) {
    await drain(20);
    await fill();
  }
  expect(gate.waiting()).toBeGreaterThan(50);
});

test('the gate is full exactly while work that came now would be refused', async () => {
  const { gate, state, enter, settle, finishOne } = gateUnderTest({
    atOnce: 1,
    maximumWaitMs: 10,
    expectedMs: 10,
  });
  const full: boolean[] = [];
  for (let index = 0; index < 4; index += 1) {
    full.push(gate.isFull());
    enter();
    await settle();
  }
  expect([full, state.refused]).toEqual([[false, false, true, true], 2]);
  finishOne();
  await settle();
  expect(gate.isFull()).toBe(false);
});

test('work that throws gives its place back', async () => {
  const gate = createWorkGate({ atOnce: 1, maximumWaitMs: 10, expectedMs: 10, busy: () => new Busy() });
  await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(gate.running()).toBe(0);
  expect(await gate.run(async () => 'next')).toBe('next');
});

test('whatever comes and goes, no more than allowed runs, nothing is lost and nothing runs twice', async () => {
  const move = fc.constantFrom('enter', 'finish', 'wait');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(move, { maxLength: 120 }),
      async (atOnce, moves) => {
        const { gate, state, enter, settle, finishOne } = gateUnderTest({
          atOnce,
          maximumWaitMs: 100,
          expectedMs: 20,
        });
        let entered = 0;
        for (const each of moves) {
          if (each === 'enter') {
            enter();
            entered += 1;
          } else if (each === 'finish') finishOne();
          else state.nowMs += 7;
          await settle();
          expect(gate.running()).toBeLessThanOrEqual(atOnce);
          // A free place and a queue at once would be work forgotten.
          if (gate.waiting() > 0) expect(gate.running()).toBe(atOnce);
          expect(state.started).toBe(state.finished + gate.running());
          expect(entered).toBe(state.started + state.refused + gate.waiting());
        }
      },
    ),
  );
});
