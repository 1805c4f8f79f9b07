import type { EditableArticle } from '@latchkey-examples/news-api/contract';
import type { Cache } from '../api/cache.ts';
import type { Reader } from '../reader/reader-context.tsx';

const lists = ['front-page', 'latest', 'topic:', 'source:', 'search:', 'more:'];
const ownLists = ['drafts', 'feed', 'saved', 'history'];

function forgetLists(cache: Cache, reader: Reader): void {
  for (const prefix of [...lists, ...ownLists.map(reader.key)]) cache.drop(prefix);
}

/** After an article was changed: drops the lists and the page that show it, so that they are loaded again. */
export function forgetChanged(cache: Cache, reader: Reader, article: EditableArticle): void {
  forgetLists(cache, reader);
  cache.drop(`article:${article.slug}`);
  cache.put(reader.key(`editable:${article.slug}`), article);
}

/** The same after an article was deleted. */
export function forgetDeleted(cache: Cache, reader: Reader, slug: string): void {
  forgetLists(cache, reader);
  cache.drop(`article:${slug}`);
  cache.drop(reader.key(`editable:${slug}`));
}
