import type { ArticleSummary } from '@latchkey-examples/news-api/contract';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { CardSaveButton } from '../reader/save-button.tsx';
import { Age } from './age.tsx';
import { Picture, type PictureProps } from './picture.tsx';

/** Topic above a headline. */
export function Kicker({ topic }: { readonly topic: ArticleSummary['topic'] }) {
  return (
    <Link className="kicker" to={`/topics/${topic.key}`}>
      {topic.name}
    </Link>
  );
}

interface MetaLineProps {
  readonly article: ArticleSummary;
  readonly length: 'short' | 'full';
}

/** Source, age and, in full, reading time in one line. */
function MetaLine({ article, length }: MetaLineProps) {
  return (
    <p className="meta">
      <Link to={`/sources/${article.source.key}`}>{article.source.name}</Link>
      {article.publishedAt === null ? null : <Age at={article.publishedAt} />}
      {length === 'full' ? <span>{article.readingMinutes} min read</span> : null}
    </p>
  );
}

export interface ArticleCardProps {
  readonly article: ArticleSummary;
  /** `lead` is the story a page begins with, `row` stands in a list, `brief` has no picture, `headline` no summary either. */
  readonly variant: 'lead' | 'card' | 'row' | 'brief' | 'headline';
  readonly level?: 2 | 3;
  readonly priority?: PictureProps['priority'];
  readonly title?: ReactNode;
  readonly summary?: ReactNode;
  readonly children?: ReactNode;
}

/** An article in a list. Its headline is the link; the picture leads to the same place for pointers only. */
export function ArticleCard(props: ArticleCardProps) {
  const { article, variant, level = 2, priority = 'later', children } = props;
  const Heading = level === 2 ? 'h2' : 'h3';
  const address = `/articles/${article.slug}`;
  return (
    <article className="story" data-variant={variant} data-testid="story">
      {variant === 'brief' || variant === 'headline' ? null : (
        <Link className="story-picture" to={address} tabIndex={-1} aria-hidden="true">
          <Picture picture={{ ...article.picture, alt: '' }} priority={priority} />
        </Link>
      )}
      <div className="story-text">
        <Kicker topic={article.topic} />
        <Heading className="story-title">
          <Link to={address}>{props.title ?? article.title}</Link>
        </Heading>
        {variant === 'headline' ? null : <p className="story-summary">{props.summary ?? article.summary}</p>}
        <div className="story-foot">
          <MetaLine
            article={article}
            length={variant === 'headline' || variant === 'brief' ? 'short' : 'full'}
          />
          <CardSaveButton article={article} />
        </div>
        {children}
      </div>
    </article>
  );
}
