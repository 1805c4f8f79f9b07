import type { SourceList, TopicList } from '@latchkey-examples/news-api/contract';
import { useApi } from '../api/api-context.tsx';
import { type Resource, useResource } from '../api/use-resource.ts';

/** All topics. */
export function useTopics(): Resource<TopicList> {
  const { api } = useApi();
  return useResource('topics', api.topics);
}

/** All sources. */
export function useSources(): Resource<SourceList> {
  const { api } = useApi();
  return useResource('sources', api.sources);
}
