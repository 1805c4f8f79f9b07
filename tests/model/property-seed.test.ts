import { expect, test, vi } from 'vitest';
import { propertySeed } from './property-seed.ts';

test('a property test has a fixed seed in CI, a random one elsewhere, and the one it is given always', () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const now = vi.spyOn(Date, 'now').mockReturnValue(1234);
  expect(propertySeed('EXAMPLE', 7, { CI: 'true' })).toBe(7);
  expect(propertySeed('EXAMPLE', 7, {})).toBe(1234);
  expect(propertySeed('EXAMPLE', 7, { CI: '' })).toBe(1234);
  expect(propertySeed('EXAMPLE', 7, { CI: 'true', EXAMPLE_SEED: '5' })).toBe(5);
  expect(printed.mock.calls.map(([line]) => line)).toEqual(
    [7, 1234, 1234, 5].map((seed) => `EXAMPLE: seed ${seed} (repeat with EXAMPLE_SEED=${seed})`),
  );
  printed.mockRestore();
  now.mockRestore();
});
