import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createRequestTally } from './request-tally.ts';

test('a request counts in every bucket at or above its time, and by route and status', async () => {
  const registry = new Registry();
  const observe = createRequestTally(registry);
  observe('/a', 200, 0.001);
  observe('/a', 200, 0.0011);
  observe('/a', 400, 60);
  observe('/b', 200, 0);
  const [first, again] = [await registry.metrics(), await registry.metrics()];
  expect(again).toBe(first);
  const lines = first.split('\n');
  const duration = 'latchkey_http_request_duration_seconds';
  for (const line of [
    `# TYPE ${duration} histogram`,
    `${duration}_bucket{le="0.0005",route="/a"} 0`,
    `${duration}_bucket{le="0.001",route="/a"} 1`,
    `${duration}_bucket{le="0.0025",route="/a"} 2`,
    `${duration}_bucket{le="5",route="/a"} 2`,
    `${duration}_bucket{le="+Inf",route="/a"} 3`,
    `${duration}_sum{route="/a"} 60.0021`,
    `${duration}_count{route="/a"} 3`,
    `${duration}_bucket{le="0.0005",route="/b"} 1`,
    'latchkey_http_requests_total{route="/a",status="200"} 2',
    'latchkey_http_requests_total{route="/a",status="400"} 1',
    'latchkey_http_requests_total{route="/b",status="200"} 1',
  ])
    expect(lines).toContain(line);
});
