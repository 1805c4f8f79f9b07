import type { Article } from '@latchkey-examples/news-api/contract';
import { type MouseEvent, useEffect } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { ApiFailure } from '../api/request.ts';
import { useResource } from '../api/use-resource.ts';
import { NotFoundPage } from '../frame/not-found-page.tsx';
import { usePageTitle } from '../frame/page-title.tsx';
import { ProblemNote } from '../frame/problem-note.tsx';
import { useReader } from '../reader/reader-context.tsx';
import { SaveButton } from '../reader/save-button.tsx';
import { Age } from './age.tsx';
import { ArticleCard, Kicker } from './article-card.tsx';
import { internalPath } from './internal-path.ts';
import { Picture } from './picture.tsx';

/** One article, with more of its topic below. */
export function ArticlePage() {
  const { slug = '' } = useParams();
  const { api } = useApi();
  const { data, error, reload } = useResource(`article:${slug}`, (signal) => api.article(slug, signal));
  if (error instanceof ApiFailure && error.status === 404) return <NotFoundPage />;
  if (data !== undefined) return <Loaded key={slug} article={data} />;
  return (
    <div className="reading">
      {error === undefined ? <ArticlePlaces /> : <ProblemNote error={error} onRetry={reload} />}
    </div>
  );
}

function Loaded({ article }: { readonly article: Article }) {
  usePageTitle(article.title);
  useRecordReading(article.slug);
  const reader = useReader();
  const follow = useInternalLinks();
  return (
    <>
      <article className="reading" data-testid="article">
        <header className="reading-header">
          <Kicker topic={article.topic} />
          <h1>{article.title}</h1>
          <p className="standfirst">{article.summary}</p>
          <div className="byline">
            <p>
              By <strong>{article.author}</strong> for{' '}
              <Link to={`/sources/${article.source.key}`}>{article.source.name}</Link>
              <br />
              <span className="meta">
                {article.publishedAt === null ? null : <Age at={article.publishedAt} />}
                <span>{article.readingMinutes} min read</span>
              </span>
            </p>
            <div className="byline-actions">
              {reader?.me?.isEditor === true ? (
                <Link className="button" to={`/desk/${article.slug}`} data-testid="edit">
                  Edit
                </Link>
              ) : null}
              <SaveButton article={article} />
            </div>
          </div>
        </header>
        <figure className="reading-figure">
          <Picture picture={article.picture} priority="first" />
          {article.picture.alt === '' ? null : (
            <figcaption>{article.picture.alt}. Illustration: Tideline</figcaption>
          )}
        </figure>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the links inside are what keyboards reach */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: it looks after the clicks on links inside */}
        <div
          className="prose"
          onClick={follow}
          // biome-ignore lint/security/noDangerouslySetInnerHtml: the API has sanitized it, as its contract says
          dangerouslySetInnerHTML={{ __html: article.html }}
        />
        <footer className="reading-footer">
          {article.link === null ? null : (
            <p>
              <a href={article.link} rel="noopener noreferrer">
                Read the original at {article.source.name}
              </a>
            </p>
          )}
          {article.tags.length === 0 ? null : (
            <ul className="tags" aria-label="Tags">
              {article.tags.map((tag) => (
                <li key={tag}>
                  <Link to={`/search?q=${encodeURIComponent(tag)}`}>{tag}</Link>
                </li>
              ))}
            </ul>
          )}
        </footer>
      </article>
      <MoreOfTopic article={article} />
    </>
  );
}

function MoreOfTopic({ article }: { readonly article: Article }) {
  const { api } = useApi();
  const { key, name } = article.topic;
  const { data } = useResource(`more:${key}`, (signal) => api.articles({ topic: key, limit: 5, signal }));
  const others = data?.items.filter(({ slug }) => slug !== article.slug).slice(0, 4) ?? [];
  if (others.length === 0) return null;
  return (
    <section className="section" aria-labelledby="more-title">
      <h2 className="section-title" id="more-title">
        <Link to={`/topics/${key}`}>More in {name}</Link>
      </h2>
      <div className="cards">
        {others.map((other) => (
          <ArticleCard key={other.slug} article={other} variant="card" level={3} />
        ))}
      </div>
    </section>
  );
}

// A failure is not worth a message: the reader came for the article.
function useRecordReading(slug: string): void {
  const { api, cache } = useApi();
  const key = useReader()?.key;
  useEffect(() => {
    if (key === undefined) return;
    api.recordReading(slug).then(
      () => {
        cache.expire(key('history'));
        cache.expire(key('feed'));
      },
      () => {},
    );
  }, [api, cache, key, slug]);
}

// Articles link to each other; such a link should not load the whole app again.
function useInternalLinks(): (event: MouseEvent) => void {
  const navigate = useNavigate();
  return (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const path = link === null ? undefined : internalPath(link.href, window.location.origin);
    if (!isPlain || path === undefined) return;
    event.preventDefault();
    void navigate(path);
  };
}

function ArticlePlaces() {
  return (
    <div aria-busy="true">
      <p className="visually-hidden" role="status">
        Loading…
      </p>
      <div className="place place-line" />
      <div className="place place-headline" />
      <div className="place place-title" />
      <div className="place place-picture" />
    </div>
  );
}
