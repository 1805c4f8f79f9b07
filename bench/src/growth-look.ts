/** A look at growth alone: `tsx bench/src/growth-look.ts [pglite|postgres] [rows]`, with ROUNDS and MS as quick-look.ts has. */
import { measureGrowth } from './growth.ts';
import { startLoadClient } from './load-client.ts';
import { endAll } from './processes.ts';

const kind = process.argv[2] === 'pglite' ? 'pglite' : 'postgres';
const largeRows = Number(process.argv[3] ?? (kind === 'pglite' ? 100_000 : 1_000_000));
const pace = {
  rounds: Number(process.env.ROUNDS ?? 3),
  connections: 16,
  warmUpMs: 500,
  measureMs: Number(process.env.MS ?? 1500),
};
try {
  const { small, large, ...ratios } = await measureGrowth(
    await startLoadClient(),
    { kind, smallRows: 1000, largeRows },
    pace,
  );
  console.table([small, large]);
  console.log(ratios);
} finally {
  await endAll();
}
