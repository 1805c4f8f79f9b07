// Loaded into the server before its own code: on SIGUSR2 it collects garbage and says on standard error what is left.
import { getHeapStatistics } from 'node:v8';

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const { malloced_memory: malloced } = getHeapStatistics();
  process.stderr.write(
    `memory-probe ${JSON.stringify({ rss, heapUsed, external, arrayBuffers, malloced })}\n`,
  );
});
