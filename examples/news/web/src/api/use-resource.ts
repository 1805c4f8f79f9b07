import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useApi } from './api-context.tsx';

const MAX_AGE_MS = 60_000;

/** One answer of the API. `data` stays while a newer one is loaded; `error` says why the last load failed. */
export interface Resource<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * Loads `key` when the component appears and when the key changes; no key loads nothing. The same key must always stand
 * for the same request. Keys of a user's own data begin with `own:`.
 */
export function useResource<Data>(
  key: string | undefined,
  loader: (signal: AbortSignal) => Promise<Data>,
): Resource<Data> {
  const { cache } = useApi();
  const latest = useRef(loader);
  useEffect(() => {
    latest.current = loader;
  });
  const entry = useSyncExternalStore(cache.subscribe, () => cache.read(key ?? ''));
  const load = useCallback(
    (maxAgeMs: number) => {
      if (key !== undefined) cache.load(key, (signal) => latest.current(signal), maxAgeMs);
    },
    [cache, key],
  );
  useEffect(() => load(MAX_AGE_MS), [load]);
  return {
    // cast: the key stands for this request alone
    data: entry.data as Data | undefined,
    error: entry.error,
    isLoading: entry.isLoading,
    reload: useCallback(() => load(0), [load]),
  };
}

/** A page of a list, as the API answers it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** A list that grows page by page. */
export interface Pages<Item> extends Resource<Page<Item>> {
  /** Undefined on the last page. */
  readonly loadMore: (() => void) | undefined;
  readonly isLoadingMore: boolean;
  readonly moreError: unknown;
}

/** Loads the first page of `key` as `useResource` does, and further pages when asked. */
export function usePages<Item>(
  key: string | undefined,
  loadPage: (options: { cursor?: string; signal?: AbortSignal }) => Promise<Page<Item>>,
): Pages<Item> {
  const { cache } = useApi();
  const first = useResource(key, (signal) => loadPage({ signal }));
  const [more, setMore] = useState<{ key: string; isLoading: boolean; error?: unknown }>();
  const cursor = first.data?.nextCursor ?? undefined;
  const current = more?.key === key ? more : undefined;

  const loadMore = async () => {
    if (key === undefined || cursor === undefined || current?.isLoading === true) return;
    setMore({ key, isLoading: true });
    try {
      const next = await loadPage({ cursor });
      cache.update(key, (data) => {
        // cast: the key stands for this list alone
        const page = data as Page<Item>;
        // A reload may have replaced the list that this page continues.
        return page.nextCursor === cursor ? { ...next, items: [...page.items, ...next.items] } : page;
      });
      setMore({ key, isLoading: false });
    } catch (error) {
      setMore({ key, isLoading: false, error });
    }
  };
  return {
    ...first,
    loadMore: cursor === undefined ? undefined : () => void loadMore(),
    isLoadingMore: current?.isLoading ?? false,
    moreError: current?.error,
  };
}
