import { ApiProblem } from '@latchkey/contract/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from './button.tsx';
import { kitMessages } from './messages.ts';

/** A page of a list as the API answers it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string | undefined;
}

/** A column of a list. */
export interface Column<Item> {
  readonly label: string;
  readonly render: (item: Item) => ReactNode;
}

interface ObjectListProps<Item> {
  readonly label: string;
  readonly queryKey: readonly unknown[];
  readonly load: (page: { cursor?: string; signal: AbortSignal }) => Promise<Page<Item>>;
  readonly columns: readonly Column<Item>[];
  readonly idOf: (item: Item) => string;
  /** Whether search or filters narrow the list: then an empty one says so. */
  readonly isNarrowed?: boolean;
  /** What an empty list teaches. */
  readonly empty: ReactNode;
  readonly refetchIntervalMs?: number;
}

/** What went wrong, with what to do next. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry?: () => unknown }) {
  const t = useText(kitMessages);
  const text = error instanceof ApiProblem ? `${error.problem.detail} ${error.problem.next}` : error.message;
  return (
    <div className="failure" role="alert">
      <p>
        {t('failed')} {text}
      </p>
      {retry !== undefined && <Button onClick={retry}>{t('retry')}</Button>}
    </div>
  );
}

/** A list that grows page by page. */
export function ObjectList<Item>(props: ObjectListProps<Item>) {
  const { label, queryKey, load, columns, idOf, isNarrowed = false, empty, refetchIntervalMs } = props;
  const t = useText(kitMessages);
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => load(pageParam === '' ? { signal } : { cursor: pageParam, signal }),
    getNextPageParam: (page: Page<Item>) => page.nextCursor,
    placeholderData: keepPreviousData,
    ...(refetchIntervalMs === undefined ? {} : { refetchInterval: refetchIntervalMs }),
  });
  if (query.error !== null) return <Failure error={query.error} retry={query.refetch} />;
  if (query.data === undefined) return <div className="skeleton" role="status" aria-label={t('loading')} />;
  const items = query.data.pages.flatMap((page) => page.items);
  if (items.length === 0)
    return isNarrowed ? (
      <p className="empty muted">{t('nothingFound')}</p>
    ) : (
      <div className="empty">{empty}</div>
    );
  return (
    <>
      <div className="table-scroll">
        <table className="table">
          <caption className="visually-hidden">{label}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.label} scope="col">
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={idOf(item)}>
                {columns.map((column) => (
                  <td key={column.label}>{column.render(item)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {query.hasNextPage && (
        <div>
          <Button isBusy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </>
  );
}
