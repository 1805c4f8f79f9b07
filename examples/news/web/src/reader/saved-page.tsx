import { useEffect } from 'react';
import { Link } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { usePages } from '../api/use-resource.ts';
import { Age } from '../articles/age.tsx';
import { ArticleCard } from '../articles/article-card.tsx';
import { ArticleList } from '../articles/article-list.tsx';
import type { Reader } from './reader-context.tsx';
import { ReaderPage } from './reader-page.tsx';

/** The articles a reader has saved. */
export function SavedPage() {
  return (
    <ReaderPage title="Saved articles" intro="The last saved comes first.">
      {(reader) => <Saved reader={reader} />}
    </ReaderPage>
  );
}

function Saved({ reader }: { readonly reader: Reader }) {
  const { api } = useApi();
  const pages = usePages(reader.key('saved'), (page) => api.saved(page));
  const items = pages.data?.items;
  useEffect(() => {
    if (items !== undefined)
      reader.saved.learn(
        items.map(({ article }) => article.slug),
        'some',
      );
  }, [items, reader.saved]);
  return (
    <ArticleList
      pages={pages}
      keyOf={({ article }) => article.slug}
      render={({ article, savedAt }) => (
        <ArticleCard article={article} variant="row">
          <p className="reason">
            Saved <Age at={savedAt} />
          </p>
        </ArticleCard>
      )}
      empty={
        <p>
          You have not saved anything yet. The <em>Save</em> button is beside every article;{' '}
          <Link to="/latest">find one to keep</Link>.
        </p>
      }
    />
  );
}
