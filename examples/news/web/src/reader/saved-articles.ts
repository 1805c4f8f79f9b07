/** Which articles a reader has saved. A change shows at once and is taken back when the API refuses it. */
export interface SavedArticles {
  /** Undefined while it is not known. */
  isSaved(slug: string): boolean | undefined;
  /** Takes over what the API said. `all` means that every other article is not saved. */
  learn(slugs: readonly string[], completeness: 'all' | 'some'): void;
  learnOne(slug: string, isSaved: boolean): void;
  /** Saves or removes the article. A call while one for the same article is under way does nothing. Rejects as the API does. */
  toggle(slug: string): Promise<void>;
  subscribe(listener: () => void): () => void;
}

export interface SavedArticlesOptions {
  readonly save: (slug: string) => Promise<unknown>;
  readonly unsave: (slug: string) => Promise<unknown>;
  /** Called after the API has taken a change. */
  readonly onChange: () => void;
}

/** Creates the state behind the save buttons. */
export function createSavedArticles({ save, unsave, onChange }: SavedArticlesOptions): SavedArticles {
  const known = new Map<string, boolean>();
  const underWay = new Set<string>();
  const listeners = new Set<() => void>();
  let isComplete = false;
  const isSaved = (slug: string) => known.get(slug) ?? (isComplete ? false : undefined);
  const emit = () => {
    for (const listener of [...listeners]) listener();
  };
  const learnOne = (slug: string, value: boolean) => {
    if (underWay.has(slug) || known.get(slug) === value) return;
    known.set(slug, value);
    emit();
  };
  return {
    isSaved,
    learnOne,
    learn(slugs, completeness) {
      if (completeness === 'all') isComplete = true;
      for (const slug of slugs) if (!underWay.has(slug)) known.set(slug, true);
      emit();
    },
    async toggle(slug) {
      if (underWay.has(slug)) return;
      const before = isSaved(slug) ?? false;
      underWay.add(slug);
      known.set(slug, !before);
      emit();
      try {
        await (before ? unsave(slug) : save(slug));
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
