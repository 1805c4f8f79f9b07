import { useApi } from '../api/api-context.tsx';
import { usePages } from '../api/use-resource.ts';
import { FeedTabs } from '../frame/feed-tabs.tsx';
import { PageHeading } from '../frame/page-title.tsx';
import { ArticleCard } from './article-card.tsx';
import { ArticleList } from './article-list.tsx';

/** Everything, newest first. */
export function LatestPage() {
  const { api } = useApi();
  const pages = usePages('latest', (page) => api.articles(page));
  return (
    <div className="column">
      <PageHeading title="Latest" intro="Everything published, newest first." />
      <FeedTabs />
      <ArticleList
        pages={pages}
        keyOf={({ slug }) => slug}
        render={(article, index) => (
          <ArticleCard article={article} variant="row" priority={index < 2 ? 'first' : 'later'} />
        )}
        empty={<p>No articles have been published yet.</p>}
      />
    </div>
  );
}
