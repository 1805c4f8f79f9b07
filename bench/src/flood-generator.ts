/** The process that floods a server with sign-ins over bare sockets, and asks other paths beside them. */
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FloodMessage, FloodOrder, FloodResult, Waits } from './flood-plan.ts';
import { quantile } from './quantile.ts';

/** As long as `Retry-After` says. */
const retryMs = 1000;
const besidePauseMs = 5;
const aloneMs = 1000;

interface Answered {
  readonly status: number;
  readonly waitedMs: number;
}

/** A keep-alive connection that sends one request at a time. */
interface Wire {
  /** Resolves to the answer; status 0 when the connection broke. */
  readonly ask: (request: Buffer) => Promise<Answered>;
  readonly close: () => void;
}

function lengthOfAnswer(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1];
  return headEnd + 4 + Number(length ?? 0);
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

async function openWire(port: number): Promise<Wire> {
  let socket = await openSocket(port);
  const ask = async (request: Buffer): Promise<Answered> => {
    if (socket.destroyed) socket = await openSocket(port);
    const sentAt = performance.now();
    return await new Promise((resolve) => {
      let text = '';
      const finish = (status: number): void => {
        socket.removeAllListeners();
        socket.on('error', () => undefined);
        if (status === 0 || /\r\nconnection: close/i.test(text)) socket.destroy();
        resolve({ status, waitedMs: performance.now() - sentAt });
      };
      socket.on('data', (chunk) => {
        // latin1: one character a byte, so that lengths agree.
        text += chunk.toString('latin1');
        const length = lengthOfAnswer(text);
        if (length !== undefined && text.length >= length) finish(Number(text.slice(9, 12)));
      });
      socket.once('error', () => finish(0));
      socket.once('close', () => finish(0));
      socket.write(request);
    });
  };
  return { ask, close: () => socket.destroy() };
}

function waitsOf(answers: readonly Answered[]): Waits {
  const times = answers.map(({ waitedMs }) => waitedMs);
  return {
    count: times.length,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    worstMs: times.reduce((worst, each) => Math.max(worst, each), 0),
  };
}

async function askBeside(
  wire: Wire,
  requests: readonly Buffer[],
  durationMs: number,
): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  const endsAt = performance.now() + durationMs;
  for (let turn = 0; performance.now() < endsAt; turn += 1) {
    const request = requests[turn % requests.length];
    if (request === undefined) throw new Error('nothing to ask beside the flood');
    answers.push(await wire.ask(request));
    await pause(besidePauseMs);
  }
  return answers;
}

async function flood(wires: readonly Wire[], order: FloodOrder): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  const requests = order.signIns.map((each) => Buffer.from(each, 'latin1'));
  const endsAt = performance.now() + order.durationMs;
  const person = async (wire: Wire, index: number): Promise<void> => {
    const request = requests[index];
    if (request === undefined) return;
    for (;;) {
      const answer = await wire.ask(request);
      answers.push(answer);
      const pauseMs = answer.status === 303 ? 0 : retryMs;
      if (performance.now() + pauseMs >= endsAt) return;
      await pause(pauseMs);
    }
  };
  await Promise.all(wires.map(person));
  return answers;
}

const isRefusal = ({ status }: Answered): boolean => status === 503 || status === 429;

async function run(order: FloodOrder): Promise<FloodResult> {
  const { port, signIns, durationMs } = order;
  const wires: Wire[] = [];
  for (let index = 0; index < signIns.length; index += 1) wires.push(await openWire(port));
  const beside = await Promise.all(
    order.beside.map(async ({ name, requests }) => ({
      name,
      requests: requests.map((each) => Buffer.from(each, 'latin1')),
      wire: await openWire(port),
    })),
  );
  const all = (forMs: number): Promise<(readonly Answered[])[]> =>
    Promise.all(beside.map(({ wire, requests }) => askBeside(wire, requests, forMs)));
  const alone = await all(aloneMs);
  const [answers, busy] = await Promise.all([flood(wires, order), all(durationMs)]);
  for (const wire of [...wires, ...beside.map((each) => each.wire)]) wire.close();
  const statuses: Record<string, number> = {};
  for (const { status } of answers) {
    const name = status === 0 ? 'broken' : String(status);
    statuses[name] = (statuses[name] ?? 0) + 1;
  }
  return {
    statuses,
    refused: waitsOf(answers.filter(isRefusal)),
    admitted: waitsOf(answers.filter((answer) => !isRefusal(answer))),
    signInsPerSecond: (statuses['303'] ?? 0) / (durationMs / 1000),
    beside: beside.map(({ name }, index) => ({
      name,
      waits: waitsOf(busy[index] ?? []),
      alone: waitsOf(alone[index] ?? []),
      failed: (busy[index] ?? []).filter(({ status }) => status !== 200).length,
    })),
  };
}

const tell = (message: FloodMessage): void => void process.send?.(message);

process.on('message', (message: FloodMessage) => {
  if (message.kind !== 'order') return;
  run(message.order).then(
    (result) => tell({ kind: 'result', result }),
    (error: unknown) => tell({ kind: 'failed', message: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
