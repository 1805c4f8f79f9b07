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
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
