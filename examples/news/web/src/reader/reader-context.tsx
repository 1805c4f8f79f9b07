import { useAuth } from '@latchkey/react';
import type { Me, SavedPage } from '@latchkey-examples/news-api/contract';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { useResource } from '../api/use-resource.ts';
import { createSavedArticles, type SavedArticles } from './saved-articles.ts';

/** What is known about the signed-in reader. */
export interface Reader {
  readonly id: string;
  /** Undefined until the API has answered. */
  readonly me: Me | undefined;
  /** Why the API has not answered. */
  readonly meError: unknown;
  readonly reloadMe: () => void;
  readonly saved: SavedArticles;
  /** The cache key of something that belongs to this reader. */
  readonly key: (name: string) => string;
}

const ReaderContext = createContext<Reader | undefined>(undefined);
const SAVED_AT_ONCE = 50;

/** Knows the reader while somebody is signed in, and sends a new one to the choice of topics. */
export function ReaderProvider({ children }: { readonly children: ReactNode }) {
  const { user } = useAuth();
  const { api, cache } = useApi();
  const id = user?.id;
  const key = useMemo(() => (id === undefined ? undefined : (name: string) => `own:${id}:${name}`), [id]);
  const { data: me, error: meError, reload: reloadMe } = useResource(key?.('me'), api.me);
  const saved = useMemo(
    () =>
      key === undefined
        ? undefined
        : createSavedArticles({
            save: api.save,
            unsave: api.unsave,
            findSaved: async (slugs) =>
              (await api.savedAmong(slugs)).items.map(({ article }) => article.slug),
            onChange: () => {
              cache.expire(key('saved'));
              cache.expire(key('feed'));
            },
          }),
    [api, cache, key],
  );
  const recent = useResource<SavedPage>(key?.('recently-saved'), (signal) =>
    api.saved({ limit: SAVED_AT_ONCE, signal }),
  ).data;
  useEffect(() => {
    if (recent !== undefined)
      saved?.learn(
        recent.items.map(({ article }) => article.slug),
        recent.nextCursor === null ? 'all' : 'some',
      );
  }, [recent, saved]);
  useWelcome(me);
  const reader = useMemo(
    () =>
      id === undefined || key === undefined || saved === undefined
        ? undefined
        : { id, key, me, meError, reloadMe, saved },
    [id, key, me, meError, reloadMe, saved],
  );
  return <ReaderContext value={reader}>{children}</ReaderContext>;
}

function useWelcome(me: Me | undefined): void {
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const isNew = me?.hasPreferences === false;
  useEffect(() => {
    if (isNew && pathname !== '/welcome')
      void navigate('/welcome', { replace: true, state: { from: `${pathname}${search}` } });
  }, [isNew, pathname, search, navigate]);
}

/** The signed-in reader, or undefined. */
export function useReader(): Reader | undefined {
  return useContext(ReaderContext);
}
