import type { ServerNode, Siblings, Word } from '@latchkey/server';
import { z } from 'zod';
import { createQuestions, type FromWorker, type Question } from './worker-messages.ts';

const tiding = z.tuple([z.string(), z.array(z.unknown())]);

/** The other workers as this one hears and tells them, through the primary. */
export interface SiblingLink {
  readonly siblings: Siblings;
  /** Takes what the others told. */
  readonly hear: (tidings: readonly unknown[]) => void;
}

/** Tells counts in batches, one for each turn of the event loop, so that a flood of refusals is no flood of messages. */
export function createSiblingLink(send: (message: FromWorker) => void): SiblingLink {
  const listeners = new Map<string, (words: readonly unknown[]) => void>();
  let waiting: [string, readonly Word[]][] = [];
  const flush = (): void => {
    const tidings = waiting;
    waiting = [];
    send({ kind: 'tell', tidings });
  };
  return {
    siblings: {
      tell: (topic, words) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push([topic, words]);
      },
      hear: (topic, listener) => {
        if (listeners.has(topic)) throw new Error(`two listeners for ${topic}`);
        listeners.set(topic, listener);
      },
    },
    hear: (tidings) => {
      for (const each of tidings) {
        const { data } = tiding.safeParse(each);
        if (data !== undefined) listeners.get(data[0])?.(data[1]);
      }
    },
  };
}

// Longer than the primary waits for a worker.
const answerMs = 4000;

/** The node as a worker asks about it, through the primary. */
export function createNodeLink(
  size: number,
  siblings: Siblings,
  send: (message: FromWorker) => void,
): { readonly node: ServerNode; readonly answer: (id: number, value: unknown) => void } {
  const questions = createQuestions();
  const ask = (about: Question): Promise<unknown> =>
    questions.ask((id) => send({ kind: 'ask', id, about }), answerMs);
  return {
    node: {
      size,
      siblings,
      metricsText: async () => {
        const text = await ask('metrics');
        if (typeof text !== 'string') throw new Error('the primary process did not answer');
        return text;
      },
      isReady: async () => (await ask('readiness')) === true,
    },
    answer: questions.answer,
  };
}
