/** A look at the pages of lists while working: `tsx bench/src/list-look.ts`; USERS and SAMPLES are read from the environment. */
import { measureListPages } from './list-pages.ts';

const found = await measureListPages({
  userCount: Number(process.env.USERS ?? 1_000_000),
  samples: Number(process.env.SAMPLES ?? 50),
});
console.table(
  found.map(({ question, p50Ms, p99Ms }) => ({ question, p50: p50Ms.toFixed(1), p99: p99Ms.toFixed(1) })),
);
