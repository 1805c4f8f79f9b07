/** A worker as the client talks to it. */
export type WorkerPort = {
  post(message: unknown): void;
  /** Hears what the worker posts; `onError` is called when its script cannot run. */
  listen(onMessage: (data: unknown) => void, onError: (reason: string) => void): void;
  close(): void;
};

/**
 * The ways to a worker here, best first: one shared by all tabs, one of this tab. Each throws where a policy forbids it.
 * Bundlers look for these very words, `new Worker(new URL(…, import.meta.url))`.
 */
export function workerOpeners(workerUrl: string | undefined): readonly (() => WorkerPort)[] {
  const openers: (() => WorkerPort)[] = [];
  if (typeof SharedWorker !== 'undefined') {
    openers.push(() => {
      const worker =
        workerUrl === undefined
          ? new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'latchkey' })
          : new SharedWorker(workerUrl, { type: 'module', name: 'latchkey' });
      return portOf(worker, worker.port, () => worker.port.close());
    });
  }
  if (typeof Worker !== 'undefined') {
    openers.push(() => {
      const worker =
        workerUrl === undefined
          ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'latchkey' })
          : new Worker(workerUrl, { type: 'module', name: 'latchkey' });
      return portOf(worker, worker, () => worker.terminate());
    });
  }
  return openers;
}

function portOf(worker: AbstractWorker, port: MessagePort | Worker, close: () => void): WorkerPort {
  return {
    post: (message) => port.postMessage(message),
    listen(onMessage, onError) {
      worker.onerror = () => onError('its script cannot be loaded');
      port.onmessage = (event: MessageEvent<unknown>) => onMessage(event.data);
    },
    close,
  };
}
