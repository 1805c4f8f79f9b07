import { useSearchParams } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { usePages } from '../api/use-resource.ts';
import { PageHeading } from '../frame/page-title.tsx';
import { SearchForm } from '../frame/search-form.tsx';
import { ArticleCard } from './article-card.tsx';
import { ArticleList } from './article-list.tsx';
import { Highlighted } from './highlighted.tsx';
import { useTopics } from './use-catalog.ts';

/** Search over all articles; words and topic are in the address. */
export function SearchPage() {
  const { api } = useApi();
  const [params, setParams] = useSearchParams();
  const q = (params.get('q') ?? '').trim();
  const topic = params.get('topic') ?? undefined;
  const topics = useTopics();
  const pages = usePages(q === '' ? undefined : `search:${topic ?? ''}:${q}`, (page) =>
    api.search({ ...page, q, ...(topic === undefined ? {} : { topic }) }),
  );
  const choose = (chosen: string) =>
    setParams(chosen === '' ? { q } : { q, topic: chosen }, { replace: true });
  return (
    <div className="column">
      <PageHeading title={q === '' ? 'Search' : `Search: ${q}`} />
      <div className="search-controls">
        <SearchForm key={q} initial={q} size="large" topic={topic} />
        <label className="field-inline">
          <span>Topic</span>
          <select value={topic ?? ''} onChange={(event) => choose(event.target.value)}>
            <option value="">All topics</option>
            {topics.data?.items.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      {q === '' ? (
        <p className="empty">
          Type words that should occur. “Quotation marks” keep words together, <code>or</code> allows either,
          and a minus excludes a word.
        </p>
      ) : (
        <ArticleList
          pages={pages}
          keyOf={({ article }) => article.slug}
          render={({ article, title, snippet }) => (
            <ArticleCard
              article={article}
              variant="row"
              title={<Highlighted parts={title} />}
              summary={<Highlighted parts={snippet} />}
            />
          )}
          empty={
            <>
              <p>No article matches “{q}”.</p>
              <p>Check the spelling, use fewer words, or search all topics.</p>
            </>
          }
        />
      )}
    </div>
  );
}
