import { useAuth, useAuthFetch } from '@latchkey/react';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { PublicConfig } from '../../web-config.ts';
import { type Cache, createCache } from './cache.ts';
import { createNewsApi, type NewsApi } from './news-api.ts';

interface ApiContextValue {
  readonly api: NewsApi;
  readonly cache: Cache;
  readonly config: PublicConfig;
}

const ApiContext = createContext<ApiContextValue | undefined>(undefined);

/** Gives the components below the API and the cache of its answers. What belongs to a user goes when the user goes. */
export function ApiProvider({
  config,
  children,
}: {
  readonly config: PublicConfig;
  readonly children: ReactNode;
}) {
  const signed = useAuthFetch();
  const { user } = useAuth();
  const [cache] = useState(() => createCache());
  const userId = user?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the user changes, which is its purpose
  useEffect(() => () => cache.drop('own:'), [cache, userId]);
  const value = useMemo(
    () => ({
      api: createNewsApi(config.mode === 'bff' ? window.location.origin : config.apiUrl, {
        open: (input, init) => fetch(input, init),
        signed,
      }),
      cache,
      config,
    }),
    [config, cache, signed],
  );
  return <ApiContext value={value}>{children}</ApiContext>;
}

/** The API, the cache and the configuration. */
export function useApi(): ApiContextValue {
  const value = useContext(ApiContext);
  if (value === undefined) throw new Error('There is no <ApiProvider> above this component.');
  return value;
}
