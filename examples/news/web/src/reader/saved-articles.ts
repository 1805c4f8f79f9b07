/** Which articles a reader has saved. A change shows at once and is taken back when the API refuses it. */
export interface SavedArticles {
  /** Undefined while it is not known. */
  isSaved(slug: string): boolean | undefined;
  /** Takes over what the API said, except about articles changed here. `all` means that every other article is not saved. */
  learn(slugs: readonly string[], completeness: 'all' | 'some'): void;
  learnOne(slug: string, isSaved: boolean): void;
  /** Finds out about an article, together with the others that are asked about at the same time. */
  ask(slug: string): void;
  /** Saves or removes the article. A call while one for the same article is under way does nothing. Rejects as the API does. */
  toggle(slug: string): Promise<void>;
  subscribe(listener: () => void): () => void;
}

export interface SavedArticlesOptions {
  readonly save: (slug: string) => Promise<unknown>;
  readonly unsave: (slug: string) => Promise<unknown>;
  /** Resolves to those of at most 50 articles that are saved. */
  readonly findSaved: (slugs: readonly string[]) => Promise<readonly string[]>;
  /** Called after the API has taken a change. */
  readonly onChange: () => void;
}

const ASKED_AT_ONCE = 50;

/** Creates the state behind the save buttons. */
export function createSavedArticles({
  save,
  unsave,
  findSaved,
  onChange,
}: SavedArticlesOptions): SavedArticles {
  const known = new Map<string, boolean>();
  const underWay = new Set<string>();
  // An answer the API began before a change says what was true before it, and lists may come from the cache.
  const changedHere = new Set<string>();
  const asked = new Set<string>();
  const waiting = new Set<string>();
  const listeners = new Set<() => void>();
  let hasLearned = false;
  let isComplete = false;
  const isSaved = (slug: string) => known.get(slug) ?? (isComplete ? false : undefined);
  const emit = () => {
    for (const listener of [...listeners]) listener();
  };
  const isOwn = (slug: string) => underWay.has(slug) || changedHere.has(slug);
  const learnOne = (slug: string, value: boolean) => {
    if (isOwn(slug) || known.get(slug) === value) return;
    known.set(slug, value);
    emit();
  };
  const find = async (slugs: readonly string[]) => {
    try {
      const found = new Set(await findSaved(slugs));
      for (const slug of slugs) learnOne(slug, found.has(slug));
    } catch {
      // The button offers to save, which is right whatever the answer had been; the next card asks again.
      for (const slug of slugs) asked.delete(slug);
    }
  };
  const flush = () => {
    const slugs = [...waiting].filter((slug) => isSaved(slug) === undefined && !asked.has(slug));
    waiting.clear();
    for (const slug of slugs) asked.add(slug);
    for (let start = 0; start < slugs.length; start += ASKED_AT_ONCE)
      void find(slugs.slice(start, start + ASKED_AT_ONCE));
  };
  return {
    isSaved,
    learnOne,
    ask(slug) {
      waiting.add(slug);
      // Before the list of the last saved ones is there, nobody knows what is left to ask.
      if (hasLearned && waiting.size === 1) queueMicrotask(flush);
    },
    learn(slugs, completeness) {
      hasLearned = true;
      if (completeness === 'all') isComplete = true;
      for (const slug of slugs) if (!isOwn(slug)) known.set(slug, true);
      emit();
      flush();
    },
    async toggle(slug) {
      if (underWay.has(slug)) return;
      const before = isSaved(slug) ?? false;
      underWay.add(slug);
      known.set(slug, !before);
      emit();
      try {
        await (before ? unsave(slug) : save(slug));
        changedHere.add(slug);
        onChange();
      } catch (error) {
        known.set(slug, before);
        throw error;
      } finally {
        underWay.delete(slug);
        emit();
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
