import type { FeedItem } from '@latchkey-examples/news-api/contract';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { usePages } from '../api/use-resource.ts';
import { ArticleCard } from '../articles/article-card.tsx';
import { ArticleList } from '../articles/article-list.tsx';
import { FeedTabs } from '../frame/feed-tabs.tsx';
import { describeReason } from './describe-reason.ts';
import type { Reader } from './reader-context.tsx';
import { ReaderPage } from './reader-page.tsx';

/** The news in the order that suits the reader, with the reason for each article. */
export function ForYouPage() {
  return (
    <ReaderPage
      title="For you"
      intro="Ranked by what you follow, save and read. Each article says why it is here."
      above={<FeedTabs />}
    >
      {(reader) => <Feed reader={reader} />}
    </ReaderPage>
  );
}

function Feed({ reader }: { readonly reader: Reader }) {
  const { api } = useApi();
  const pages = usePages(reader.key('feed'), (page) => api.feed(page));
  const items = pages.data?.items;
  useEffect(() => {
    for (const { article, isSaved } of items ?? []) reader.saved.learnOne(article.slug, isSaved);
  }, [items, reader.saved]);
  return (
    <ArticleList
      pages={pages}
      keyOf={({ article }) => article.slug}
      render={(item) => <FeedStory item={item} />}
      empty={
        <p>
          Nothing is left after what you muted. <Link to="/preferences">Change your preferences</Link> or read{' '}
          <Link to="/latest">the latest</Link>.
        </p>
      }
    />
  );
}

function FeedStory({ item }: { readonly item: FeedItem }) {
  const { before, subject, after } = describeReason(item.reason);
  return (
    <div data-read={item.isRead}>
      <ArticleCard article={item.article} variant="row">
        <p className="reason" data-testid="reason">
          {before}
          {subject === undefined ? null : <Link to={subject.path}>{subject.text}</Link>}
          {after}
          {item.isRead ? <span className="read-mark"> · Read</span> : null}
        </p>
      </ArticleCard>
    </div>
  );
}
