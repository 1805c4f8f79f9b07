import { Link } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { usePages } from '../api/use-resource.ts';
import { Age } from '../articles/age.tsx';
import { ArticleList } from '../articles/article-list.tsx';
import type { Reader } from '../reader/reader-context.tsx';
import { ReaderPage } from '../reader/reader-page.tsx';
import { EditorOnly } from './editor-only.tsx';

/** What editors work on: their drafts, and what is published. */
export function DeskPage() {
  return (
    <ReaderPage title="Editor’s desk" intro="Write, publish and correct articles.">
      {(reader) => (
        <EditorOnly reader={reader}>
          <Link className="button button-primary" to="/desk/new" data-testid="new-article">
            New article
          </Link>
          <Drafts reader={reader} />
          <Published />
        </EditorOnly>
      )}
    </ReaderPage>
  );
}

function Drafts({ reader }: { readonly reader: Reader }) {
  const { api } = useApi();
  const pages = usePages(reader.key('drafts'), (page) => api.drafts(page));
  return (
    <section className="section" aria-labelledby="drafts-title" data-testid="drafts">
      <h2 className="section-title" id="drafts-title">
        Drafts
      </h2>
      <ArticleList
        pages={pages}
        keyOf={({ slug }) => slug}
        render={(draft) => (
          <Row
            slug={draft.slug}
            title={draft.title}
            topic={draft.topic.name}
            verb="Changed"
            at={draft.updatedAt}
          />
        )}
        empty={<p>There are no drafts.</p>}
      />
    </section>
  );
}

function Published() {
  const { api } = useApi();
  const pages = usePages('latest', (page) => api.articles(page));
  return (
    <section className="section" aria-labelledby="published-title">
      <h2 className="section-title" id="published-title">
        Published
      </h2>
      <ArticleList
        pages={pages}
        keyOf={({ slug }) => slug}
        render={({ slug, title, topic, publishedAt }) => (
          <Row slug={slug} title={title} topic={topic.name} verb="Published" at={publishedAt} />
        )}
        empty={<p>Nothing is published yet.</p>}
      />
    </section>
  );
}

interface RowProps {
  readonly slug: string;
  readonly title: string;
  readonly topic: string;
  readonly verb: string;
  readonly at: string | null;
}

function Row({ slug, title, topic, verb, at }: RowProps) {
  return (
    <div className="desk-row">
      <Link to={`/desk/${slug}`}>{title}</Link>
      <p className="meta">
        <span>{topic}</span>
        {at === null ? null : (
          <span>
            {verb} <Age at={at} />
          </span>
        )}
      </p>
    </div>
  );
}
