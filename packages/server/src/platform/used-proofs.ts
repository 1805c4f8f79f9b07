import { LRUCache } from 'lru-cache';
import type { Siblings } from './siblings.ts';

/** DPoP proofs that were used, by name, in bounded memory. */
export interface UsedProofs {
  /**
   * Takes a proof once; `false` when it was taken before. The database decides about those of known callers, so that only
   * a stranger's is told to the other processes of the node.
   */
  readonly take: (name: string, caller: 'known' | 'stranger') => boolean;
}

const topic = 'used-proofs';

/** The proofs that the processes of one node have seen; the least recently seen ones are forgotten first. */
export function createUsedProofs(siblings: Siblings): UsedProofs {
  const used = new LRUCache<string, true>({ max: 20_000 });
  siblings.hear(topic, ([name]) => {
    if (typeof name === 'string') used.set(name, true);
  });
  return {
    take: (name, caller) => {
      if (used.has(name)) return false;
      used.set(name, true);
      if (caller === 'stranger') siblings.tell(topic, [name]);
      return true;
    },
  };
}
