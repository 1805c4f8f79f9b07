import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from './button.tsx';
import { kitMessages } from './messages.ts';
import { errorText } from './problem-text.ts';

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
  /** What can be done to several at once; rows can be chosen then. */
  readonly bulk?: (chosen: readonly Item[], onDone: () => void) => ReactNode;
  /** What a row is called where it is chosen. */
  readonly nameOf?: (item: Item) => string;
}

/** What went wrong, with what to do next. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry?: () => unknown }) {
  const t = useText(kitMessages);
  return (
    <div className="failure" role="alert">
      <p>
        {t('failed')} {errorText(error)}
      </p>
      {retry !== undefined && <Button onClick={retry}>{t('retry')}</Button>}
    </div>
  );
}

/** A list that grows page by page. */
export function ObjectList<Item>(props: ObjectListProps<Item>) {
  const { label, queryKey, load, columns, idOf, isNarrowed = false, empty, refetchIntervalMs } = props;
  const { bulk, nameOf = idOf } = props;
  const [chosenIds, setChosenIds] = useState<ReadonlySet<string>>(new Set());
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
  const chosen = items.filter((item) => chosenIds.has(idOf(item)));
  const chooseOnly = (some: readonly Item[]): void => setChosenIds(new Set(some.map(idOf)));
  const toggle = (item: Item): void =>
    chooseOnly(chosen.includes(item) ? chosen.filter((each) => each !== item) : [...chosen, item]);
  return (
    <>
      {bulk !== undefined && chosen.length > 0 && bulk(chosen, () => chooseOnly([]))}
      <div className="table-scroll">
        <table className="table">
          <caption className="visually-hidden">{label}</caption>
          <thead>
            <tr>
              {bulk !== undefined && (
                <th scope="col" className="choice">
                  <input
                    type="checkbox"
                    aria-label={t('chooseAll')}
                    checked={chosen.length === items.length}
                    onChange={() => chooseOnly(chosen.length === items.length ? [] : items)}
                  />
                </th>
              )}
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
                {bulk !== undefined && (
                  <td className="choice">
                    <input
                      type="checkbox"
                      aria-label={`${t('choose')}: ${nameOf(item)}`}
                      checked={chosenIds.has(idOf(item))}
                      onChange={() => toggle(item)}
                    />
                  </td>
                )}
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
