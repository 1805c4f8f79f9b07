/** Runs `fn` after all earlier ones of the same name have ended. */
export type NamedMutex = <T>(name: string, fn: () => Promise<T>) => Promise<T>;

/** Builds a mutex per name, for one process. Not re-entrant. */
export function createNamedMutex(): NamedMutex {
  const tails = new Map<string, Promise<void>>();
  return async (name, fn) => {
    const before = tails.get(name) ?? Promise.resolve();
    const run = before.then(fn);
    const tail = run.then(
      () => undefined,
      () => undefined,
    );
    tails.set(name, tail);
    try {
      return await run;
    } finally {
      if (tails.get(name) === tail) tails.delete(name);
    }
  };
}
