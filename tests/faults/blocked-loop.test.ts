import type { TestServer } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FlowServer, startFlowServer } from '../flows/flow-world.ts';

let running: FlowServer;
let strict: TestServer;
beforeAll(async () => {
  running = await startFlowServer('postgres', { maximumLoopLagMs: 60_000 });
  strict = await running.server.startNode({ maximumLoopLagMs: 300 });
});
afterAll(async () => {
  await strict?.close();
  await running?.stop();
});

/** Holds the event loop of this process, and so of the servers in it. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('a blocked event loop shows in the metrics, and makes a server not ready beyond its bound', async () => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  block(1000);
  // Asked at once, before a newer window begins.
  const [refused, ready, metrics] = await Promise.all([
    strict.fetch('/readyz'),
    running.server.fetch('/readyz'),
    strict.fetch('/metrics'),
  ]);
  expect([refused.status, await refused.text()]).toEqual([503, 'the event loop was blocked for too long\n']);
  expect(ready.status).toBe(200);
  const [, seconds] = /^latchkey_event_loop_lag_seconds ([0-9.]+)$/m.exec(await metrics.text()) ?? [];
  expect(Number(seconds)).toBeGreaterThan(0.5);
});
