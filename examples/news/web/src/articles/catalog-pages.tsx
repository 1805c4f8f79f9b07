import type { Source, Topic } from '@latchkey-examples/news-api/contract';
import { Link, useParams } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { usePages } from '../api/use-resource.ts';
import { NotFoundPage } from '../frame/not-found-page.tsx';
import { PageHeading } from '../frame/page-title.tsx';
import { ProblemNote } from '../frame/problem-note.tsx';
import { FollowButton } from '../reader/follow-button.tsx';
import { ArticleCard } from './article-card.tsx';
import { ArticleList, RowPlaces } from './article-list.tsx';
import { useSources, useTopics } from './use-catalog.ts';

/** The articles of one topic. */
export function TopicPage() {
  const { key = '' } = useParams();
  const topics = useTopics();
  return (
    <CatalogPage
      kind="topic"
      catalog={topics}
      entry={topics.data?.items.find((topic) => topic.key === key)}
    />
  );
}

/** The articles of one source. */
export function SourcePage() {
  const { key = '' } = useParams();
  const sources = useSources();
  return (
    <CatalogPage
      kind="source"
      catalog={sources}
      entry={sources.data?.items.find((source) => source.key === key)}
    />
  );
}

interface CatalogPageProps {
  readonly kind: 'topic' | 'source';
  readonly catalog: { readonly data: unknown; readonly error: unknown; readonly reload: () => void };
  readonly entry: Topic | Source | undefined;
}

function CatalogPage({ kind, catalog, entry }: CatalogPageProps) {
  if (entry !== undefined) return <Articles key={entry.key} kind={kind} entry={entry} />;
  if (catalog.data !== undefined) return <NotFoundPage />;
  return (
    <div className="column">
      {catalog.error === undefined ? (
        <RowPlaces />
      ) : (
        <ProblemNote error={catalog.error} onRetry={catalog.reload} />
      )}
    </div>
  );
}

function Articles({ kind, entry }: { readonly kind: 'topic' | 'source'; readonly entry: Topic | Source }) {
  const { api } = useApi();
  const pages = usePages(`${kind}:${entry.key}`, (page) => api.articles({ ...page, [kind]: entry.key }));
  return (
    <div className="column">
      <div className="heading-row">
        <PageHeading title={entry.name} intro={entry.description} />
        <FollowButton kind={kind} entry={entry} />
      </div>
      <ArticleList
        pages={pages}
        keyOf={({ slug }) => slug}
        render={(article, index) => (
          <ArticleCard article={article} variant="row" priority={index < 2 ? 'first' : 'later'} />
        )}
        empty={<p>Nothing has been published here yet.</p>}
      />
    </div>
  );
}

/** All sources, with a line about each. */
export function SourcesPage() {
  const { data, error, reload } = useSources();
  return (
    <div className="column">
      <PageHeading title="Sources" intro="The newsrooms whose articles are published here." />
      {data === undefined && error !== undefined ? <ProblemNote error={error} onRetry={reload} /> : null}
      <ul className="catalog">
        {data?.items.map((source) => (
          <li key={source.key}>
            <h2>
              <Link to={`/sources/${source.key}`}>{source.name}</Link>
            </h2>
            <p>{source.description}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}
