/** The process that makes load: keep-alive connections over bare sockets, no pipelining, as little work per request as can be. */
import { connect, type Socket } from 'node:net';
import { createLines, type Line } from './load-lines.ts';
import type { LoadMessage, LoadOrder, LoadResult } from './load-plan.ts';

const sampleEvery = 32;

interface Tally {
  requests: number;
  bytesOut: number;
  bytesIn: number;
  /** Time spent in callbacks; the rest was waiting. */
  workingMs: number;
  readonly latenciesMs: number[];
}

/** Where the first whole answer in the text ends, and its body begins; `undefined` while some is missing. */
function frame(text: string): { readonly bodyStart: number; readonly end: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1];
  if (length === undefined) throw new Error(`an answer without content-length: ${text.slice(0, headEnd)}`);
  const bodyStart = headEnd + 4;
  const end = bodyStart + Number(length);
  return text.length < end ? undefined : { bodyStart, end };
}

function drive(order: LoadOrder, line: Line, tally: Tally, endsAt: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let socket: Socket;
    let pending = '';
    let sentAt = 0;
    let progress: ReturnType<Line['take']> = 'counted';
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const send = (): void => {
      const request = line.next();
      if (request === undefined) {
        socket.destroy();
        resolve();
        return;
      }
      tally.bytesOut += request.length;
      if (progress === 'counted') sentAt = performance.now();
      socket.write(request);
    };
    const finish = (text: string, bodyStart: number): void => {
      const now = performance.now();
      if (!text.startsWith(line.statusLine())) {
        fail(new Error(`not the answer that was expected: ${text.slice(0, 600)}`));
        return;
      }
      try {
        progress = line.take(text, bodyStart);
      } catch (cause) {
        fail(cause instanceof Error ? cause : new Error(String(cause)));
        return;
      }
      if (progress === 'counted') {
        tally.requests += 1;
        tally.latenciesMs.push(now - sentAt);
        if (tally.requests % sampleEvery === 0 && !text.includes(order.expectedText)) {
          fail(new Error(`not the answer that was expected: ${text.slice(0, 600)}`));
          return;
        }
      }
      if (now >= endsAt && progress === 'counted') {
        socket.destroy();
        resolve();
        return;
      }
      // The server may close a connection after so many requests; another takes its place.
      if (/\r\nconnection: close/i.test(text.slice(0, bodyStart))) open();
      else send();
    };
    const open = (): void => {
      pending = '';
      socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true }, send);
      socket.on('error', fail);
      socket.on('data', (chunk) => {
        const wokenAt = performance.now();
        tally.bytesIn += chunk.length;
        // latin1: one character a byte, so that lengths agree.
        const text = pending === '' ? chunk.toString('latin1') : pending + chunk.toString('latin1');
        const found = frame(text);
        pending = found === undefined ? text : '';
        if (found !== undefined) finish(text, found.bodyStart);
        tally.workingMs += performance.now() - wokenAt;
      });
    };
    open();
  });
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/**
 * Keeps this process from sleeping while it waits. Waking a sleeping process on another core is charged to the server that
 * answers it, and a slow server would pay that for every answer while a fast one never does.
 */
function stayAwake(): { readonly end: () => void } {
  let isAwake = true;
  const turn = (): void => {
    if (isAwake) setImmediate(turn);
  };
  turn();
  return {
    end: () => {
      isAwake = false;
    },
  };
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const { durationMs } = order;
  const lines = createLines(order);
  const tally: Tally = { requests: 0, bytesOut: 0, bytesIn: 0, workingMs: 0, latenciesMs: [] };
  const waiting = stayAwake();
  const startedAt = performance.now();
  await Promise.all(lines.map((line) => drive(order, line, tally, startedAt + durationMs)));
  const seconds = (performance.now() - startedAt) / 1000;
  waiting.end();
  const sorted = Float64Array.from(tally.latenciesMs).sort();
  return {
    requests: tally.requests,
    seconds,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    generatorBusy: tally.workingMs / 1000 / seconds,
    bytesOut: tally.bytesOut,
    bytesIn: tally.bytesIn,
    lastTokens: lines.map((line) => line.token()),
  };
}

const tell = (message: LoadMessage): void => void process.send?.(message);

process.on('message', (message: LoadMessage) => {
  if (message.kind !== 'order') return;
  run(message.order).then(
    (result) => tell({ kind: 'result', result }),
    (error: unknown) => tell({ kind: 'failed', message: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
