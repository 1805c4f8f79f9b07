import type { ArticleSummary } from '@latchkey-examples/news-api/contract';
import { Link } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { useResource } from '../api/use-resource.ts';
import { usePageTitle } from '../frame/page-title.tsx';
import { ProblemNote } from '../frame/problem-note.tsx';
import { ArticleCard } from './article-card.tsx';
import { composeFrontPage, type FrontPage as Places } from './compose-front-page.ts';
import { useTopics } from './use-catalog.ts';

const ARTICLES = 50;

/** The front page: the lead, the latest headlines, and a section for each topic. */
export function FrontPage() {
  const { api } = useApi();
  usePageTitle(undefined);
  const newest = useResource('front-page', (signal) => api.articles({ limit: ARTICLES, signal }));
  const topics = useTopics();
  if (newest.data === undefined) {
    return newest.error === undefined ? (
      <FrontPagePlaces />
    ) : (
      <>
        <h1 className="visually-hidden">Tideline</h1>
        <ProblemNote error={newest.error} onRetry={newest.reload} />
      </>
    );
  }
  const places = composeFrontPage(newest.data.items, topics.data?.items ?? []);
  return (
    <>
      <h1 className="visually-hidden">Tideline: today’s news</h1>
      {places.lead === undefined ? (
        <p className="empty">No articles have been published yet.</p>
      ) : (
        <Top places={places} lead={places.lead} />
      )}
      {places.sections.map(({ topic, articles }) => (
        <section className="section" key={topic.key} aria-labelledby={`section-${topic.key}`}>
          <h2 className="section-title" id={`section-${topic.key}`}>
            <Link to={`/topics/${topic.key}`}>{topic.name}</Link>
          </h2>
          <Section articles={articles} />
        </section>
      ))}
    </>
  );
}

function Top({ places, lead }: { readonly places: Places; readonly lead: ArticleSummary }) {
  return (
    <div className="top">
      <div className="top-stories">
        <ArticleCard article={lead} variant="lead" priority="first" />
        <div className="seconds">
          {places.seconds.map((article) => (
            <ArticleCard key={article.slug} article={article} variant="card" />
          ))}
        </div>
      </div>
      <section className="rail" aria-labelledby="rail-title">
        <h2 className="section-title" id="rail-title">
          <Link to="/latest">Latest</Link>
        </h2>
        <ol>
          {places.rail.map((article) => (
            <li key={article.slug}>
              <ArticleCard article={article} variant="headline" level={3} />
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function Section({ articles }: { readonly articles: readonly ArticleSummary[] }) {
  const [first, ...others] = articles;
  if (first === undefined) return null;
  return (
    <div className="section-stories" data-count={articles.length}>
      <ArticleCard article={first} variant="card" level={3} />
      {others.map((article) => (
        <ArticleCard key={article.slug} article={article} variant="brief" level={3} />
      ))}
    </div>
  );
}

function FrontPagePlaces() {
  return (
    <div className="top" aria-busy="true">
      <h1 className="visually-hidden">Tideline</h1>
      <div className="top-stories">
        <div className="story" data-variant="lead">
          <div className="story-picture place" />
          <div className="story-text">
            <div className="place place-line" />
            <div className="place place-title" />
          </div>
        </div>
      </div>
      <div className="rail" />
    </div>
  );
}
