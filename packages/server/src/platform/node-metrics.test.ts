import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { createNodeMetrics } from './node-metrics.ts';

function createProcess(ageMs: number) {
  return createMetrics({
    liveStateAgeMs: () => ageMs,
    revocations: () => 7,
    passwordQueue: () => 2,
    clockAheadMs: () => 0,
    loopLagMs: () => 0,
    openedTokens: () => 0,
  });
}

function lineOf(page: string, name: string): string | undefined {
  return page.split('\n').find((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
}

test('the page of a node adds up counters and histograms, and shows the oldest age', async () => {
  const processes = [createProcess(100), createProcess(300)];
  for (const [index, metrics] of processes.entries())
    for (let times = 0; times <= index; times += 1) metrics.observeRequest('/r', 200, 0.002);
  const node = createNodeMetrics(() => 2);
  const page = await node.text(await Promise.all(processes.map((metrics) => metrics.report())));
  expect(lineOf(page, 'latchkey_http_requests_total')).toContain('route="/r",status="200"} 3');
  expect(page).toContain('latchkey_http_request_duration_seconds_count{route="/r"} 3');
  expect(page).toContain('latchkey_http_request_duration_seconds_bucket{le="0.0025",route="/r"} 3');
  expect(lineOf(page, 'latchkey_live_state_age_seconds')).toBe('latchkey_live_state_age_seconds 0.3');
  expect(lineOf(page, 'latchkey_revocations')).toBe('latchkey_revocations 7');
  expect(lineOf(page, 'latchkey_password_queue')).toBe('latchkey_password_queue 4');
  expect(lineOf(page, 'latchkey_workers')).toBe('latchkey_workers 2');
});

test('no counter falls when a process ends: what it had reported stays in the sum', async () => {
  const [ended, lives] = [createProcess(0), createProcess(0)];
  for (const metrics of [ended, lives]) metrics.observeRequest('/r', 200, 0.002);
  const node = createNodeMetrics(() => 1);
  await node.retire(await ended.report());
  await node.retire(await ended.report());
  node.countRestart();
  const page = await node.text([await lives.report()]);
  expect(lineOf(page, 'latchkey_http_requests_total')).toContain('} 3');
  expect(page).toContain('latchkey_http_request_duration_seconds_count{route="/r"} 3');
  expect(lineOf(page, 'latchkey_revocations')).toBe('latchkey_revocations 7');
  expect(lineOf(page, 'latchkey_worker_restarts_total')).toBe('latchkey_worker_restarts_total 1');
});
