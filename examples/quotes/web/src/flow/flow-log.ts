import type { FlowStep } from './flow-step.ts';

/** The steps seen so far, oldest first; made for `useSyncExternalStore`. */
export interface FlowLog {
  getSnapshot(): readonly FlowStep[];
  subscribe(listener: () => void): () => void;
  /** Adds a step at the end; an earlier one with the same key leaves. */
  record(step: FlowStep): void;
  /** Forgets everything, because a new journey begins. */
  restart(): void;
}

type Drawer = Pick<Storage, 'getItem' | 'setItem'>;

const STORAGE_KEY = 'quotes:flow';

/**
 * Keeps the log in memory and in `storage` (the tab's `sessionStorage`), so that it survives the trip to the issuer
 * and back. A storage that is full or forbidden costs the past, not the page.
 */
export function createFlowLog(storage: Drawer | undefined): FlowLog {
  let steps = restore(storage);
  const listeners = new Set<() => void>();
  const replaceAll = (next: readonly FlowStep[]) => {
    steps = next;
    try {
      storage?.setItem(STORAGE_KEY, JSON.stringify(next));
    } catch {
      // Full or forbidden: the log goes on in memory.
    }
    for (const listener of listeners) listener();
  };
  return {
    getSnapshot: () => steps,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    record(step) {
      replaceAll([...steps.filter((known) => known.key !== step.key), step]);
    },
    restart: () => replaceAll([]),
  };
}

function restore(storage: Drawer | undefined): readonly FlowStep[] {
  try {
    const parsed: unknown = JSON.parse(storage?.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(parsed) ? parsed.filter(isStep) : [];
  } catch {
    return [];
  }
}

// An older version of this page may have left other shapes behind in the tab.
function isStep(value: unknown): value is FlowStep {
  if (typeof value !== 'object' || value === null) return false;
  const texts = ['key', 'from', 'to', 'title', 'wire', 'explanation', 'outcome'];
  return (
    texts.every((name) => typeof Reflect.get(value, name) === 'string') &&
    Array.isArray(Reflect.get(value, 'sections'))
  );
}
