import { z } from 'zod';

/** What a worker tells the primary. */
const fromWorker = z.discriminatedUnion('kind', [
  /** Everything is open but the port. */
  z.object({ kind: z.literal('prepared') }),
  z.object({ kind: z.literal('listening'), port: z.number() }),
  /** Counts for the other workers, in order. */
  z.object({ kind: z.literal('tell'), tidings: z.array(z.unknown()) }),
  /** Asks about all workers. */
  z.object({ kind: z.literal('ask'), id: z.number(), about: z.enum(['metrics', 'readiness']) }),
  /** What was asked of this worker. */
  z.object({ kind: z.literal('report'), id: z.number(), value: z.unknown() }),
]);

/** What the primary tells a worker. */
const fromPrimary = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listen') }),
  z.object({ kind: z.literal('stop'), pace: z.enum(['gently', 'at-once']) }),
  z.object({ kind: z.literal('tell'), tidings: z.array(z.unknown()) }),
  /** Asks for this worker's part of an answer. */
  z.object({ kind: z.literal('report'), id: z.number(), about: z.enum(['metrics', 'readiness']) }),
  /** The answer about all workers. */
  z.object({ kind: z.literal('answer'), id: z.number(), value: z.unknown() }),
]);

export type FromWorker = z.infer<typeof fromWorker>;
export type FromPrimary = z.infer<typeof fromPrimary>;
/** What may be asked about all workers. */
export type Question = Extract<FromWorker, { kind: 'ask' }>['about'];

/** Reads what came from a worker; `undefined` when it is none of these. */
export function parseFromWorker(message: unknown): FromWorker | undefined {
  return fromWorker.safeParse(message).data;
}

/** Reads what came from the primary; `undefined` when it is none of these. */
export function parseFromPrimary(message: unknown): FromPrimary | undefined {
  return fromPrimary.safeParse(message).data;
}

/** Sends questions and waits for their answers, by number. */
export function createQuestions(): {
  /** Asks; resolves to the answer, or to `undefined` when none comes within `timeoutMs`. */
  readonly ask: (send: (id: number) => void, timeoutMs: number) => Promise<unknown>;
  readonly answer: (id: number, value: unknown) => void;
} {
  const open = new Map<number, (value: unknown) => void>();
  let lastId = 0;
  return {
    ask: (send, timeoutMs) =>
      new Promise((resolve) => {
        lastId += 1;
        const id = lastId;
        const settle = (value: unknown): void => {
          clearTimeout(timer);
          open.delete(id);
          resolve(value);
        };
        const timer = setTimeout(() => settle(undefined), timeoutMs);
        open.set(id, settle);
        send(id);
      }),
    answer: (id, value) => open.get(id)?.(value),
  };
}
