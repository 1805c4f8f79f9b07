import { fileURLToPath } from 'node:url';
import type { LoadMessage, LoadOrder, LoadResult } from './load-plan.ts';
import { end, nextMessage, startNode } from './processes.ts';

/** Makes load from a process of its own. */
export interface LoadClient {
  /** Runs one measurement. Rejects on the first answer that is not what was expected. */
  readonly run: (order: LoadOrder) => Promise<LoadResult>;
  readonly stop: () => Promise<void>;
}

/** Starts the load generator on its core. */
export async function startLoadClient(): Promise<LoadClient> {
  const script = fileURLToPath(new URL('./load-generator.ts', import.meta.url));
  const child = startNode('load', ['--import', import.meta.resolve('tsx'), script]);
  await nextMessage(child);
  return {
    run: async (order) => {
      const answer = nextMessage(child) as Promise<LoadMessage>;
      child.send({ kind: 'order', order } satisfies LoadMessage);
      const message = await answer;
      if (message.kind === 'result') return message.result;
      throw new Error(message.kind === 'failed' ? message.message : `unexpected ${message.kind}`);
    },
    stop: () => end(child),
  };
}
