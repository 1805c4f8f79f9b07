import type { Page } from './page.ts';

const LOCK_TIMEOUT_MS = 20_000;
const waitingInPage = new Map<string, Promise<unknown>>();

/**
 * Runs one task of this name at a time: in all tabs through Web Locks, within this page alone where they are missing.
 * A tab that was frozen while it held the lock keeps others waiting for 20 s at most.
 */
export async function withTabLock<T>(page: Page, name: string, task: () => Promise<T>): Promise<T> {
  const { locks } = page;
  if (locks === undefined) return withPageLock(name, task);
  const running: { outcome?: Promise<T> } = {};
  const start = () => {
    running.outcome = task();
    return running.outcome;
  };
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), LOCK_TIMEOUT_MS);
  try {
    return await locks.request(name, { signal: waiting.signal }, start);
  } catch (error) {
    if (waiting.signal.aborted && running.outcome === undefined) return await withPageLock(name, start);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function withPageLock<T>(name: string, task: () => Promise<T>): Promise<T> {
  const before = waitingInPage.get(name) ?? Promise.resolve();
  const mine = before.then(task, task);
  const settled = mine.catch(() => {});
  waitingInPage.set(name, settled);
  try {
    return await mine;
  } finally {
    if (waitingInPage.get(name) === settled) waitingInPage.delete(name);
  }
}
