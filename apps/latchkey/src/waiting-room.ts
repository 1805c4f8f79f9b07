import type { RequestListener } from 'node:http';
import { createNodeServer, type Logger } from '@latchkey/server';
import { DatabaseUnavailable, type Engine, type UnavailableReason } from '@latchkey/store';

/** Faults that pass by themselves; the others (a wrong password, a missing database) need a person. */
const passing: readonly UnavailableReason[] = [
  'connection-refused',
  'host-unknown',
  'connection-lost',
  'too-many-connections',
  'starting-up',
  'read-only',
  'acquire-timeout',
  'statement-timeout',
  'server-hung',
];

const firstDelayMs = 200;
const longestDelayMs = 5000;

/** Waits until the database answers, trying again ever more slowly. Rejects when waiting cannot help. */
export async function waitForDatabase(engine: Engine, log: Logger): Promise<void> {
  let delayMs = firstDelayMs;
  for (;;) {
    try {
      return await engine.ping(3000);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable) || !passing.includes(error.reason)) throw error;
      log.warn(
        { reason: error.reason, retryInMs: delayMs },
        'the database does not answer yet; waiting for it',
      );
      const pause = delayMs;
      await new Promise((resolve) => setTimeout(resolve, pause));
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    }
  }
}

/**
 * Answers in place of the server while it waits for its database: the process lives, but is not ready. Speaks TLS where the
 * server will. Resolves to the function that gives the port back. Rejects when the port is taken.
 */
export async function openWaitingRoom(
  port: number,
  host: string | undefined,
  tls: { readonly key: string; readonly cert: string } | undefined,
): Promise<() => Promise<void>> {
  const answer: RequestListener = (request, response) => {
    const isLive = ['/healthz', '/livez', '/debug/healthz'].includes(request.url ?? '');
    response.writeHead(isLive ? 200 : 503, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'close',
      ...(isLive ? {} : { 'retry-after': '1' }),
    });
    response.end(isLive ? 'ok\n' : 'starting: the database does not answer yet\n');
  };
  const http = createNodeServer(answer, tls, []);
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, resolve);
  });
  return () =>
    new Promise((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
}
