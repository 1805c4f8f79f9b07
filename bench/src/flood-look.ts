/** A look at a flood of sign-ins while working: `tsx bench/src/flood-look.ts`; ENGINE (pglite, postgres), AT_ONCE and MS are read from the environment. */
import { startLatchkey } from './latchkey.ts';
import { endAll } from './processes.ts';
import { measureFlood } from './sign-in-flood.ts';

try {
  const server = await startLatchkey(process.env.ENGINE === 'postgres' ? 'postgres' : 'pglite', {
    userCount: 250,
  });
  const atOnce = Number(process.env.AT_ONCE ?? 500);
  const found = await measureFlood(server, { atOnce, durationMs: Number(process.env.MS ?? 4000) });
  console.log(JSON.stringify({ ...found, beside: undefined, refused: found.refused }, null, 1));
  console.table(
    found.beside.map(({ name, waits, alone, failed }) => ({
      name,
      count: waits.count,
      failed,
      alone99: alone.p99Ms.toFixed(1),
      p50: waits.p50Ms.toFixed(1),
      p99: waits.p99Ms.toFixed(1),
      worst: waits.worstMs.toFixed(1),
    })),
  );
  await server.stop();
} finally {
  await endAll();
}
