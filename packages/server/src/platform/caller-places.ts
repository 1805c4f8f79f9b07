/** How many requests each caller has under way, so that no one of them takes all places. */
export interface CallerPlaces {
  /** Takes a place; returns what gives it back; `undefined` when the caller has as many as it may. */
  readonly take: (caller: string) => (() => void) | undefined;
}

/** Counts places by caller; `limit` is asked anew each time, and each caller may have one at least. */
export function createCallerPlaces(limit: () => number): CallerPlaces {
  const taken = new Map<string, number>();
  const change = (caller: string, by: number): void => {
    const count = (taken.get(caller) ?? 0) + by;
    if (count === 0) taken.delete(caller);
    else taken.set(caller, count);
  };
  return {
    take: (caller) => {
      const count = taken.get(caller) ?? 0;
      if (count > 0 && count >= limit()) return undefined;
      change(caller, 1);
      let isGiven = false;
      return () => {
        if (!isGiven) change(caller, -1);
        isGiven = true;
      };
    },
  };
}
