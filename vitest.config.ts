import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const conditions = ['@latchkey/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/src/**/*.test.{ts,tsx}',
      'tests/**/*.test.ts',
      'examples/**/*.test.{ts,tsx}',
      'apps/*/src/**/*.test.ts',
      'scripts/**/*.test.mjs',
    ],
    pool: 'forks',
    // Half of a test's time is waiting for a database or a browser, so every core has one under way; more than four at once
    // would make each wait for the others.
    maxWorkers: Math.min(4, availableParallelism()),
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
