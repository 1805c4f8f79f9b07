import type { Me, Preferences } from '@latchkey-examples/news-api/contract';
import { useRef } from 'react';
import { useApi } from '../api/api-context.tsx';
import { useResource } from '../api/use-resource.ts';
import { inputOf } from './preference-changes.ts';
import type { Reader } from './reader-context.tsx';

/** The preferences of a reader, and the way to change them. */
export interface UsedPreferences {
  readonly preferences: Preferences | undefined;
  readonly error: unknown;
  readonly reload: () => void;
  /** Shows the change at once and stores it; several changes are stored one after the other. Rejects as the API does. */
  readonly change: (change: (before: Preferences) => Preferences) => Promise<void>;
}

/** Loads the preferences. */
export function usePreferences(reader: Reader): UsedPreferences {
  const { api, cache } = useApi();
  const key = reader.key('preferences');
  const { data, error, reload } = useResource(key, api.preferences);
  const queue = useRef<Promise<unknown>>(Promise.resolve());

  const store = async () => {
    // cast: the key stands for the preferences alone
    const wanted = cache.read(key).data as Preferences | undefined;
    if (wanted === undefined) return;
    try {
      const { updatedAt } = await api.setPreferences(inputOf(wanted));
      // cast: the key stands for the preferences alone
      cache.update(key, (current) => ({ ...(current as Preferences), updatedAt }));
      // cast: the key stands for /api/me alone
      cache.update(reader.key('me'), (me) => ({ ...(me as Me), hasPreferences: true }));
      cache.drop(reader.key('feed'));
    } catch (thrown) {
      reload();
      throw thrown;
    }
  };
  return {
    preferences: data,
    error,
    reload,
    change(apply) {
      // cast: the key stands for the preferences alone
      cache.update(key, (before) => apply(before as Preferences));
      const stored = queue.current.then(store);
      queue.current = stored.catch(() => {});
      return stored;
    },
  };
}
