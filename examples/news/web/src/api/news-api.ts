import type * as contract from '@latchkey-examples/news-api/contract';
import { type RequestOptions, request } from './request.ts';

/** How requests are sent: without a token, and with the access token of the signed-in user. */
export interface Senders {
  readonly open: typeof fetch;
  readonly signed: typeof fetch;
}

/** Where a page of a list begins; undefined is the first page. */
export interface PageOptions {
  readonly cursor?: string | undefined;
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
}

export type NewsApi = ReturnType<typeof createNewsApi>;

/** The operations of the news API as functions. They throw as `request` does. */
export function createNewsApi(apiUrl: string, { open, signed }: Senders) {
  const url = (path: string, query: Readonly<Record<string, string | number | undefined>> = {}) => {
    const address = new URL(`${apiUrl}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, String(value));
    return address.href;
  };
  const read = <Body>(
    path: string,
    { signal, ...query }: PageOptions & { topic?: string; source?: string; q?: string } = {},
  ) => request<Body>(open, url(path, { ...query }), { signal });
  const own = <Body>(path: string, { cursor, limit, ...options }: PageOptions & RequestOptions = {}) =>
    request<Body>(signed, url(path, { cursor, limit }), options);
  const article = (slug: string, rest = '') => `/api/articles/${encodeURIComponent(slug)}${rest}`;
  const saved = (slug: string) => `/api/saved/${encodeURIComponent(slug)}`;

  return {
    topics: (signal?: AbortSignal) => read<contract.TopicList>('/api/topics', { signal }),
    sources: (signal?: AbortSignal) => read<contract.SourceList>('/api/sources', { signal }),
    articles: (options: PageOptions & { topic?: string; source?: string }) =>
      read<contract.ArticlePage>('/api/articles', options),
    article: (slug: string, signal?: AbortSignal) => read<contract.Article>(article(slug), { signal }),
    search: (options: PageOptions & { q: string; topic?: string }) =>
      read<contract.SearchPage>('/api/search', options),
    pictureUrl: (picture: contract.Picture) => `${apiUrl}${picture.url}`,

    me: (signal?: AbortSignal) => own<contract.Me>('/api/me', { signal }),
    feed: (options: PageOptions) => own<contract.FeedPage>('/api/feed', options),
    preferences: (signal?: AbortSignal) => own<contract.Preferences>('/api/preferences', { signal }),
    setPreferences: (body: contract.PreferencesInput) =>
      own<contract.Preferences>('/api/preferences', { method: 'PUT', body }),
    saved: (options: PageOptions) => own<contract.SavedPage>('/api/saved', options),
    /** Which of at most 50 articles are saved. */
    savedAmong: (slugs: readonly string[]) => {
      const query = new URLSearchParams([...slugs.map((slug) => ['slug', slug]), ['limit', '50']]);
      return request<contract.SavedPage>(signed, `${apiUrl}/api/saved?${query}`);
    },
    save: (slug: string) => own<contract.SavedArticle>(saved(slug), { method: 'PUT' }),
    unsave: (slug: string) => own<void>(saved(slug), { method: 'DELETE' }),
    history: (options: PageOptions) => own<contract.HistoryPage>('/api/history', options),
    clearHistory: () => own<void>('/api/history', { method: 'DELETE' }),
    recordReading: (slug: string) =>
      own<contract.HistoryOutcome>(`/api/history/${encodeURIComponent(slug)}`, { method: 'POST' }),

    drafts: (options: PageOptions) => own<contract.DraftPage>('/api/drafts', options),
    pictureOptions: (signal?: AbortSignal) =>
      own<contract.PictureOptions>('/api/picture-options', { signal }),
    preview: (body: contract.PreviewInput, signal?: AbortSignal) =>
      own<contract.Preview>('/api/preview', { method: 'POST', body, signal }),
    editable: (slug: string, signal?: AbortSignal) =>
      own<contract.EditableArticle>(article(slug, '/editable'), { signal }),
    create: (body: contract.NewArticle) =>
      own<contract.EditableArticle>('/api/articles', { method: 'POST', body }),
    change: (slug: string, version: number, body: contract.ArticleChanges) =>
      own<contract.EditableArticle>(article(slug), { method: 'PATCH', body, version }),
    publish: (slug: string, version: number) =>
      own<contract.EditableArticle>(article(slug, '/publish'), { method: 'POST', version }),
    unpublish: (slug: string, version: number) =>
      own<contract.EditableArticle>(article(slug, '/unpublish'), { method: 'POST', version }),
    remove: (slug: string, version: number) => own<void>(article(slug), { method: 'DELETE', version }),
  };
}
