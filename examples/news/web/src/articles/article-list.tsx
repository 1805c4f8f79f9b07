import type { ReactNode } from 'react';
import type { Pages } from '../api/use-resource.ts';
import { ProblemNote } from '../frame/problem-note.tsx';

export interface ArticleListProps<Item> {
  readonly pages: Pages<Item>;
  readonly keyOf: (item: Item) => string;
  readonly render: (item: Item, index: number) => ReactNode;
  readonly empty: ReactNode;
}

/** A list of the API: its places while it loads, its problem, its items, and the button that loads more. */
export function ArticleList<Item>({ pages, keyOf, render, empty }: ArticleListProps<Item>) {
  const { data, error, loadMore, isLoadingMore, moreError } = pages;
  if (data === undefined)
    return error === undefined ? <RowPlaces /> : <ProblemNote error={error} onRetry={pages.reload} />;
  if (data.items.length === 0) return <div className="empty">{empty}</div>;
  return (
    <>
      <ul className="rows" data-testid="list">
        {data.items.map((item, index) => (
          <li key={keyOf(item)}>{render(item, index)}</li>
        ))}
      </ul>
      {moreError === undefined ? null : (
        <ProblemNote error={moreError} {...(loadMore === undefined ? {} : { onRetry: loadMore })} />
      )}
      {loadMore === undefined || moreError !== undefined ? null : (
        <button
          type="button"
          className="button load-more"
          aria-disabled={isLoadingMore}
          data-testid="load-more"
          onClick={loadMore}
        >
          {isLoadingMore ? 'Loading…' : 'Load more'}
        </button>
      )}
    </>
  );
}

/** The places of rows that are being loaded. */
export function RowPlaces({ count = 6 }: { readonly count?: number }) {
  return (
    <div className="rows" aria-busy="true">
      <p className="visually-hidden" role="status">
        Loading…
      </p>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: places have no other identity
        <div className="story" data-variant="row" key={index}>
          <div className="story-picture place" />
          <div className="story-text">
            <div className="place place-line" />
            <div className="place place-title" />
            <div className="place place-line" />
          </div>
        </div>
      ))}
    </div>
  );
}
