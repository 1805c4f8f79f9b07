import type { RequestListener } from 'node:http';
import { createNodeServer, type Logger } from '@latchkey/server';
import { DatabaseUnavailable, type UnavailableReason } from '@latchkey/store';

/** Faults that pass by themselves; the others (a wrong password, a missing database) need a person. */
const passing: readonly UnavailableReason[] = [
  'connection-refused',
  'host-unknown',
  'connection-lost',
  'too-many-connections',
  'starting-up',
  'read-only',
  'acquire-timeout',
  'queue-full',
  'lock-held',
  'statement-timeout',
  'server-hung',
];

const firstDelayMs = 200;
const longestDelayMs = 5000;

const sayEveryMs = 5000;

/** How long somebody waits for the database. */
export interface Patience {
  readonly log: Logger;
  /** Gives up after this, in milliseconds; never without. */
  readonly forMs?: number;
}

/**
 * Does what needs the database, again and ever more slowly while that cannot serve for a reason that passes. Says what is
 * waited for at first, when the reason changes, and every five seconds. Rejects when waiting cannot help or took too long.
 */
export async function withPatience<T>(
  { log, forMs = Number.POSITIVE_INFINITY }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  const said = { reason: '', at: Number.NEGATIVE_INFINITY };
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable) || !passing.includes(error.reason)) throw error;
      const now = performance.now();
      if (now - startedAt + delayMs > forMs) throw error;
      if (error.reason !== said.reason || now - said.at >= sayEveryMs) {
        log.warn(
          { reason: error.reason, waitedMs: Math.round(now - startedAt) },
          `waiting for the database: ${error.message}`,
        );
        Object.assign(said, { reason: error.reason, at: now });
      }
      const pause = delayMs;
      await new Promise((resolve) => setTimeout(resolve, pause));
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
